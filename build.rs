//! Two things that make the program start sooner: tables of crates as plain text, and a link that leaves nothing to do
//! before `main`.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use unicode_security::confusable_detection::skeleton;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = std::env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    disposable_mailboxes(&folder.join("disposable_mailboxes.txt"))?;
    ascii_twins(&folder.join("ascii_twins.txt"))?;
    link_statically(&folder.join("static"))
}

/// Links the program without shared libraries and at a fixed address, as Go links its programs: nothing is looked up or
/// relocated before `main`, which took more than half of the time of a short command. Data, heap, stack and mappings stay
/// where the system puts them at random; `SSOCTL_LINK=dynamic` gives the code a random address too, and the machine's
/// libraries.
///
/// Rust's own switch for it, `-C target-feature=+crt-static`, would need `--target`, or no macro crate could be built.
/// The linker finds libraries by name; the names lead to the static ones here.
fn link_statically(folder: &Path) -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=SSOCTL_LINK");
    let variable = |name| std::env::var(name).unwrap_or_default();
    let is_known = variable("TARGET") == "x86_64-unknown-linux-gnu" && variable("HOST") == variable("TARGET");
    if !is_known || variable("SSOCTL_LINK") == "dynamic" || !has_static_libc() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    for name in ["m", "util", "rt", "pthread", "dl"] {
        std::fs::write(folder.join(format!("lib{name}.so")), format!("INPUT(-l:lib{name}.a)\n"))?;
    }
    for name in ["c", "gcc_s"] {
        std::fs::write(folder.join(format!("lib{name}.so")), "GROUP(-l:libc.a -l:libgcc_eh.a -l:libgcc.a)\n")?;
    }
    for argument in [&format!("-L{}", folder.display()), "-static", "-no-pie"] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
    Ok(())
}

/// Whether the C library is here for static linking, as it is with Debian's `libc6-dev`.
fn has_static_libc() -> bool {
    let found = Command::new("cc").arg("-print-file-name=libc.a").output();
    found.is_ok_and(|found| String::from_utf8_lossy(&found.stdout).starts_with('/'))
}

/// Disposable mail domains that `mailchecker` does not know.
const ALSO_DISPOSABLE: [&str; 5] =
    ["correotemporal.org", "fakermail.com", "minuteinbox.com", "tempmail.com", "tempmailaddress.com"];

/// The disposable mail domains that `mailchecker` lists, and a few more, sorted.
fn disposable_mailboxes(file: &Path) -> io::Result<()> {
    let mut domains = mailchecker::blacklist();
    domains.extend(ALSO_DISPOSABLE);
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
