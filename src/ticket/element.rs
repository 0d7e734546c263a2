//! What an element of HTML says of itself: where it ends, whether anybody sees it, whether it is a signature.

/// Attributes that are of use; a tag may have millions of others.
const ATTRIBUTES: [&[u8]; 9] = [b"bgcolor", b"class", b"color", b"hidden", b"href", b"id", b"style", b"type", b"value"];

/// Longest value of an attribute that is kept, in bytes; of a longer one, its start.
const VALUE_BYTES: usize = 16 * 1024;

/// A start tag.
#[derive(Default)]
pub(super) struct Tag {
    pub(super) name: Vec<u8>,
    pub(super) self_closing: bool,
    attributes: Vec<(&'static [u8], String)>,
    /// The value that comes next belongs to the last of the attributes.
    wants_value: bool,
}

impl Tag {
    pub(super) fn new(name: &[u8]) -> Self {
        Self { name: name.to_vec(), ..Self::default() }
    }

    /// Takes note of an attribute. Of several with one name, the first counts.
    pub(super) fn attribute_named(&mut self, name: &[u8]) {
        let known = ATTRIBUTES.into_iter().find(|one| *one == name);
        let new = known.filter(|name| self.attribute(name).is_none());
        self.wants_value = new.is_some();
        self.attributes.extend(new.map(|name| (name, String::new())));
    }

    pub(super) fn attribute_value(&mut self, value: &[u8]) {
        if let Some((_, kept)) = self.attributes.last_mut().filter(|_| std::mem::take(&mut self.wants_value)) {
            *kept = String::from_utf8_lossy(value.get(..VALUE_BYTES).unwrap_or(value)).into_owned();
        }
    }

    pub(super) fn attribute(&self, name: &[u8]) -> Option<&str> {
        self.attributes.iter().find(|(one, _)| *one == name).map(|(_, value)| value.as_str())
    }
}

/// Elements without content.
const VOID: [&[u8]; 10] = [b"br", b"hr", b"img", b"input", b"meta", b"link", b"wbr", b"col", b"area", b"base"];

/// Elements that start and end a line.
const BLOCKS: [&[u8]; 36] = [
    b"address",
    b"article",
    b"aside",
    b"blockquote",
    b"body",
    b"button",
    b"center",
    b"dd",
    b"details",
    b"dir",
    b"div",
    b"dl",
    b"dt",
    b"fieldset",
    b"figure",
    b"footer",
    b"form",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"header",
    b"hr",
    b"li",
    b"main",
    b"nav",
    b"ol",
    b"p",
    b"pre",
    b"section",
    b"summary",
    b"textarea",
    b"ul",
    b"option",
];

/// Elements whose content is not text of the mail.
const SILENT: [&[u8]; 6] = [b"script", b"style", b"title", b"template", b"noscript", b"object"];

/// Whether an element starts and ends a line.
pub(super) fn is_block(name: &[u8]) -> bool {
    BLOCKS.contains(&name)
}

/// Whether an element's content is not text of the mail.
pub(super) fn is_silent(name: &[u8]) -> bool {
    SILENT.contains(&name)
}

/// An element that is being looked for the end of, and how often it was opened since.
pub(super) struct Within {
    pub(super) name: Vec<u8>,
    pub(super) open: usize,
}

impl Within {
    pub(super) fn of(tag: &Tag) -> Option<Self> {
        let void = tag.self_closing || VOID.contains(&tag.name.as_slice());
        (!void).then(|| Self { name: tag.name.clone(), open: 1 })
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

/// Whether nobody who reads the mail sees the element, going by the element itself.
pub(super) fn is_hidden(tag: &Tag) -> bool {
    if tag.attribute(b"hidden").is_some() {
        return true;
    }
    let style = tag.attribute(b"style").unwrap_or_default();
    let style: String = style.chars().filter(|one| !one.is_ascii_whitespace()).flat_map(char::to_lowercase).collect();
    let declarations =
        || style.split(';').filter_map(|one| one.split_once(':')).map(|(name, value)| (name, without_force(value)));
    let declared = |wanted: &[&str]| {
        declarations().filter(|(name, _)| wanted.contains(name)).map(|(_, value)| value).next_back().unwrap_or_default()
    };
    let clips = ["hidden", "clip"].contains(&declared(&["overflow", "overflow-y", "overflow-x"]));
    let is_out = |value: &str| value.starts_with('-') && size(value).is_some_and(|size| size <= FAR_AWAY);
    let moved = ["absolute", "fixed"].contains(&declared(&["position"]));
    declarations().any(|(property, value)| match property {
        "display" => value == "none",
        "visibility" => value == "hidden" || value == "collapse",
        "font-size" => size(value) == Some(0.0) || ["1px", "1pt"].contains(&value),
        "font" => value.starts_with("0/") || value.starts_with("0px") || value.starts_with("0pt"),
        "opacity" | "max-height" | "max-width" => size(value) == Some(0.0),
        "height" | "width" => clips && size(value) == Some(0.0),
        "text-indent" => is_out(value),
        "left" | "top" | "right" | "bottom" => moved && is_out(value),
        "clip" => moved && value.starts_with("rect(0"),
        "mso-hide" => value == "all",
        "color" => value == "transparent",
        _ => false,
    }) || {
        let attribute = |name: &[u8]| tag.attribute(name).unwrap_or_default().trim().to_lowercase();
        let (own, behind) = (declared(&["color"]), declared(&["background", "background-color"]));
        let own = if own.is_empty() { attribute(b"color") } else { own.to_owned() };
        let behind = if behind.is_empty() { attribute(b"bgcolor") } else { behind.to_owned() };
        color(&own).is_some_and(|own| Some(own) == color(&behind))
    }
}

/// How far out of sight text is moved to be hidden, in whatever unit.
const FAR_AWAY: f32 = -100.0;

fn without_force(value: &str) -> &str {
    value.trim_end_matches("!important")
}

/// A number without its unit.
fn size(value: &str) -> Option<f32> {
    value.trim_end_matches(|one: char| one.is_ascii_alphabetic() || one == '%').parse().ok()
}

/// A color as red, green and blue: `#fff`, `#FFFFFF`, `rgb(255,255,255)`, `white`.
fn color(text: &str) -> Option<[u8; 3]> {
    let text = text.trim();
    let named = match text {
        "white" => Some("#ffffff"),
        "black" => Some("#000000"),
        "red" => Some("#ff0000"),
        "gray" | "grey" => Some("#808080"),
        "silver" => Some("#c0c0c0"),
        "whitesmoke" => Some("#f5f5f5"),
        "snow" => Some("#fffafa"),
        _ => None,
    };
    let text = named.unwrap_or(text);
    if let Some(digits) = text.strip_prefix('#') {
        let value = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = match digits.len() {
            6 => value.to_be_bytes(),
            3 => [0, (value >> 8) & 15, (value >> 4) & 15, value & 15]
                .map(|one| u8::try_from(one * 17).unwrap_or_default()),
            _ => return None,
        };
        return Some([red, green, blue]);
    }
    let inside = text.strip_prefix("rgb(").or_else(|| text.strip_prefix("rgba("))?.strip_suffix(')')?;
    let mut parts = inside.split(',').map(|part| part.trim().parse().ok());
    Some([parts.next()??, parts.next()??, parts.next()??])
}

/// What a field of a form shows: consoles put values there to be copied. Buttons and boxes to tick show none of theirs.
pub(super) fn field_value(tag: &Tag) -> Option<&str> {
    const SHOWN: [&str; 7] = ["", "text", "password", "url", "email", "search", "tel"];
    let kind = tag.attribute(b"type").unwrap_or_default().trim().to_ascii_lowercase();
    tag.attribute(b"value").filter(|_| tag.name == b"input" && SHOWN.contains(&kind.as_str()))
}

/// Whether the element is struck through: what somebody has taken back.
pub(super) fn is_struck(tag: &Tag) -> bool {
    let style = || tag.attribute(b"style").unwrap_or_default().to_ascii_lowercase();
    let is_line_through = |style: String| {
        style
            .split(';')
            .filter_map(|declaration| declaration.split_once(':'))
            .any(|(property, value)| property.trim().starts_with("text-decoration") && value.contains("line-through"))
    };
    matches!(tag.name.as_slice(), b"del" | b"s" | b"strike") || is_line_through(style())
}

/// Whether a mail program has marked the element as the signature.
pub(super) fn is_signature(tag: &Tag) -> bool {
    [b"class".as_slice(), b"id"].iter().filter_map(|name| tag.attribute(name)).any(|value| {
        value.split_ascii_whitespace().any(|word| {
            let word = word.to_ascii_lowercase();
            ["signature", "gmail_signature", "moz-signature", "x_signature", "appendonsend_signature"]
                .contains(&word.as_str())
        })
    })
}
