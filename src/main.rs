//! The `ssoctl` binary: runs the command line, and is the only place that ends the process.

use std::process::ExitCode;

use ssoctl::cli::{self, ExitStatus};
use ssoctl::ui::prompt;

fn main() -> ExitCode {
    if rustix::process::getuid() != rustix::process::geteuid()
        || rustix::process::getgid() != rustix::process::getegid()
    {
        // Somebody else's rights with the caller's environment, files and terminal: never (cli-031).
        ssoctl::ui::say("error: ssoctl does not run with another user's rights (setuid or setgid)");
        return ExitCode::from(ExitStatus::Fault.code());
    }
    let status = match cli::parse(&std::env::args_os().collect::<Vec<_>>()) {
        Ok(cli) => {
            prompt::remember_terminal();
            end_on_interrupt();
            cli::run(cli)
        }
        Err(ended) => ended,
    };
    ExitCode::from(status.code())
}

/// Ctrl-C ends the program from a thread of its own, since a question at the terminal blocks the main one. A
/// transaction that was not committed leaves no trace.
fn end_on_interrupt() {
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        let Ok(runtime) = runtime else { return };
        let pressed = || runtime.block_on(tokio::signal::ctrl_c()).is_ok();
        // A command that ends itself is given the first one; the second is meant as it is.
        if pressed() && (!prompt::does_command_end_itself() || pressed()) {
            prompt::restore_terminal();
            ssoctl::ui::say(&format!("\n{}", prompt::interrupted_words()));
            #[expect(clippy::disallowed_methods, reason = "this is main")]
            std::process::exit(130);
        }
    });
}
