//! The `ssoctl` binary: runs the command line, and is the only place that ends the process.

use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};
use ssoctl::cli::{self, ExitStatus};
use ssoctl::ui::prompt;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    if rustix::process::getuid() != rustix::process::geteuid()
        || rustix::process::getgid() != rustix::process::getegid()
    {
        // Somebody else's rights with the caller's environment, files and terminal: never.
        ssoctl::ui::say("error: ssoctl does not run with another user's rights (setuid or setgid)");
        return ExitCode::from(ExitStatus::Fault.code());
    }
    leave_no_core();
    let status = match cli::parse(&std::env::args_os().collect::<Vec<_>>()) {
        Ok(cli) => {
            prompt::remember_terminal();
            end_on_signals();
            cli::run(cli)
        }
        Err(ended) => ended,
    };
    ExitCode::from(status.code())
}

/// A core dump would hold the secrets that the process has in memory.
///
/// Of one byte: that is too little for a file, and where Linux hands dumps to a program of its own (`core_pattern` with `|`),
/// which a limit of nothing does not prevent, it is the one that does.
fn leave_no_core() {
    let maximum = getrlimit(Resource::Core).maximum;
    if setrlimit(Resource::Core, Rlimit { current: Some(1), maximum }).is_err() {
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum });
    }
}

/// Ctrl-C ends the program from a thread of its own, since a question at the terminal blocks the main one; so do SIGTERM
/// and SIGHUP, which would leave a hidden question's terminal without echo. A transaction that was not committed leaves no trace.
///
/// A limit on the size of files is met as an error of writing, and not as the end of the program.
///
/// Returns when the signals are listened for: a command may meet any of them from its first step on. All but SIGHUP, for which
/// the system is asked first.
fn end_on_signals() {
    let (listening, listens) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        let Ok(runtime) = runtime else { return };
        let status = runtime.block_on(async {
            let _too_large = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()));
            let (mut interrupt, mut terminate) =
                (signal(SignalKind::interrupt()).ok()?, signal(SignalKind::terminate()).ok()?);
            let _ = listening.send(());
            let outlives_terminal = prompt::is_hangup_ignored();
            let mut hang_up = signal(SignalKind::hangup()).ok()?;
            // A command that ends itself is given the first Ctrl-C, SIGTERM and SIGHUP; the second is meant as it is.
            let mut pressed = 0;
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {
                        pressed += 1;
                        if pressed > 1 || !prompt::does_command_end_itself() {
                            return Some(130);
                        }
                    }
                    _ = terminate.recv() => {
                        if !prompt::does_command_end_itself() {
                            return Some(143);
                        }
                    }
                    _ = hang_up.recv() => {
                        if !outlives_terminal && !prompt::does_command_end_itself() {
                            return Some(129);
                        }
                    }
                }
            }
        });
        if let Some(status) = status {
            prompt::restore_terminal();
            ssoctl::ui::say(&format!("\n{}", prompt::interrupted_words()));
            #[expect(clippy::disallowed_methods, reason = "this is main")]
            std::process::exit(status);
        }
    });
    // Where nothing listens, the other end is gone.
    let _ = listens.recv();
}
