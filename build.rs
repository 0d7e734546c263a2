//! Turns two tables of crates into plain text, which the program holds as it is. As tables of references they would cost
//! every start their relocation, `--version` included.

use std::io;
use std::path::{Path, PathBuf};

use unicode_security::confusable_detection::skeleton;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = std::env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    disposable_mailboxes(&folder.join("disposable_mailboxes.txt"))?;
    ascii_twins(&folder.join("ascii_twins.txt"))
}

/// The disposable mail domains that `mailchecker` lists, sorted.
fn disposable_mailboxes(file: &Path) -> io::Result<()> {
    let mut domains = mailchecker::blacklist();
    domains.retain(|domain| !domain.is_empty() && domain.is_ascii());
    domains.sort_unstable();
    domains.dedup();
    std::fs::write(file, domains.join("\n"))
}

/// Every character outside ASCII whose skeleton (Unicode Technical Standard 39, section 4) is ASCII, with that skeleton: a
/// line each. A text looks like ASCII where each of its characters does.
fn ascii_twins(file: &Path) -> io::Result<()> {
    let mut lines = String::new();
    for one in ('\u{80}'..=char::MAX).map(String::from) {
        let twin: String = skeleton(&one).collect();
        if twin.is_ascii() {
            lines += &one;
            lines += &twin;
            lines.push('\n');
        }
    }
    std::fs::write(file, lines)
}
