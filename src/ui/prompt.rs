//! Questions to the person at the terminal.
//!
//! While a secret is typed the terminal's echo is off. Whoever presses Ctrl-C then gets a terminal that echoes again:
//! [`restore_terminal`] is called before the program ends.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use dialoguer::Input;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use secrecy::{SecretString, zeroize::Zeroizing};

/// Asks for a line of text; `None` for an empty answer.
///
/// # Errors
///
/// The terminal went away.
pub fn line(question: &str) -> io::Result<Option<String>> {
    let answer = if moves_cursor() {
        Input::new().with_prompt(on_one_line(question)).allow_empty(true).interact_text().map_err(terminal)?
    } else {
        plain_line(question)?
    };
    Ok(Some(answer).filter(|answer| !answer.trim().is_empty()))
}

/// Room that is kept for an answer beside its question.
const ANSWER: usize = 12;

/// What is asked on the line of the answer: the question, or its last line where it needs several, the others having been
/// shown. A line is drawn again once it is answered, which clears no more than the last of those that the terminal made of it.
fn on_one_line(question: &str) -> String {
    let columns = usize::from(console::Term::stderr().size().1);
    let (shown, last) = broken(question, columns.saturating_sub(ANSWER));
    if !shown.is_empty() {
        super::say(&shown);
    }
    last
}

/// `question` in lines of at most `width`, between words: all but the last line, and that.
fn broken(question: &str, width: usize) -> (String, String) {
    let (mut shown, mut line) = (String::new(), String::new());
    for word in question.split(' ') {
        let grown = console::measure_text_width(&line) + 1 + console::measure_text_width(word);
        if !line.is_empty() && grown > width {
            shown.push_str(if shown.is_empty() { "" } else { "\n" });
            shown.push_str(&std::mem::take(&mut line));
        }
        line.push_str(if line.is_empty() { "" } else { " " });
        line.push_str(word);
    }
    (shown, line)
}

/// Whether the terminal understands what moves its cursor: nothing else must be sent to one that does not.
pub(super) fn moves_cursor() -> bool {
    std::env::var_os("TERM").is_none_or(|value| value != "dumb")
}

/// Asks for a line with nothing but text.
fn plain_line(question: &str) -> io::Result<String> {
    console::Term::stderr().write_str(&format!("{question}: "))?;
    let mut line = String::new();
    if io::stdin().read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Throws away what stands in the terminal's input, and what a paste that is under way still brings: lines that nobody
/// asked for would otherwise answer the next question, and in the end run in the shell.
pub fn discard_rest_of_paste() {
    const QUIET: u32 = 4;
    let mut quiet = 0;
    for _ in 0..100 {
        let waiting = rustix::io::ioctl_fionread(io::stdin()).unwrap_or(0);
        let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
        quiet = if waiting == 0 { quiet + 1 } else { 0 };
        if quiet == QUIET {
            return;
        }
        std::thread::sleep(Duration::from_millis(40));
    }
}

/// Whether there is more in the terminal's input that nobody has asked for yet.
#[must_use]
pub fn is_more_waiting() -> bool {
    bytes_waiting() > 0
}

/// How many bytes stand in the terminal's input that nobody has asked for yet, with those of a line that has no end yet.
fn bytes_waiting() -> u64 {
    let Ok(settings) = tcgetattr(io::stdin()) else { return 0 };
    // Line by line, a terminal tells only of whole lines.
    let mut raw = settings.clone();
    raw.local_modes.remove(LocalModes::ICANON);
    let _ = tcsetattr(io::stdin(), OptionalActions::Now, &raw);
    let waiting = rustix::io::ioctl_fionread(io::stdin()).unwrap_or(0);
    let _ = tcsetattr(io::stdin(), OptionalActions::Now, &settings);
    waiting
}

/// A secret as it was typed.
#[derive(Debug, Clone)]
pub struct Typed {
    /// The line.
    pub text: SecretString,
    /// There was more in the paste than this line. One more return is nothing of the secret's.
    pub is_cut: bool,
}

/// Asks for a secret without echo; `None` for an empty answer. What a paste brings beyond its first line is thrown away, and
/// never shown.
///
/// # Errors
///
/// The terminal went away.
pub fn secret(question: &str) -> io::Result<Option<Typed>> {
    let term = console::Term::stderr();
    let settings = tcgetattr(io::stdin())?;
    let mut silent = settings.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
    let mut line = Zeroizing::new(String::new());
    let read = term.write_str(&format!("{question}: ")).and_then(|()| io::stdin().read_line(&mut line));
    let rest = bytes_waiting();
    if rest > 0 {
        discard_rest_of_paste();
    }
    // Whatever went wrong: a terminal without echo is no good to anybody.
    tcsetattr(io::stdin(), OptionalActions::Drain, &settings)?;
    if read? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    term.write_line("[hidden]")?;
    let text = line.trim_end_matches(['\r', '\n']);
    Ok((!text.trim().is_empty()).then(|| Typed { text: SecretString::from(text), is_cut: rest > 1 }))
}

/// Asks a yes-or-no question; no is the default. The answer is a whole line: a stray key must not switch anything on.
///
/// # Errors
///
/// The terminal went away.
pub fn confirm(question: &str) -> io::Result<bool> {
    const UNCLEAR: &str = "please answer yes or no";
    let question = format!("{question} [y/N]");
    while !moves_cursor() {
        match yes_or_no(&plain_line(&question)?) {
            Some(answer) => return Ok(answer),
            None => super::say(UNCLEAR),
        }
    }
    let answer: String = Input::new()
        .with_prompt(on_one_line(&question))
        .allow_empty(true)
        .validate_with(|answer: &String| yes_or_no(answer).map(drop).ok_or(UNCLEAR))
        .interact_text()
        .map_err(terminal)?;
    Ok(yes_or_no(&answer).unwrap_or_default())
}

/// What an answer means; `None` where it is neither.
fn yes_or_no(answer: &str) -> Option<bool> {
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Some(true),
        "" | "n" | "no" => Some(false),
        _ => None,
    }
}

fn terminal(error: dialoguer::Error) -> io::Error {
    let dialoguer::Error::IO(error) = error;
    if error.kind() == io::ErrorKind::Interrupted {
        // Ctrl-C came as a key and was raised as a signal: another thread is about to end the program, and this one
        // must not be quicker with a worse explanation.
        std::thread::sleep(LAST_WORDS);
    }
    error
}

/// How long the thread that ends the program on Ctrl-C may take over it.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Whether a write has begun: from then on nobody may be told that nothing was written.
static WRITING: AtomicBool = AtomicBool::new(false);

/// Says that the write begins.
pub fn writing_begins() {
    WRITING.store(true, Ordering::SeqCst);
}

/// Whether the command ends itself on Ctrl-C, in its own time.
static ENDS_ITSELF: AtomicBool = AtomicBool::new(false);

/// Says that the command listens for Ctrl-C itself.
pub fn command_ends_itself() {
    ENDS_ITSELF.store(true, Ordering::SeqCst);
}

/// Whether the command listens for Ctrl-C itself.
#[must_use]
pub fn does_command_end_itself() -> bool {
    ENDS_ITSELF.load(Ordering::SeqCst)
}

/// Whether the program was started to outlive its terminal, by `nohup` and its kin: SIGHUP was ignored then, and is to stay so.
///
/// Asked for first before anything listens for signals: listening for one takes the place of ignoring it. False where the system
/// does not say.
#[must_use]
pub fn is_hangup_ignored() -> bool {
    static IGNORED: OnceLock<bool> = OnceLock::new();
    *IGNORED.get_or_init(|| std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hangup(&status)))
}

/// Whether the state of a process, as Linux writes it, has SIGHUP (1, the lowest bit) among the signals it ignores.
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// What a person who pressed Ctrl-C is told.
#[must_use]
pub fn interrupted_words() -> &'static str {
    if WRITING.load(Ordering::SeqCst) {
        "interrupted while writing: either all of it is stored or nothing; run the same command again to find out"
    } else {
        "interrupted: nothing was written"
    }
}

/// The terminal as it was when the program started.
static TERMINAL: Mutex<Option<rustix::termios::Termios>> = Mutex::new(None);

/// Remembers the terminal's settings, to be put back by [`restore_terminal`].
pub fn remember_terminal() {
    let settings = rustix::termios::tcgetattr(io::stdin()).ok();
    if let Ok(mut remembered) = TERMINAL.lock() {
        *remembered = settings;
    }
}

/// Puts the terminal back as [`remember_terminal`] found it: echo on, and line mode.
pub fn restore_terminal() {
    if let Ok(remembered) = TERMINAL.lock()
        && let Some(settings) = remembered.as_ref()
    {
        let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, settings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_question_is_broken_between_words() {
        let pair = |shown: &str, last: &str| (shown.to_owned(), last.to_owned());
        assert_eq!(broken("Ticket (may stay empty)", 68), pair("", "Ticket (may stay empty)"));
        assert_eq!(broken("one two three four", 9), pair("one two\nthree", "four"));
        assert_eq!(broken("unbreakable word", 4), pair("unbreakable", "word"));
        assert_eq!(broken("a b", 0), pair("a", "b"));
    }

    #[test]
    fn what_nohup_started_is_told_by_the_signals_it_ignores() {
        assert!(ignores_hangup("SigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n"));
        assert!(!ignores_hangup("SigIgn:\t0000000000001000\nSigCgt:\t0000000000000001\n"));
        assert!(!ignores_hangup("Name:\tssoctl\n"));
    }

    #[test]
    fn only_a_whole_word_is_a_yes() {
        for (answer, meant) in [
            ("y", Some(true)),
            (" Yes ", Some(true)),
            ("", Some(false)),
            ("NO", Some(false)),
            ("maybe later", None),
            ("yy", None),
            ("only after friday", None),
        ] {
            assert_eq!(yes_or_no(answer), meant, "{answer:?}");
        }
    }
}
