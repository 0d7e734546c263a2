//! What an element of HTML says of itself: where it ends, whether anybody sees it, whether it is a signature.

use html5gum::StartTag;

/// Elements without content.
const VOID: [&[u8]; 10] = [b"br", b"hr", b"img", b"input", b"meta", b"link", b"wbr", b"col", b"area", b"base"];

/// An element that is being looked for the end of, and how often it was opened since.
pub(super) struct Within {
    pub(super) name: Vec<u8>,
    pub(super) open: usize,
}

impl Within {
    pub(super) fn of(tag: &StartTag<()>) -> Option<Self> {
        let void = tag.self_closing || VOID.contains(&tag.name.as_slice());
        (!void).then(|| Self { name: tag.name.to_vec(), open: 1 })
    }

    pub(super) fn start(within: &mut Option<Self>, name: &[u8]) {
        if let Some(one) = within
            && one.name == name
        {
            one.open += 1;
        }
    }

    /// Counts an end tag; the element has ended once its own was seen.
    pub(super) fn end(within: &mut Option<Self>, name: &[u8]) {
        if let Some(one) = within
            && one.name == name
        {
            one.open -= 1;
            if one.open == 0 {
                *within = None;
            }
        }
    }
}

pub(super) fn attribute(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    tag.attributes.get(name).map(|value| String::from_utf8_lossy(&value.value).into_owned())
}

/// Whether nobody who reads the mail sees the element, going by the element itself.
pub(super) fn is_hidden(tag: &StartTag<()>) -> bool {
    if tag.attributes.contains_key(b"hidden".as_slice()) {
        return true;
    }
    let Some(style) = attribute(tag, b"style") else { return false };
    let style: String = style.chars().filter(|one| !one.is_whitespace()).flat_map(char::to_lowercase).collect();
    style.split(';').any(|declaration| {
        let (property, value) = declaration.split_once(':').unwrap_or_default();
        let value = value.trim_end_matches("!important");
        let is_nought =
            || value.trim_end_matches(|one: char| one.is_ascii_alphabetic() || one == '%').parse() == Ok(0.0_f32);
        match property {
            "display" => value == "none",
            "visibility" => value == "hidden" || value == "collapse",
            "font-size" | "opacity" | "max-height" | "max-width" => is_nought(),
            "mso-hide" => value == "all",
            _ => false,
        }
    })
}

/// Whether a mail program has marked the element as the signature.
pub(super) fn is_signature(tag: &StartTag<()>) -> bool {
    [b"class".as_slice(), b"id"].iter().filter_map(|name| attribute(tag, name)).any(|value| {
        value.split_ascii_whitespace().any(|word| {
            let word = word.to_ascii_lowercase();
            ["signature", "gmail_signature", "moz-signature", "x_signature", "appendonsend_signature"]
                .contains(&word.as_str())
        })
    })
}
