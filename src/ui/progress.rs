//! How far a long run is, on standard error: a bar on a terminal, else a plain line now and then.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Ui, say};

/// How often a plain line is written.
const EVERY: Duration = Duration::from_secs(10);

/// Times a second that a bar is drawn.
const DRAWN: u8 = 5;

/// A run that can be watched.
pub struct Progress {
    shown: Shown,
    started: Instant,
}

enum Shown {
    Bar(ProgressBar),
    Lines { last: Instant },
    Nothing,
}

impl Progress {
    /// Begins. Nothing is shown with `--quiet`; `lines_on_stdout` says that results are printed meanwhile, which a bar on
    /// the same terminal would be torn by.
    #[must_use]
    pub fn begin(ui: &Ui, lines_on_stdout: bool) -> Self {
        let torn = lines_on_stdout && std::io::stdout().is_terminal();
        let now = Instant::now();
        let shown = if ui.quiet || torn {
            Shown::Nothing
        } else if ui.err.moves {
            // Every change of a visible bar draws it: until all that it shows is known, there is nothing to see.
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            bar.set_style(style("{spinner} {pos} rows, {prefix}, {elapsed}: {msg}"));
            Shown::Bar(bar)
        } else {
            Shown::Lines { last: now }
        };
        Self { shown, started: now }
    }

    /// `done` rows have ended, of `expected` where that can be told by now; `words` say how.
    pub fn tell(&mut self, done: u64, expected: Option<u64>, words: impl FnOnce() -> String) {
        match &mut self.shown {
            Shown::Bar(bar) => {
                if let Some(expected) = expected.filter(|expected| *expected >= done) {
                    if bar.length().is_none() {
                        bar.set_style(style("[{bar:24}] {pos} of about {len} rows, {prefix}, {eta} left: {msg}"));
                    }
                    bar.set_length(expected);
                }
                bar.set_position(done);
                bar.set_prefix(format!("{}/s", per_second(done, self.started.elapsed())));
                bar.set_message(words());
                if bar.is_hidden() {
                    bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(DRAWN));
                    bar.tick();
                }
            }
            Shown::Lines { last } if last.elapsed() >= EVERY => {
                *last = Instant::now();
                say(&line(done, expected, self.started.elapsed(), &words()));
            }
            Shown::Lines { .. } | Shown::Nothing => {}
        }
    }

    /// Ends, after `done` rows: the bar goes, and how long it took is said.
    pub fn end(self, done: u64, words: &str) {
        match &self.shown {
            Shown::Nothing => return,
            Shown::Bar(bar) => bar.finish_and_clear(),
            Shown::Lines { .. } => {}
        }
        let elapsed = self.started.elapsed();
        let rate = per_second(done, elapsed);
        say(&format!("{} in {}, {rate} rows/s: {words}", rows(done), in_words(elapsed)));
    }
}

/// A number of rows, in words.
#[must_use]
pub fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

fn line(done: u64, expected: Option<u64>, elapsed: Duration, words: &str) -> String {
    let rate = per_second(done, elapsed);
    let left = expected.filter(|expected| *expected > done && done > 0).map(|expected| {
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let share = (expected - done) as f64 / done as f64;
        format!(", about {} left", in_words(elapsed.mul_f64(share)))
    });
    format!("{} done, {rate} rows/s{}: {words}", rows(done), left.unwrap_or_default())
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate, rounded"
)]
fn per_second(done: u64, elapsed: Duration) -> u64 {
    (done as f64 / elapsed.as_secs_f64().max(0.001)).round() as u64
}

fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => format!("{} ms", time.as_millis()),
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_line_has_counts_rate_and_time_left() {
        let said = line(500, Some(2000), Duration::from_secs(50), "480 onboarded, 20 refused");
        assert_eq!(said, "500 rows done, 10 rows/s, about 2 min 30 s left: 480 onboarded, 20 refused");
        let said = line(500, None, Duration::from_secs(50), "500 onboarded");
        assert_eq!(said, "500 rows done, 10 rows/s: 500 onboarded");
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        let words = [80, 3_000, 61_000, 7_300_000].map(|ms| in_words(Duration::from_millis(ms)));
        assert_eq!(words, ["80 ms", "3 s", "1 min 1 s", "2 h 1 min"]);
    }
}
