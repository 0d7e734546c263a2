//! `docs/checks.md` says what the catalogue says, and names every reason code that the source has, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ssoctl::checks::CATALOGUE;
use ssoctl::checks::reasons::reasons;
use ssoctl::finding::NOT_ASKED;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document() -> String {
    fs::read_to_string(root().join("docs/checks.md")).unwrap()
}

/// `text` on one line, so that line breaks do not matter.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The headings with what stands below each.
fn sections(document: &str) -> Vec<(&str, &str)> {
    document.split("\n## ").skip(1).map(|section| section.split_once('\n').unwrap()).collect()
}

#[test]
fn every_check_has_a_heading_in_the_order_of_the_catalogue() {
    let document = document();
    let headings: Vec<&str> = sections(&document).into_iter().map(|(heading, _)| heading).collect();
    let ids: Vec<&str> = CATALOGUE.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(headings, ids);
}

#[test]
fn every_section_says_what_explain_says() {
    let document = document();
    for ((_, section), entry) in sections(&document).into_iter().zip(CATALOGUE) {
        let section = flat(section);
        for (title, text) in [
            ("Looks at", entry.looks_at),
            ("Why", entry.why),
            ("Verdicts", entry.verdicts),
            ("What you do", entry.agent),
            ("What the customer is told", entry.customer),
            ("Source", entry.source),
        ] {
            let wanted = format!("**{title}** {}", flat(text));
            assert!(section.contains(&wanted), "docs/checks.md, {}: it should say\n{wanted}", entry.id);
        }
    }
}

#[test]
fn every_reason_code_of_the_source_is_documented_and_nothing_else_is() {
    let documented: BTreeSet<String> = reasons().map(|reason| reason.code.to_owned()).collect();
    let source = codes_of_the_source();
    assert!(source.len() > 80, "the source was not read: {source:?}");
    let missing: Vec<&String> = source.difference(&documented).collect();
    let stale: Vec<&String> = documented.difference(&source).collect();
    assert!(missing.is_empty() && stale.is_empty(), "not documented: {missing:?}; not in the source: {stale:?}");
}

#[test]
fn no_section_documents_a_code_twice_and_every_level_is_a_word_of_the_contract() {
    let mut known = BTreeSet::new();
    for reason in reasons() {
        assert!(known.insert((reason.check.as_str(), reason.code)), "{reason:?}");
        assert!(["fail", "warn", "unknown", "note"].contains(&reason.level), "{reason:?}");
    }
}

/// What a code is the first argument of.
const CALLS: [&str; 5] =
    ["Finding::fail(", "Finding::warn(", "Finding::unknown(", "Finding::note(", "Finding::remark("];

/// Shorthands for those, in the rooms of checks and intake.
const SHORTHANDS: [&str; 3] = ["refuse(", "correction(", "placeholder_finding("];

/// First arguments that are no literal: where their codes come from is read below.
const INDIRECT: [&str; 5] = ["NOT_ASKED", "code", "problem.code()", "not_json.code()", "status_code(*status)"];

fn codes_of_the_source() -> BTreeSet<String> {
    let mut codes = BTreeSet::from([NOT_ASKED.to_owned()]);
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let judges = ["checks", "intake"].iter().any(|room| file.parent().is_some_and(|parent| parent.ends_with(room)));
        let shorthands: &[&str] = if judges { &SHORTHANDS } else { &[] };
        for (call, at) in
            CALLS.iter().chain(shorthands).flat_map(|call| text.match_indices(call).map(move |(at, _)| (call, at)))
        {
            let defines = text[..at].ends_with("fn ");
            let inside_a_word = text[..at].ends_with(|one: char| one.is_alphanumeric() || one == '_');
            if defines || inside_a_word {
                continue;
            }
            let argument = first_argument(&text[at + call.len()..]);
            let literals = literals(argument);
            assert!(
                !literals.is_empty() || INDIRECT.contains(&argument),
                "{}: `{argument}` is no code this test can read",
                file.display()
            );
            codes.extend(literals);
        }
        // `fn code(&self) -> &'static str { match self { … => "a_code", … } }`, and the same for an HTTP status
        for (at, _) in text.match_indices("fn code(").chain(text.match_indices("fn status_code(")) {
            codes.extend(literals(block(&text[at..])));
        }
        // `let (code, kind) = if … { ("a_code", "in words") } else …`
        for (at, _) in text.match_indices("let (code,") {
            let statement = text[at..].split("};").next().unwrap();
            let first_of_each = statement.match_indices("(\"").map(|(at, _)| first_argument(&statement[at + 1..]));
            codes.extend(first_of_each.flat_map(literals));
        }
    }
    codes
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs")
            && !path.components().any(|part| part.as_os_str() == "tests")
        {
            files.push(path);
        }
    }
    files
}

/// `text` up to the comma or bracket that ends the first argument.
fn first_argument(text: &str) -> &str {
    let (mut depth, mut quoted) = (0_usize, false);
    for (at, one) in text.char_indices() {
        match one {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '{' | '[' => depth += 1,
            ',' | ')' if depth == 0 => return text[..at].trim(),
            ')' | '}' | ']' => depth -= 1,
            _ => {}
        }
    }
    text
}

/// The braces of `text`'s first block, and what is between them.
fn block(text: &str) -> &str {
    let start = text.find('{').unwrap();
    let mut depth = 0_usize;
    for (at, one) in text[start..].char_indices() {
        match one {
            '{' => depth += 1,
            '}' if depth == 1 => return &text[start..=start + at],
            '}' => depth -= 1,
            _ => {}
        }
    }
    text
}

/// The string literals of `text` that have the shape of a code.
fn literals(text: &str) -> Vec<String> {
    let is_code = |one: &&str| {
        !one.is_empty() && one.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    text.split('"').skip(1).step_by(2).filter(is_code).map(str::to_owned).collect()
}
