//! The password file: `hostname:port:database:username:password` a line, first match wins.
//!
//! Source: PostgreSQL documentation, "The Password File" of libpq.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tokio_postgres::config::Host;

/// The password for one of `hosts`; `None` where the file is not there or has none.
///
/// # Errors
///
/// Why the file was not used, in words with what to do: others may read it, or it cannot be read.
pub(super) fn password(
    file: &Path,
    hosts: &[(Host, u16)],
    database: &str,
    user: &str,
) -> Result<Option<String>, String> {
    let Ok(about) = std::fs::metadata(file) else { return Ok(None) };
    let place = file.display();
    if !about.is_file() {
        return Err(format!("the password file `{place}` was not used: it is no regular file"));
    }
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(format!(
            "the password file `{place}` was not used: others may read it (mode {mode:04o}); chmod 600 it"
        ));
    }
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("the password file `{place}` was not used: {error}"))?;
    let entries: Vec<[String; 5]> = text.lines().filter_map(entry).collect();
    let found = hosts.iter().find_map(|(host, port)| {
        let host = match host {
            Host::Tcp(name) => name.clone(),
            // A server of this machine, by whichever socket.
            Host::Unix(_) => "localhost".to_owned(),
        };
        let wanted = [host, port.to_string(), database.to_owned(), user.to_owned()];
        entries.iter().find_map(|[rest @ .., password]| {
            let fits = rest.iter().zip(&wanted).all(|(field, wanted)| field == "*" || field == wanted);
            fits.then(|| password.clone())
        })
    });
    Ok(found)
}

/// The five fields of a line, `\` taking the meaning from the character behind it.
fn entry(line: &str) -> Option<[String; 5]> {
    if line.starts_with('#') {
        return None;
    }
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => fields.last_mut()?.extend(characters.next()),
            ':' if fields.len() < 5 => fields.push(String::new()),
            other => fields.last_mut()?.push(other),
        }
    }
    fields.try_into().ok()
}
