//! The terminal: results on standard output, everything else on standard error, and questions where somebody can answer.

pub mod progress;
pub mod prompt;

use std::io::{self, IsTerminal as _, Write as _};

use console::style;

use crate::finding::{Judgement, Verdict};
use crate::foreign;
use crate::paragraph::{self, wrapped};

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What standard output can do.
#[derive(Debug, Clone, Copy)]
struct Channel {
    color: bool,
    width: Option<u16>,
}

/// What standard error can do.
#[derive(Debug, Clone, Copy)]
struct ErrorChannel {
    color: bool,
    /// It is a terminal on which the cursor may move.
    moves: bool,
    /// Its columns; `None` where it is no terminal.
    width: Option<u16>,
}

/// The two channels to the reader, and what they can do.
#[derive(Debug, Clone)]
pub struct Ui {
    out: Channel,
    err: ErrorChannel,
    quiet: bool,
    interactive: bool,
}

impl Ui {
    /// Looks at the terminal and the flags.
    #[must_use]
    pub fn new(color: ColorChoice, quiet: bool, no_input: bool) -> Self {
        let (out, err, input) = (io::stdout().is_terminal(), io::stderr().is_terminal(), io::stdin().is_terminal());
        // https://no-color.org: an empty value does not count.
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let color = |terminal: bool| match color {
            ColorChoice::Auto => terminal && !plain,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        let columns = |terminal: console::Term| Some(terminal.size().1).filter(|width| *width > 0);
        let width = out.then(console::Term::stdout).and_then(columns);
        Self {
            out: Channel { color: color(out), width },
            err: ErrorChannel {
                color: color(err),
                moves: err && prompt::moves_cursor(),
                width: err.then(console::Term::stderr).and_then(columns),
            },
            quiet,
            interactive: input && err && !no_input,
        }
    }

    /// Whether standard output takes colour.
    #[must_use]
    pub const fn color(&self) -> bool {
        self.out.color
    }

    /// Columns of standard output; `None` where it is no terminal.
    #[must_use]
    pub const fn width(&self) -> Option<u16> {
        self.out.width
    }

    /// Whether questions can be asked.
    #[must_use]
    pub const fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Writes a result to standard output. A reader that has gone away (`| head`) is no error.
    ///
    /// # Errors
    ///
    /// Any other failure to write: the result would be lost.
    pub fn data(&self, text: &str) -> io::Result<()> {
        data(text)
    }

    /// Writes a result that exists nowhere else, to standard output.
    ///
    /// # Errors
    ///
    /// Any failure to write, that of a reader who has gone away among them: the result is lost.
    pub fn only_copy(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush())
    }

    /// Whether whatever is written to standard output is lost: it was closed, which the start of a program turns into
    /// `/dev/null`, or that is where it leads.
    #[must_use]
    pub fn loses_output(&self) -> bool {
        let null = rustix::fs::stat("/dev/null").map(|null| null.st_rdev);
        let out = rustix::fs::fstat(io::stdout());
        let is_device = |mode| rustix::fs::FileType::from_raw_mode(mode) == rustix::fs::FileType::CharacterDevice;
        matches!((null, out), (Ok(null), Ok(out)) if is_device(out.st_mode) && out.st_rdev == null)
    }

    /// Says on standard error what is going on; silent with `--quiet`.
    pub fn status(&self, text: &str) {
        if !self.quiet {
            say(text);
        }
    }

    /// A finished check, one live line on standard error.
    pub fn finished(&self, judgement: &Judgement) {
        if self.quiet || !self.interactive {
            return;
        }
        let lead = format!("{:<7} {:<18} ", judgement.verdict.label(), judgement.id.as_str());
        let line = wrapped(&lead, &judgement.summary, paragraph::columns(self.err.width));
        let (label, line) = line.split_at_checked(7).unwrap_or((&line, ""));
        let label = match (self.err.color, judgement.verdict) {
            (false, _) => label.to_owned(),
            (true, Verdict::Pass) => style(label).green().force_styling(true).to_string(),
            (true, Verdict::Fail) => style(label).red().bold().force_styling(true).to_string(),
            (true, _) => style(label).yellow().force_styling(true).to_string(),
        };
        say(&format!("{label}{line}"));
    }

    /// A warning on standard error.
    pub fn warning(&self, text: &str) {
        self.labelled("warning", text, |label| label.yellow().bold());
    }

    /// Advice on standard error; silent with `--quiet`.
    pub fn hint(&self, text: &str) {
        if !self.quiet {
            self.labelled("hint", text, |label| label.cyan().bold());
        }
    }

    /// An error on standard error: what happened, its cause, what to do.
    pub fn error(&self, what: &str, causes: &[String], hints: &[String]) {
        self.labelled("error", what, |label| label.red().bold());
        for cause in causes {
            say(&self.printable("  cause: ", cause));
        }
        for hint in hints {
            say(&self.printable("  hint: ", hint));
        }
    }

    fn labelled(
        &self,
        label: &'static str,
        text: &str,
        paint: impl Fn(console::StyledObject<&'static str>) -> console::StyledObject<&'static str>,
    ) {
        let text = self.printable(&format!("{label}: "), text);
        match text.strip_prefix(label).filter(|_| self.err.color) {
            Some(text) => say(&format!("{}{text}", paint(style(label)).force_styling(true))),
            None => say(&text),
        }
    }

    /// A message with nothing in it that acts on the terminal: file names and the system's words come from outside. Further
    /// lines are set in, so that none of them passes for a message of its own; on a terminal they are broken between words.
    fn printable(&self, lead: &str, text: &str) -> String {
        let mut lead = lead;
        let lines = text.trim_end().split('\n').map(|line| {
            let lead = std::mem::replace(&mut lead, "    ");
            let line = foreign::shown_whole(line);
            self.err
                .width
                .map_or_else(|| format!("{lead}{line}"), |width| wrapped(lead, &line, paragraph::columns(Some(width))))
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Writes a result to standard output. A reader that has gone away (`| head`) is no error.
///
/// # Errors
///
/// Any other failure to write: the result would be lost.
pub fn data(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// A line on standard error; where that is closed there is nobody left to tell.
pub fn say(line: &str) {
    let mut err = io::stderr().lock();
    let _ = writeln!(err, "{line}");
}
