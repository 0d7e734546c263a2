//! Whatever may be spelt in more than one way means the same in each.

use proptest::prelude::*;

use super::super::metadata::{self, Reading};
use super::{P256, RSA};

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// An element, before it is spelt.
struct Element {
    ns: &'static str,
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    content: Content,
}

enum Content {
    Elements(Vec<Element>),
    /// Text in which white space does not count.
    Text(String),
}

fn element(name: &'static str, attributes: &[(&'static str, &str)], inside: Vec<Element>) -> Element {
    let attributes = attributes.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Element { ns: METADATA, name, attributes, content: Content::Elements(inside) }
}

fn signature(name: &'static str, content: Content) -> Element {
    Element { ns: SIGNATURE, name, attributes: Vec::new(), content }
}

fn key(usage: &str, certificate: &str) -> Element {
    let text = signature("X509Certificate", Content::Text(certificate.to_owned()));
    let info = signature("KeyInfo", Content::Elements(vec![signature("X509Data", Content::Elements(vec![text]))]));
    let usage: &[(&str, &str)] = if usage.is_empty() { &[] } else { &[("use", usage)] };
    element("KeyDescriptor", usage, vec![info])
}

fn document() -> Element {
    let binding = |name: &str| format!("urn:oasis:names:tc:SAML:2.0:bindings:{name}");
    let service = |kind, name: &str, location: &str| {
        element(kind, &[("Binding", &binding(name)), ("Location", location)], vec![])
    };
    let format =
        |text: &str| Element { content: Content::Text(text.to_owned()), ..element("NameIDFormat", &[], vec![]) };
    let role = vec![
        key("signing", RSA),
        key("", P256),
        key("encryption", RSA),
        service("SingleLogoutService", "HTTP-POST", "https://idp.acme.example/slo"),
        format("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"),
        service("SingleSignOnService", "HTTP-Redirect", "https://idp.acme.example/sso?a=1&b='2'"),
        service("SingleSignOnService", "SOAP", "https://idp.acme.example/soap"),
    ];
    let protocol = "urn:oasis:names:tc:SAML:2.0:protocol";
    let attributes = [("protocolSupportEnumeration", protocol), ("WantAuthnRequestsSigned", "true")];
    let entity =
        [("entityID", "https://idp.acme.example/ü?x=<1>"), ("validUntil", "2030-01-01T00:00:00Z"), ("ID", "_1")];
    element("EntityDescriptor", &entity, vec![element("IDPSSODescriptor", &attributes, role)])
}

/// One way to spell a document, of very many.
struct Style {
    dice: u64,
    metadata: String,
    signature: String,
}

impl Style {
    /// A number below `sides`: splitmix64, so that one seed is one spelling.
    fn roll(&mut self, sides: u64) -> u64 {
        self.dice = self.dice.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut one = self.dice;
        one = (one ^ (one >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        one = (one ^ (one >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (one ^ (one >> 31)) % sides
    }

    fn pick<'p>(&mut self, from: &[&'p str]) -> &'p str {
        let sides = u64::try_from(from.len()).unwrap();
        from[usize::try_from(self.roll(sides)).unwrap()]
    }

    /// White space that need not be there.
    fn space(&mut self) -> &'static str {
        self.pick(&["", "", " ", "\n", "\r\n", "\t", "\n    "])
    }

    /// White space that has to be there.
    fn blank(&mut self) -> &'static str {
        self.pick(&[" ", "\n", "\t", "  \r\n "])
    }

    fn between(&mut self) -> String {
        let space = self.space();
        let more = self.pick(&["", "", "", "<!-- a comment -->", "<?an instruction?>"]);
        format!("{space}{more}")
    }

    fn prefixed(&self, ns: &str, name: &str) -> String {
        let prefix = if ns == METADATA { &self.metadata } else { &self.signature };
        if prefix.is_empty() { name.to_owned() } else { format!("{prefix}:{name}") }
    }

    fn declaration(&self, ns: &str) -> (String, String) {
        let prefix = if ns == METADATA { &self.metadata } else { &self.signature };
        (if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") }, ns.to_owned())
    }

    fn value(&mut self, value: &str, quote: char) -> String {
        let spelt = value.chars().map(|one| match one {
            '&' => self.pick(&["&amp;", "&#38;", "&#x26;"]).to_owned(),
            '<' => "&lt;".to_owned(),
            one if one == quote => format!("&#{};", u32::from(one)),
            one if self.roll(40) == 0 => format!("&#x{:X};", u32::from(one)),
            one => one.to_string(),
        });
        spelt.collect()
    }

    /// `declared` is what prefixes stand for already.
    fn spell(&mut self, element: &Element, declared: &[&str]) -> String {
        let mut attributes: Vec<(String, String)> =
            element.attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        // With one prefix for both, each change of namespace has to be declared again.
        let same = self.metadata == self.signature;
        let known = if same { declared.last() == Some(&element.ns) } else { declared.contains(&element.ns) };
        if !known || self.roll(10) == 0 {
            attributes.push(self.declaration(element.ns));
        }
        for last in (1..attributes.len()).rev() {
            let sides = u64::try_from(last + 1).unwrap();
            attributes.swap(last, usize::try_from(self.roll(sides)).unwrap());
        }
        let name = self.prefixed(element.ns, element.name);
        let mut out = format!("<{name}");
        for (name, value) in attributes {
            let quote = if self.roll(2) == 0 { '"' } else { '\'' };
            let is_declaration = name.starts_with("xmlns");
            let value = if is_declaration { value } else { self.value(&value, quote) };
            let (before, around, after) = (self.blank(), self.space(), self.space());
            for part in [before, &name, around, "=", after, &quote.to_string(), &value, &quote.to_string()] {
                out += part;
            }
        }
        out += self.space();
        let inside: Vec<&str> = declared.iter().copied().chain([element.ns]).collect();
        match &element.content {
            Content::Elements(elements) if elements.is_empty() && self.roll(2) == 0 => return out + "/>",
            Content::Elements(elements) => {
                out += ">";
                for one in elements {
                    out += &self.between();
                    out += &self.spell(one, &inside);
                }
                out += &self.between();
            }
            Content::Text(text) => {
                out += ">";
                let at = usize::try_from(self.roll(u64::try_from(text.len()).unwrap())).unwrap();
                let (first, second) = text.split_at(at);
                // White space inside is a certificate's alone.
                let gap = if element.ns == SIGNATURE { self.space() } else { "" };
                let (before, after) = (self.space(), self.space());
                let (open, close) = if self.roll(3) == 0 { ("<![CDATA[", "]]>") } else { ("", "") };
                for part in [before, open, first, close, gap, second, after] {
                    out += part;
                }
            }
        }
        out + &format!("</{name}{}>", self.space())
    }
}

fn facts(reading: &Reading) -> String {
    format!(
        "{:?} {:?} {:?} {:?} {:?}",
        reading.entity_id, reading.roles, reading.provider, reading.expiries, reading.defects
    )
}

fn read(bytes: &[u8]) -> Reading {
    metadata::read(bytes, None, &|_| false).unwrap_or_else(|why| panic!("{why:?}: {}", String::from_utf8_lossy(bytes)))
}

fn plain() -> String {
    let mut style = Style { dice: 0, metadata: "md".to_owned(), signature: "ds".to_owned() };
    style.spell(&document(), &[])
}

/// Prefixes, none at all among them; `xml…` is reserved.
fn prefix() -> impl Strategy<Value = String> {
    // Names of elements that a web page begins with are good prefixes too.
    "(([hH]1|html|HEAD|p|div)?[a-zA-Z_é][a-zA-Z0-9_.-]{0,12})?"
        .prop_filter("reserved", |prefix| !prefix.to_ascii_lowercase().starts_with("xml"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn prefixes_order_quotes_and_white_space_change_nothing(dice: u64, metadata in prefix(), signature in prefix()) {
        let mut style = Style { dice, metadata, signature };
        let prolog = style.pick(&["", "<?xml version=\"1.0\"?>", "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n", " \n<!-- x -->"]);
        let text = format!("{prolog}{}{}", style.spell(&document(), &[]), style.between());
        prop_assert_eq!(facts(&read(text.as_bytes())), facts(&read(plain().as_bytes())));
    }

    #[test]
    fn encodings_change_nothing(dice: u64, big: bool) {
        let mut style = Style { dice, metadata: "md".to_owned(), signature: String::new() };
        let text = style.spell(&document(), &[]);
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        let wide: Vec<u8> = units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect();
        let expected = facts(&read(text.as_bytes()));
        prop_assert_eq!(facts(&read(&wide)), expected.clone());
        let declared = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{text}");
        let narrow: Vec<u8> = declared.chars().map(|one| u8::try_from(u32::from(one)).unwrap()).collect();
        prop_assert_eq!(facts(&read(&narrow)), expected);
    }

    #[test]
    fn a_copy_in_a_collection_is_read_as_it_is_alone(dice: u64, before in 0_usize..4, after in 0_usize..4) {
        let mut style = Style { dice, metadata: "m".to_owned(), signature: "s".to_owned() };
        let text = style.spell(&document(), &[]);
        let other = |number: usize| super::entity(&format!("https://other{number}.example"));
        let around: String = (0..before).map(other).collect::<String>() + &text + &(4..4 + after).map(other).collect::<String>();
        let id = &read(text.as_bytes()).entity_id;
        let chosen = metadata::read(super::collection(&around).as_bytes(), Some(id), &|_| false).unwrap();
        prop_assert_eq!(facts(&chosen), facts(&read(text.as_bytes())));
        prop_assert_eq!(chosen.entities, before + after + 1);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = metadata::read(bytes.as_slice(), None, &|_| false);
    }

    #[test]
    fn nothing_that_is_cut_is_read(at in 1_usize..3000) {
        let text = plain();
        let at = at.min(text.len() - 1);
        if text.is_char_boundary(at) {
            prop_assert!(metadata::read(&text.as_bytes()[..at], None, &|_| false).is_err());
        }
    }
}
