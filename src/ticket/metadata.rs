//! SAML metadata in a mail: attached, or pasted into the text. Recognised here, read elsewhere.

use super::line::Line;

/// Bytes of an attachment that are searched for the start of metadata.
const SEARCHED: usize = 64 * 1024;

/// Longest document that is cut out of a text, in bytes.
const PASTED_BYTES: usize = 5 * 1024 * 1024;

/// Beginnings of documents that are followed to their ends.
const PASTED: usize = 8;

/// Longest name with its prefix that is told from the text before it, in bytes.
const PREFIX_BYTES: usize = 128;

/// The two elements that metadata may be.
const NAMES: [&str; 2] = ["EntitiesDescriptor", "EntityDescriptor"];

/// What an element opens with: the mark itself, and as some help desks and forms write it into a plain text.
const OPENING: [&str; 2] = ["<", "&lt;"];

/// What it closes with.
const CLOSING: [&str; 2] = [">", "&gt;"];

/// Whether a file is SAML metadata, going by its first element, in UTF-8 or UTF-16.
pub(super) fn is_metadata(content: &[u8]) -> bool {
    let text = narrowed(content.get(..content.len().min(SEARCHED)).unwrap_or_default());
    OPENING.iter().any(|mark| NAMES.iter().any(|name| opens(&text, name, mark).is_some()))
}

/// Whether metadata describes service providers and no identity provider, as our own does: an answer to the mail that it was
/// attached to may bring it back.
pub(super) fn is_of_service_providers(content: &[u8]) -> bool {
    let text = narrowed(content);
    text.contains("SPSSODescriptor") && !text.contains("IDPSSODescriptor")
}

/// A text in UTF-8 or UTF-16, as far as it is ASCII.
fn narrowed(content: &[u8]) -> String {
    let narrow: Vec<u8> = if content.iter().take(64).filter(|byte| **byte == 0).count() > 8 {
        content.iter().copied().filter(|byte| *byte != 0).collect()
    } else {
        content.to_vec()
    };
    String::from_utf8_lossy(&narrow).into_owned()
}

/// Where an element of this local name opens, with whatever prefix.
fn opens(text: &str, name: &str, mark: &str) -> Option<usize> {
    text.match_indices(name).find_map(|(at, _)| {
        let (from, before) = just_before(text, at)?;
        let start = before.rfind(mark)?;
        let prefix = before.get(start + mark.len()..)?;
        let is_prefix = prefix.is_empty()
            || prefix.strip_suffix(':').is_some_and(|prefix| {
                prefix.chars().all(|one| one.is_alphanumeric() || matches!(one, '-' | '_' | '.'))
            });
        is_prefix.then_some(from + start)
    })
}

/// The little that stands before `at`, and where it starts.
fn just_before(text: &str, at: usize) -> Option<(usize, &str)> {
    let from = text.ceil_char_boundary(at.saturating_sub(PREFIX_BYTES));
    Some((from, text.get(from..at)?))
}

/// A document that was pasted into the text.
pub(super) struct Pasted {
    /// The document, from its declaration or first element to the end of that element.
    pub(super) text: String,
    /// The lines it takes.
    pub(super) lines: std::ops::Range<usize>,
}

/// Finds the documents that were pasted into a body, each from its first to its last line.
pub(super) fn pasted(lines: &[Line]) -> Vec<Pasted> {
    let mut found = Vec::new();
    let (mut from, mut tried) = (0, 0);
    while let Some((offset, line, mark)) = lines.iter().enumerate().skip(from).find_map(|(offset, line)| {
        let text = line.joined();
        Some((offset, line, OPENING.into_iter().find(|mark| text.contains(mark))?))
    }) {
        from = offset + 1;
        let first = line.joined();
        let declared = first.find(&format!("{mark}?xml"));
        let named = NAMES.iter().filter_map(|name| opens(&first, name, mark)).min();
        let Some(start) = declared.or(named) else { continue };
        tried += 1;
        if tried > PASTED {
            break;
        }
        let depth = line.depth;
        let mut text = String::new();
        let mut outer = None;
        for (position, line) in lines.iter().enumerate().skip(offset) {
            if line.depth != depth && !line.is_blank() {
                break;
            }
            let joined = line.joined();
            let part = if position == offset { joined.get(start..).unwrap_or_default() } else { joined.as_str() };
            // The first of the two to open is the outermost: it may be the one that holds the other.
            outer = outer.or_else(|| {
                NAMES.into_iter().filter_map(|name| Some((opens(part, name, mark)?, name))).min().map(|(_, name)| name)
            });
            if let Some(end) = outer.and_then(|name| closes(part, name, mark)) {
                text.push_str(part.get(..end).unwrap_or_default());
                found.push(Pasted { text: std::mem::take(&mut text), lines: offset..position + 1 });
                from = position + 1;
                break;
            }
            text.push_str(part);
            text.push('\n');
            if text.len() > PASTED_BYTES {
                break;
            }
        }
    }
    found
}

/// The start of a document that was pasted into a body and has no end there: a mail program or a help desk has cut it off. It
/// goes as far as the next blank line.
pub(super) fn cut_off(lines: &[Line]) -> Option<String> {
    let [plain, _] = OPENING;
    let opened = |line: &Line| {
        let text = line.joined();
        let named = NAMES.iter().filter_map(|name| opens(&text, name, plain)).min()?;
        Some(text.find("<?xml").unwrap_or(named).min(named))
    };
    let (first, start) = lines.iter().enumerate().find_map(|(position, line)| Some((position, opened(line)?)))?;
    let depth = lines.get(first)?.depth;
    let block = lines.iter().skip(first).take_while(|line| line.depth == depth && !line.is_blank());
    let mut text = String::new();
    for line in block {
        text.push_str(&line.joined());
        text.push('\n');
        if text.len() > PASTED_BYTES {
            return None;
        }
    }
    // Words about metadata name its elements, too.
    let is_document = ["entityID=", "protocolSupportEnumeration="].iter().any(|mark| text.contains(mark));
    text.get(start..).filter(|_| is_document).map(str::to_owned)
}

/// Where on a line the element of this local name ends.
fn closes(line: &str, name: &str, mark: &str) -> Option<usize> {
    line.match_indices(name).find_map(|(at, _)| {
        let (_, before) = just_before(line, at)?;
        let between = before.get(before.rfind(mark)? + mark.len()..)?.strip_prefix('/')?;
        let is_prefix = between.chars().all(|one| one.is_alphanumeric() || matches!(one, ':' | '-' | '_' | '.'));
        let rest = line.get(at + name.len()..)?.trim_start();
        let closing = CLOSING.into_iter().find(|mark| rest.starts_with(mark)).filter(|_| is_prefix)?;
        Some(line.len() - rest.len() + closing.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::plain;

    const XML: &str = "<md:EntityDescriptor xmlns:md=\"x\" entityID=\"y\">\n<a/>\n</md:EntityDescriptor>";

    #[test]
    fn metadata_is_told_by_its_element_in_any_encoding() {
        assert!(is_metadata(XML.as_bytes()));
        let wide: Vec<u8> = format!("\u{feff}{XML}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(is_metadata(&wide));
        assert!(
            !is_metadata(b"the EntityDescriptor is attached") && !is_metadata(b"<html></html>") && !is_metadata(b"")
        );
    }

    #[test]
    fn a_pasted_document_is_cut_out_of_its_mail() {
        let lines = plain::lines(&format!("Hi,\nsee <?xml version=\"1.0\"?>\n{XML} thanks\n\nJane"));
        let found = pasted(&lines);
        assert_eq!(found.len(), 1);
        assert!(found[0].text.starts_with("<?xml") && found[0].text.ends_with("</md:EntityDescriptor>"));
        assert_eq!(found[0].lines, 1..5);
    }

    #[test]
    fn a_document_whose_marks_were_written_out_is_cut_out_as_it_stands() {
        let escaped = XML.replace('<', "&lt;").replace('>', "&gt;");
        let found = pasted(&plain::lines(&format!("Hi,\n&lt;?xml version=\"1.0\"?&gt;\n{escaped}\nJane")));
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].text.as_str(), &found[0].lines),
            (&*format!("&lt;?xml version=\"1.0\"?&gt;\n{escaped}"), &(1..5))
        );
        assert!(is_metadata(escaped.as_bytes()));
    }

    #[test]
    fn names_without_end_are_looked_at_once_each() {
        let names = format!("<a {}", "EntityDescriptor".repeat(500_000));
        assert!(!is_metadata(names.as_bytes()));
        assert!(pasted(&plain::lines(&format!("<?xml?>{XML}{names}"))).len() == 1);
        assert!(pasted(&plain::lines(&names)).is_empty());
    }

    #[test]
    fn a_document_without_end_is_none() {
        assert!(pasted(&plain::lines("<EntityDescriptor a=\"b\">\n<c/>")).is_empty());
        assert!(pasted(&plain::lines("<?xml?>\n<html></html>")).is_empty());
    }
}
