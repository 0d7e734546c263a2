//! Wrong usage, said without repeating what was typed: it may be a secret that stands in the wrong place.

use std::ffi::OsString;
use std::io::Write as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::app;
use super::failure::{ExitStatus, Failure};

/// Answers what clap did not take for a command: help and version, or a complaint.
pub(super) fn answer(error: &clap::Error, words: &[OsString]) -> ExitStatus {
    if !error.use_stderr() {
        // Help and version are a result: one that could not be written is lost.
        let written = error.print().and_then(|()| std::io::stdout().flush());
        return match written {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => app::report_early(&error.into(), words),
            _ => ExitStatus::Done,
        };
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand && !wants_json(words) {
        let _ = error.print();
        return ExitStatus::Usage;
    }
    app::report_early(&failure(error, words), words)
}

/// Whether the result was asked for as JSON, as far as can be told before the flags were read.
pub(super) fn wants_json(words: &[OsString]) -> bool {
    let words: Vec<&str> = words.iter().map_while(|word| Some(word.to_str().unwrap_or_default())).collect();
    let flags = words.split(|word| *word == "--").next().unwrap_or_default();
    let is_json = |word: &str| word.eq_ignore_ascii_case("json");
    flags.iter().any(|word| {
        let form = word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o"));
        form.is_some_and(|form| is_json(form.trim_start_matches('=')))
    }) || flags.windows(2).any(|pair| matches!(pair, ["-o" | "--output", form] if is_json(form)))
}

fn failure(error: &clap::Error, words: &[OsString]) -> Failure {
    let of = |kind| error.get(kind).map(texts).and_then(|texts| texts.into_iter().next()).unwrap_or_default();
    let flag = of(ContextKind::InvalidArg);
    let message = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "a command is missing".to_owned(),
        ErrorKind::InvalidSubcommand => {
            format!("{} is no command", place(&of(ContextKind::InvalidSubcommand), words))
        }
        ErrorKind::UnknownArgument if is_like_a_flag(&flag) => format!("there is no flag `{flag}` here"),
        ErrorKind::UnknownArgument => format!("{} is not expected here", place(&flag, words)),
        ErrorKind::InvalidValue if of(ContextKind::InvalidValue).is_empty() => format!("`{flag}` needs a value"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("the value of `{flag}` is not valid"),
        ErrorKind::TooManyValues => format!("`{flag}` was given a value too many"),
        // The rest speaks of our own flags only. Its first paragraph is the message.
        _ => {
            let text = error.render().to_string();
            let first = text.split("\n\n").next().unwrap_or_default();
            first.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" ")
        }
    };
    let mut failure = Failure::usage(message);
    let typed = of(ContextKind::InvalidSubcommand);
    let meant = (error.kind() == ErrorKind::InvalidSubcommand).then(|| meant(&typed, words)).flatten();
    let suggested = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    // The likeliest one is the last.
    let alike = suggested.into_iter().flat_map(|kind| error.get(kind).map(texts).unwrap_or_default().into_iter().rev());
    let alike = alike.filter(|suggestion| meant.is_none() && !is_opposite(&typed, suggestion));
    for suggestion in alike.chain(meant.clone()) {
        failure = failure.hint(format!("did you mean `{suggestion}`?"));
    }
    let values = error.get(ContextKind::ValidValue).map(texts).unwrap_or_default();
    if !values.is_empty() {
        failure = failure.hint(format!("it is one of: {}", values.join(", ")));
    }
    if error.kind() == ErrorKind::UnknownArgument
        && let Some(before) = flag_before(&flag, words)
    {
        failure = failure.hint(format!("a value that begins with `-` is tied to its flag, as in {before}=-abc"));
    }
    let usage = of(ContextKind::Usage);
    let usage = usage.trim().trim_start_matches("Usage:").split_whitespace().collect::<Vec<_>>().join(" ");
    if !usage.is_empty() {
        failure = failure.hint(format!("usage: {usage}"));
    }
    failure.hint("--help says more; what was typed is not repeated, since it may be a secret")
}

fn texts(value: &ContextValue) -> Vec<String> {
    match value {
        ContextValue::String(text) => vec![text.clone()],
        ContextValue::Strings(texts) => texts.clone(),
        ContextValue::StyledStr(text) => vec![text.to_string()],
        _ => Vec::new(),
    }
}

/// Where `typed` stands among the words.
fn place(typed: &str, words: &[OsString]) -> String {
    match words.iter().skip(1).position(|word| word.to_string_lossy() == typed) {
        Some(position) => format!("argument {}", position + 1),
        None => "one of the arguments".to_owned(),
    }
}

/// What other programs call commands of ours. By their letters alone, `resume` would lead to `remove`.
const ELSEWHERE: [(&str, &[&str]); 8] = [
    ("activate", &["enable", "on", "reactivate", "resume", "start", "unsuspend"]),
    ("issue", &["add", "create", "generate", "new"]),
    ("list", &["ls"]),
    ("remove", &["del", "delete", "destroy", "rm"]),
    ("revoke", &["del", "delete", "destroy", "remove", "rm"]),
    ("rotate", &["refresh", "regenerate", "renew", "reissue"]),
    ("show", &["describe", "get", "info", "view"]),
    ("suspend", &["deactivate", "disable", "off", "pause", "stop"]),
];

/// The command that somebody means who types it in capitals or by the word of another program, be it one of another command's.
fn meant(typed: &str, words: &[OsString]) -> Option<String> {
    let root = super::command();
    let down = |command, word: &OsString| clap::Command::find_subcommand(command, word).unwrap_or(command);
    let command = words.iter().skip(1).take_while(|word| *word != typed).fold(&root, down);
    let typed = typed.to_ascii_lowercase();
    let is_word_for = |name: &str| ELSEWHERE.iter().any(|(ours, theirs)| *ours == name && theirs.contains(&&*typed));
    let mut names = command.get_subcommands().map(clap::Command::get_name);
    names.find(|name| *name == typed || is_word_for(name)).map(str::to_owned)
}

/// Whether a word that is spelt alike says the opposite, as `activate` does of `deactivte`.
fn is_opposite(typed: &str, suggestion: &str) -> bool {
    let typed = typed.to_ascii_lowercase();
    ["de", "dis", "un"].iter().any(|prefix| typed.starts_with(prefix) && !suggestion.starts_with(prefix))
}

/// The flag that takes a value and stands before what clap took `typed` from.
fn flag_before(typed: &str, words: &[OsString]) -> Option<String> {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let at = words.iter().position(|word| word.starts_with(typed) && word.starts_with('-'))?;
    let before = words.get(at.checked_sub(1)?)?;
    takes_value(&super::command(), before.strip_prefix("--")?).then(|| before.to_string())
}

fn takes_value(command: &clap::Command, flag: &str) -> bool {
    let known = |argument: &clap::Arg| argument.get_long() == Some(flag) && argument.get_action().takes_values();
    command.get_arguments().any(known) || command.get_subcommands().any(|inner| takes_value(inner, flag))
}

/// A mistyped flag may be repeated: it is no secret.
fn is_like_a_flag(word: &str) -> bool {
    let name = word.trim_start_matches('-');
    word.starts_with('-') && name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_in_every_spelling_before_the_flags_are_read() {
        for (line, json) in [
            ("ssoctl check -o json", true),
            ("ssoctl check -oJSON", true),
            ("ssoctl check --output=Json", true),
            ("ssoctl check -o=json", true),
            ("ssoctl check --output human", false),
            ("ssoctl check --owner json", false),
            ("ssoctl check -- -o json", false),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(wants_json(&words), json, "{line}");
        }
    }

    #[test]
    fn a_command_in_capitals_is_known_for_what_is_meant() {
        for (line, meant) in [("ssoctl Check", "check"), ("ssoctl -q connection SHOW c1", "show")] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let error = <super::super::Cli as clap::Parser>::try_parse_from(&words).unwrap_err();
            assert!(failure(&error, &words).hints.contains(&format!("did you mean `{meant}`?")), "{line}");
        }
    }

    #[test]
    fn a_word_of_another_program_leads_to_the_command_that_does_it_and_never_to_its_opposite() {
        for (line, meant) in [
            ("ssoctl connection resume", &["activate"][..]),
            ("ssoctl connection Deactivate", &["suspend"]),
            ("ssoctl connection deactivte", &[]),
            ("ssoctl connection unsuspnd", &[]),
            ("ssoctl connection delete", &["remove"]),
            ("ssoctl scim delete", &["revoke"]),
            ("ssoctl scim renew", &["rotate"]),
            ("ssoctl connection actvate", &["activate"]),
            ("ssoctl remove", &["demo"]),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let error = <super::super::Cli as clap::Parser>::try_parse_from(&words).unwrap_err();
            let hints = failure(&error, &words).hints;
            let said: Vec<String> = hints.into_iter().filter(|hint| hint.starts_with("did you mean")).collect();
            let expected: Vec<String> = meant.iter().map(|name| format!("did you mean `{name}`?")).collect();
            assert_eq!(said, expected, "{line}");
        }
    }

    #[test]
    fn a_value_that_begins_with_a_dash_is_said_to_be_tied_to_its_flag() {
        for (line, told) in [
            ("ssoctl check --client-id -abc", true),
            ("ssoctl check --ticket -1", true),
            ("ssoctl check --client-id=-abc -x", false),
            ("ssoctl onboard --yes -x", false),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let error = <super::super::Cli as clap::Parser>::try_parse_from(&words).unwrap_err();
            let failure = failure(&error, &words);
            assert_eq!(failure.hints.iter().any(|hint| hint.contains("=-abc")), told, "{line}: {:?}", failure.hints);
        }
    }
}
