//! What is written down about the command line is true of it: help, README and completions.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::Command;
use clap::error::ErrorKind;
use clap_complete::{Generator as _, Shell};
use ssoctl::scim::BearerToken;

use crate::support::world::World;

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

const DOCUMENTS: [&str; 10] = [
    "README.md",
    "CONTRIBUTING.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "docs/checks.md",
    "docs/product.md",
    "docs/replies.md",
    "docs/saml.md",
    "docs/scim-tokens.md",
    "docs/your-database.md",
];

/// Every command and subcommand, each with its words.
fn commands() -> Vec<(String, Command)> {
    fn walk(words: &str, command: &Command, all: &mut Vec<(String, Command)>) {
        all.push((words.to_owned(), command.clone()));
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            walk(&format!("{words} {}", inner.get_name()), inner, all);
        }
    }
    let mut root = ssoctl::cli::command();
    root.build();
    let mut all = Vec::new();
    walk("ssoctl", &root, &mut all);
    all
}

#[test]
fn the_help_of_every_command_has_a_worked_example_of_that_command() {
    for (words, command) in commands().into_iter().skip(1) {
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(after.starts_with("Example"), "{words} --help has no example");
        // A terminal of 80 columns breaks a longer line where it is full, and what was copied is two commands then.
        assert!(after.lines().all(|line| line.chars().count() <= 80), "{words}: {after}");
        let lines = command_lines(&after);
        assert!(
            lines.iter().any(|line| line.join(" ").starts_with(&words)),
            "the example of {words} is of another command"
        );
        for line in lines {
            assert_taken(&line, &words);
        }
    }
}

#[test]
fn the_help_of_every_command_is_printed_with_its_example_and_the_shared_flags_behind_its_own() {
    for (words, _) in commands().into_iter().skip(1) {
        let mut arguments: Vec<&str> = words.split(' ').skip(1).collect();
        arguments.push("--help");
        let help = World::empty().call().program(crate::support::world::BINARY, arguments).expect_code(0).stdout;
        let shared = help.find("--allow-origin").unwrap_or_else(|| panic!("{words}: {help}"));
        let example = help.find("\nExample").unwrap_or_else(|| panic!("{words}: {help}"));
        assert!(shared < example, "{words}");
        assert!(help.find("Options of every command:").is_some_and(|at| at < shared), "{words}");
    }
}

#[test]
fn every_command_line_in_the_readme_is_one_that_the_program_takes() {
    let mut seen = 0;
    for name in
        ["README.md", "CONTRIBUTING.md", "docs/checks.md", "docs/replies.md", "docs/saml.md", "docs/scim-tokens.md"]
    {
        for block in code_blocks(&read(name)) {
            for line in command_lines(&block) {
                assert_taken(&line, name);
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "only {seen} command lines were found");
}

#[test]
fn every_flag_in_the_documents_exists() {
    let ours: BTreeSet<String> = commands()
        .iter()
        .flat_map(|(_, command)| command.get_arguments().filter_map(|one| one.get_long()).map(str::to_owned))
        .collect();
    // Of cargo and of the shell tools that the documents use; and the one that is refused on purpose.
    let others = [
        "client-secret",
        "bench",
        "release",
        "locked",
        "test",
        "doc",
        "profile",
        "all-targets",
        "lib",
        "path",
        "out",
        "arg",
        "run-ignored",
    ];
    for name in DOCUMENTS {
        let text = read(name);
        for (at, _) in text.match_indices("--") {
            let flag: String =
                text[at + 2..].chars().take_while(|one| one.is_ascii_lowercase() || *one == '-').collect();
            let begins = !text[..at].ends_with(|one: char| one.is_alphanumeric() || one == '-');
            if !begins || !flag.starts_with(|one: char| one.is_ascii_lowercase()) {
                continue;
            }
            assert!(ours.contains(&flag) || others.contains(&flag.as_str()), "{name} mentions --{flag}");
        }
    }
}

#[test]
fn the_readme_names_every_command_every_configuration_key_and_every_exit_status() {
    let readme = read("README.md");
    for (words, _) in commands().into_iter().skip(1) {
        assert!(readme.contains(&words), "README.md does not mention `{words}`");
    }
    for line in read("src/cli/init/ssoctl.toml").lines() {
        let Some((key, _)) = line.trim_start_matches("# ").split_once(" = ") else { continue };
        assert!(readme.contains(&format!("`{key}`")), "README.md does not explain the key `{key}`");
    }
    for status in ["0", "1", "2", "3", "70", "75"] {
        assert!(readme.contains(&format!("\n| {status} |")), "README.md has no row for exit status {status}");
    }
}

#[test]
fn the_page_on_replies_names_every_file_variable_and_make_and_no_other_variable() {
    use ssoctl::report::reply::{MAILS, OIDC_VARIABLES, REASON_VARIABLES, SAML_VARIABLES, VARIABLES, Value};

    let page = read("docs/replies.md");
    for (name, _) in MAILS {
        assert!(page.contains(&format!("| `{name}.txt` |")), "{name}.txt");
    }
    let named: BTreeSet<&str> =
        page.split("`{").skip(1).filter_map(|rest| rest.split_once("}`")).map(|(name, _)| name).collect();
    let outcomes = VARIABLES.into_iter().chain(REASON_VARIABLES);
    let known: BTreeSet<&str> = outcomes.chain(OIDC_VARIABLES).chain(SAML_VARIABLES).collect();
    assert_eq!(named, known);
    for value in Value::ALL {
        assert!(page.contains(&format!("`{}`", value.key())), "{value:?}");
    }
    let places: toml::Table = read("src/report/replies/en/places.toml").parse().unwrap();
    for make in places.keys() {
        assert!(page.contains(&format!("`{make}`")), "{make}");
    }
}

#[test]
fn the_documents_name_every_column_that_the_product_fills_and_reads() {
    let world = World::new();
    for (name, tables) in [
        ("README.md", ["product_users", "product_teams", "product_memberships"].as_slice()),
        ("docs/product.md", &["sso_connections", "sso_domains"]),
    ] {
        let text = read(name);
        for table in tables {
            for row in world.sql(&format!("SELECT name FROM pragma_table_info('{table}')")) {
                assert!(text.contains(&format!("`{}`", row[0])), "{name} does not mention {table}.{}", row[0]);
            }
        }
    }
}

#[test]
fn the_queries_of_the_documents_run_on_a_fresh_database() {
    let world = World::new();
    for name in ["README.md", "docs/product.md", "docs/scim-tokens.md"] {
        let queries: Vec<String> =
            code_blocks_of(&read(name), "sql").into_iter().filter(|one| one.contains("SELECT")).collect();
        assert!(!queries.is_empty(), "{name}");
        for query in queries {
            let parameters = [":domain", ":sha256", ":account_token"];
            let query = parameters.iter().fold(query, |query, name| query.replace(name, "'x'"));
            assert_eq!(world.sql(&query), Vec::<Vec<String>>::new());
        }
    }
}

#[test]
fn the_page_on_scim_tokens_has_every_column_and_a_token_of_the_form_it_describes() {
    let page = read("docs/scim-tokens.md");
    for row in World::new().sql("SELECT name FROM pragma_table_info('scim_tokens')") {
        assert!(page.contains(&format!("| `{}` |", row[0])), "{} is not on the page", row[0]);
    }
    let example = page.lines().find(|line| line.starts_with("ssoctl_scim_")).unwrap();
    BearerToken::parse(example).unwrap();
    assert!(page.contains("ssoctl_scim_[0-9A-Za-z]{39}"));
}

#[test]
fn every_relative_link_of_the_documents_leads_somewhere() {
    for name in DOCUMENTS {
        let text = read(name);
        for target in text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)) {
            if target.contains("://") || target.starts_with('#') {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name).parent().unwrap().join(file);
            assert!(path.exists(), "{name} links to {target}");
            if !anchor.is_empty() {
                let there = fs::read_to_string(path).unwrap();
                assert!(there.contains(&format!("\n## {anchor}\n")), "{name} links to {target}");
            }
        }
    }
}

#[test]
fn the_committed_completions_are_the_generated_ones() {
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Elvish, Shell::PowerShell] {
        let name = format!("completions/{}", shell.file_name("ssoctl"));
        let generated = World::empty().ssoctl(["completions", &shell.to_string()]).expect_code(0).stdout;
        let committed = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&name)).unwrap_or_default();
        assert!(generated == committed, "{name} is not current: run `ssoctl completions {shell} > {name}`");
        assert!(generated.contains("onboard") && generated.contains("allow-origin"), "{name}");
    }
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let world = World::empty();
    world.ssoctl(["man", "--out", "man1"]).expect_code(0);
    for (words, _) in commands() {
        let page = fs::read_to_string(world.path("man1").join(format!("{}.1", words.replace(' ', "-"))));
        assert!(page.is_ok_and(|page| page.contains(".SH NAME")), "{words}");
    }
}

fn code_blocks(document: &str) -> Vec<String> {
    document.split("```").skip(1).step_by(2).map(str::to_owned).collect()
}

pub(crate) fn code_blocks_of(document: &str, language: &str) -> Vec<String> {
    code_blocks(document)
        .iter()
        .filter_map(|block| block.strip_prefix(&format!("{language}\n")))
        .map(str::to_owned)
        .collect()
}

/// Fails unless `words` are a command line of the program.
#[track_caller]
fn assert_taken(words: &[String], from: &str) {
    if let Err(error) = ssoctl::cli::command().try_get_matches_from(words) {
        let fine = [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion].contains(&error.kind());
        assert!(fine, "{from}: {}\n{error}", words.join(" "));
    }
}

/// The command lines of the program in a text that may hold other things: from the word `ssoctl` at the start of a
/// command to its end. In a transcript, only lines behind a prompt are typed; without one, every line may be.
fn command_lines(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    let transcript = joined.lines().any(|line| line.starts_with("$ "));
    let typed = joined.lines().filter_map(|line| if transcript { line.strip_prefix("$ ") } else { Some(line) });
    typed.flat_map(commands_of_line).collect()
}

pub(crate) fn commands_of_line(line: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for simple in simple_commands(line) {
        let mut words = simple.into_iter().skip_while(|word| {
            let (name, _) = word.split_once('=').unwrap_or(("", ""));
            ["if", "!", "then", "while", "sudo", "-u"].contains(&word.as_str())
                || (!name.is_empty() && name.bytes().all(|one| one.is_ascii_uppercase() || one == b'_'))
        });
        match words.next().as_deref() {
            Some("ssoctl") => found.push(std::iter::once("ssoctl".to_owned()).chain(words).collect()),
            Some("cargo") => {
                let ours = words.skip_while(|word| word != "--").skip(1);
                let words: Vec<String> = std::iter::once("ssoctl".to_owned()).chain(ours).collect();
                if words.len() > 1 && line.contains("cargo run") {
                    found.push(words);
                }
            }
            _ => {}
        }
    }
    found
}

/// The words of a line of shell, by simple command; quotes are taken off, redirections and comments left out.
fn simple_commands(line: &str) -> Vec<Vec<String>> {
    let (mut commands, mut words, mut word) = (Vec::new(), Vec::new(), None::<String>);
    let (mut quote, mut depth) = (None, 0_usize);
    for one in line.chars() {
        match (one, quote) {
            (_, Some(open)) if one == open && depth == 0 => quote = None,
            ('(', _) if word.as_deref().is_some_and(|so_far| depth > 0 || so_far.ends_with('$')) => {
                depth += 1;
                word.get_or_insert_default().push(one);
            }
            (')', _) if depth > 0 => {
                depth -= 1;
                word.get_or_insert_default().push(one);
            }
            (_, Some(_)) => word.get_or_insert_default().push(one),
            _ if depth > 0 => word.get_or_insert_default().push(one),
            ('\'' | '"', None) => {
                quote = Some(one);
                word.get_or_insert_default().push(QUOTED);
            }
            ('#', None) if word.is_none() => break,
            ('|' | ';' | '&', None) => {
                words.extend(word.take());
                commands.push(std::mem::take(&mut words));
            }
            (one, None) if one.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(one),
        }
    }
    words.extend(word);
    commands.push(words);
    commands.into_iter().map(without_redirections).collect()
}

/// Stands where a quote was, so that what is quoted is not taken for an operator.
const QUOTED: char = '\0';

fn without_redirections(words: Vec<String>) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let operator = word.trim_start_matches(|one: char| one.is_ascii_digit());
        let target = operator.trim_start_matches(['<', '>']);
        match (operator.len() == target.len(), target) {
            (true, _) => kept.push(word.replace(QUOTED, "")),
            // The file is the next word.
            (false, "") => _ = words.next(),
            (false, _) => {}
        }
    }
    kept
}

#[test]
fn a_line_of_shell_is_read_as_a_shell_would() {
    let lines = command_lines(
        "$ A=1 ssoctl check --ticket 48213 --issuer '<a b>' 3<file >> out -o json | jq .\nssoctl not typed\n",
    );
    assert_eq!(lines, [["ssoctl", "check", "--ticket", "48213", "--issuer", "<a b>", "-o", "json"]]);
    let lines = command_lines("if ssoctl check --owner \"$(head -1 \"$f\")\" \\\n  -q; then # ssoctl no\n");
    assert_eq!(lines[0][..3], ["ssoctl", "check", "--owner"]);
    assert_eq!(lines[0].last().map(String::as_str), Some("-q"));
    assert_eq!(command_lines("cargo run --release -- demo"), [["ssoctl", "demo"]]);
    assert!(command_lines("cargo nextest run --test suite").is_empty());
}
