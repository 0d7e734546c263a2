//! What listing a mailbox costs: the heads of 10,000 mails in a Maildir, beside reading the first 8 KiB of the same files.
//!
//! ```text
//! cargo bench --bench inbox
//! ```
//!
//! The mails have the heads that mails have after three servers (3 KiB) and bodies of 20 KiB. Listing goes through the crate,
//! 500 heads at a time, as `ssoctl inbox` does; the two take turns.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use ssoctl::mail::{Mailbox, MailboxPlace};

const MAILS: usize = 10_000;
const PAGE: usize = 500;
const ROUNDS: usize = 7;

type Failed = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let started = Instant::now();
    make_mailbox(folder.path())?;
    say(&format!("{MAILS} mails made in {:.1} s", started.elapsed().as_secs_f64()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut listing, mut reading) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let listed = runtime.block_on(list(folder.path()))?;
        listing.push(started.elapsed());
        if listed != MAILS {
            return Err(format!("{listed} mails were listed").into());
        }
        let started = Instant::now();
        read_bare(folder.path())?;
        reading.push(started.elapsed());
    }
    let (listing, reading) = (median(listing), median(reading));
    say(&format!("p50 of {ROUNDS} rounds: listing {:.0} ms, bare reading {:.0} ms", ms(listing), ms(reading)))?;
    let mails = u32::try_from(MAILS).map_or(f64::MAX, f64::from);
    say(&format!("listed a second: {:.0} (goal 2000)", mails / listing.as_secs_f64()))?;
    say(&format!("ratio listing / bare reading: {:.2}", listing.as_secs_f64() / reading.as_secs_f64()))
}

async fn list(folder: &Path) -> Result<usize, Failed> {
    let mut mailbox = Mailbox::open(&MailboxPlace::Maildir(folder.to_owned())).await?;
    let mut listed = 0;
    while listed < mailbox.count() {
        let page = mailbox.headings(listed, PAGE).await?;
        if page.iter().any(|heading| heading.message_id.is_none() || heading.subject.is_empty()) {
            return Err("a head was not read".into());
        }
        listed += page.len();
    }
    Ok(listed)
}

fn read_bare(folder: &Path) -> Result<(), Failed> {
    let mut buffer = [0; 8 * 1024];
    for entry in std::fs::read_dir(folder.join("cur"))? {
        let read = std::fs::File::open(entry?.path())?.read(&mut buffer)?;
        std::hint::black_box(read);
    }
    Ok(())
}

fn make_mailbox(folder: &Path) -> Result<(), Failed> {
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir(folder.join(part))?;
    }
    let body = "A line of text as people write them to a help desk, with nothing in it.\r\n".repeat(280);
    for number in 0..MAILS {
        let mut mail = String::with_capacity(24 * 1024);
        for hop in 0..3 {
            write!(
                mail,
                "Received: from mx{hop}.acme.example (mx{hop}.acme.example [192.0.2.{hop}])\r\n\tby mail.example.com \
                 (Postfix) with ESMTPS id {number:08X}{hop}\r\n\tfor <support@example.com>; Sat, 21 Nov 2026 10:00:0{hop} \
                 +0000 (UTC)\r\nDKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=acme.example; s=s{hop};\r\n\tbh={};\r\n\
                 \tb={}\r\n",
                "x".repeat(44),
                "y".repeat(344),
            )?;
        }
        write!(
            mail,
            "From: =?utf-8?q?J=C3=B6rg?= Customer {number} <customer{number}@acme.example>\r\nTo: support@example.com\r\n\
             Subject: Single sign-on for team {number} [#{number}]\r\nDate: Sat, 21 Nov 2026 10:00:00 +0100\r\n\
             Message-ID: <{number}.abc@acme.example>\r\nReferences: <{number}.a@acme.example> <{number}.b@acme.example>\r\n\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}",
        )?;
        std::fs::write(folder.join("cur").join(format!("17000{number:05}.M{number}.host:2,S")), mail)?;
    }
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn say(line: &str) -> Result<(), Failed> {
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}
