//! What is too much to be a mail of a customer. Looked at before anything is parsed, so that no parser meets it: parts
//! within parts cost stack, and parts, heads and lines cost memory.

use super::Unreadable;

/// Largest mail, in bytes.
pub const MAIL_BYTES: usize = 25 * 1024 * 1024;

/// Most lines; a mail of the largest size with attachments has some 350,000.
const LINES: usize = 500_000;

/// Most mentions of `Content-Type`, which every part of a mail that is more than plain text has once.
const PARTS: usize = 400;

/// Most lines that may part two parts.
const BOUNDARIES: usize = 10_000;

/// Longest field of the head, in bytes, its continuation lines included.
const HEADER_BYTES: usize = 64 * 1024;

/// Longest head, in bytes.
const HEAD_BYTES: usize = 1024 * 1024;

/// Says what a mail has too much of.
pub(super) fn judge(mail: &[u8]) -> Result<(), Unreadable> {
    if mail.len() > MAIL_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let (mut lines, mut boundaries, mut parts) = (0_usize, 0_usize, 0_usize);
    let (mut in_head, mut field, mut head) = (true, 0_usize, 0_usize);
    for line in mail.split(|byte| *byte == b'\n') {
        lines += 1;
        boundaries += usize::from(line.starts_with(b"--"));
        parts += mentions(line);
        if in_head {
            let is_continued = matches!(line.first(), Some(b' ' | b'\t'));
            field = if is_continued { field + line.len() } else { line.len() };
            head += line.len();
            if field > HEADER_BYTES || head > HEAD_BYTES {
                return Err(Unreadable::HeadTooLong);
            }
            in_head = !matches!(line, b"" | b"\r");
        }
        if lines > LINES || boundaries > BOUNDARIES || parts > PARTS {
            return Err(Unreadable::TooManyParts);
        }
    }
    Ok(())
}

/// How often a line says `Content-Type`.
fn mentions(line: &[u8]) -> usize {
    let dashes = line.iter().enumerate().filter(|(_, byte)| **byte == b'-');
    dashes
        .filter(|(at, _)| {
            let before = line.get(at.saturating_sub(7)..*at).unwrap_or_default();
            let behind = line.get(at + 1..at + 5).unwrap_or_default();
            before.eq_ignore_ascii_case(b"content") && behind.eq_ignore_ascii_case(b"type")
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_mail_passes() {
        assert_eq!(judge(b"From: a\nContent-Type: text/plain\n\nhello\n"), Ok(()));
        let attachment = "A".repeat(76) + "\r\n";
        assert_eq!(judge(format!("From: a\r\n\r\n{}", attachment.repeat(330_000)).as_bytes()), Ok(()));
    }

    #[test]
    fn each_limit_holds() {
        assert_eq!(judge(&vec![b'a'; MAIL_BYTES + 1]), Err(Unreadable::TooLarge));
        // msg-029
        assert_eq!(judge(format!("Subject: {}\n\n", "a".repeat(10 << 20)).as_bytes()), Err(Unreadable::HeadTooLong));
        assert_eq!(judge(format!("Subject: a\n{}", " aaaa\n".repeat(20_000)).as_bytes()), Err(Unreadable::HeadTooLong));
        for many in ["a\n", "--b\n", "Content-Type: message/rfc822\n\n", "content-TYPE:\n"] {
            assert_eq!(judge(format!("A: b\n\n{}", many.repeat(600_000)).as_bytes()), Err(Unreadable::TooManyParts));
        }
    }
}
