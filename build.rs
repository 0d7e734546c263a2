//! Writes the disposable mail domains that the `mailchecker` crate lists into one sorted text, which the program holds
//! as it is. As a table of 56,000 references it would cost every start their relocation, `--version` included, and every
//! judgement of a domain a sort.

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut domains = mailchecker::blacklist();
    domains.retain(|domain| !domain.is_empty() && domain.is_ascii());
    domains.sort_unstable();
    domains.dedup();
    let folder = std::env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    std::fs::write(folder.join("disposable_mailboxes.txt"), domains.join("\n"))
}
