//! What reading one support mail costs: every mail of `fixtures/mail`, and one of a megabyte; beside taking the same mail
//! apart into its MIME parts, which is the least that any reader does.
//!
//! ```text
//! cargo bench --bench ticket
//! ```

use std::error::Error;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use mail_parser::MessageParser;
use ssoctl::ticket::{Settings, read};

const ROUNDS: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mail");
    let mut mails: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in std::fs::read_dir(root)? {
        let folder = entry?.path();
        let name = folder.file_name().map(|name| name.display().to_string()).unwrap_or_default();
        mails.push((name, std::fs::read(folder.join("mail.eml"))?));
    }
    mails.push(("(a megabyte of HTML)".to_owned(), large()));
    let settings = Settings::default();
    let mut medians: Vec<(Duration, Duration, &str)> = Vec::new();
    for (name, mail) in &mails {
        let (mut reading, mut parsing) = (Vec::with_capacity(ROUNDS), Vec::with_capacity(ROUNDS));
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let _ = black_box(read(black_box(mail), &settings));
            reading.push(started.elapsed());
            let started = Instant::now();
            let _ = black_box(MessageParser::default().parse(black_box(mail)));
            parsing.push(started.elapsed());
        }
        medians.push((median(reading), median(parsing), name));
    }
    medians.sort_unstable();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} mails, p50 of {ROUNDS} rounds each", medians.len())?;
    if let Some((reading, parsing, _)) = medians.get(medians.len() / 2) {
        writeln!(out, "the middle one: {:.3} ms (goal 5 ms), MIME parts alone {:.3} ms", ms(*reading), ms(*parsing))?;
    }
    let of_all = |pick: fn(&(Duration, Duration, &str)) -> Duration| medians.iter().map(pick).sum::<Duration>();
    let ratio = of_all(|one| one.0).as_secs_f64() / of_all(|one| one.1).as_secs_f64();
    writeln!(out, "ratio reading / MIME parts, all mails together: {ratio:.1}")?;
    for (reading, parsing, name) in medians.iter().rev().take(3) {
        writeln!(out, "{:.3} ms, MIME parts {:.3} ms  {name}", ms(*reading), ms(*parsing))?;
    }
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A long conversation, as mail programs pile it up.
fn large() -> Vec<u8> {
    let mut mail = b"From: Jane <jane@acme.example>\nSubject: SSO\nContent-Type: text/html; charset=utf-8\n\n".to_vec();
    let reply = "<blockquote><div><p class=\"MsoNormal\">We have looked into it, <b>and</b> will <a href=\"https://www.acme.example/\">\
                 answer</a> soon.<br>Regards</p></div></blockquote>\n";
    while mail.len() < 1 << 20 {
        mail.extend_from_slice(reply.as_bytes());
    }
    mail.extend_from_slice(b"<p>Client ID: 0oa1b2c3d4E5f6G7h8i9</p>");
    mail
}
