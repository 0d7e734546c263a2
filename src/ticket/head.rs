//! Whether a text begins with the head of a mail, or with words of its own, which only look like the fields of one.
//!
//! Source: RFC 5322, sections 2.2 and 3.6.

/// Whether a text starts as a mail does: with fields, `From` among them and one more that only heads have.
pub(super) fn has_head(text: &[u8]) -> bool {
    let start = looked_at(text);
    let Ok(start) = std::str::from_utf8(start)
        .or_else(|error| std::str::from_utf8(text.get(..error.valid_up_to()).unwrap_or_default()))
    else {
        return false;
    };
    let (mut from, mut others) = (false, 0);
    for line in start.trim_start_matches('\u{feff}').lines() {
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { break };
        if !name.bytes().all(|one| one.is_ascii_graphic()) {
            break;
        }
        let name = name.to_ascii_lowercase();
        from |= name == "from";
        others += usize::from(
            ["message-id", "mime-version", "received", "content-type", "return-path", "to", "date"]
                .contains(&name.as_str()),
        );
    }
    from && others >= 2
}

/// Whether a text was saved without the head of its mail: where one would be, there is no field that mails have.
pub(super) fn is_missing(text: &[u8]) -> bool {
    if text.trim_ascii().is_empty() {
        return false;
    }
    for (position, line) in looked_at(text).split(|byte| *byte == b'\n').enumerate() {
        // The line that parts the mails of an mbox file.
        if line.starts_with(b"From ") && position == 0
            || position > 0 && line.starts_with(b" ")
            || line.starts_with(b"\t")
        {
            continue;
        }
        let Ok(line) = std::str::from_utf8(line) else { break };
        let Some((name, _)) = line.split_once(':') else { break };
        let name = name.trim().to_ascii_lowercase();
        if FIELDS.contains(&name.as_str()) || FIELD_FAMILIES.iter().any(|family| name.starts_with(family)) {
            return false;
        }
    }
    true
}

/// Fields of a mail's head, one of which every mail has. RFC 5322, section 3.6.
const FIELDS: [&str; 22] = [
    "from",
    "to",
    "cc",
    "bcc",
    "sender",
    "reply-to",
    "date",
    "subject",
    "message-id",
    "in-reply-to",
    "references",
    "comments",
    "keywords",
    "received",
    "return-path",
    "delivered-to",
    "mime-version",
    "authentication-results",
    "received-spf",
    "importance",
    "status",
    "thread-topic",
];

/// How further ones begin.
const FIELD_FAMILIES: [&str; 6] = ["x-", "content-", "resent-", "list-", "arc-", "dkim-"];

/// As much of a text as is looked at for a head.
fn looked_at(text: &[u8]) -> &[u8] {
    text.get(..text.len().min(64 * 1024)).unwrap_or_default()
}
