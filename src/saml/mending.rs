//! Metadata that was pasted rather than attached: what a mail program or a web page did to it, undone where that can be
//! done without guessing.

use std::borrow::Cow;

/// Something that was undone before the document was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mend {
    /// Every line began with `>`, as in a reply.
    Quoted,
    /// `<` was written `&lt;` throughout.
    Escaped,
    /// The declaration names another encoding than the bytes have; the bytes were believed.
    Encoding,
    /// Invisible characters before the first element.
    Invisible,
    /// Every address stood there twice, the second time in angle brackets.
    Linked,
}

impl Mend {
    /// What was done, for the report's list of changes.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Quoted => "removed the `>` that a mail program put before every line",
            Self::Escaped => "turned `&lt;` and kin back into markup",
            Self::Encoding => "read the encoding from the bytes, since the declaration contradicts them",
            Self::Invisible => "removed invisible characters before the document",
            Self::Linked => "removed the links that a mail program put behind every address",
        }
    }
}

/// `text` with what was done to it undone, and what that was.
#[must_use]
pub fn mend(text: &str) -> (Cow<'_, str>, Vec<Mend>) {
    let mut mended = Vec::new();
    let mut text = Cow::Borrowed(text);
    let visible = text.trim_start_matches(|one: char| crate::foreign::is_invisible(one) || one == '\u{a0}');
    if visible.len() < text.len() && visible.trim_start().starts_with(['<', '&', '>']) {
        text = Cow::Owned(visible.to_owned());
        mended.push(Mend::Invisible);
    }
    if let Some(plain) = unquoted(&text) {
        text = Cow::Owned(plain);
        mended.push(Mend::Quoted);
    }
    if let Some(plain) = unescaped(&text) {
        text = Cow::Owned(plain);
        mended.push(Mend::Escaped);
    }
    if let Some(plain) = unlinked(&text) {
        text = Cow::Owned(plain);
        mended.push(Mend::Linked);
    }
    (text, mended)
}

/// Only where each of them says what stands before it: no element has such a name, so that nothing can be meant twice.
fn unlinked(text: &str) -> Option<String> {
    const LINKS: [&str; 3] = ["https://", "http://", "mailto:"];
    let is_link = |behind: &str| LINKS.iter().any(|scheme| behind.starts_with(scheme));
    let opens =
        |from: &str| from.match_indices('<').map(|(at, _)| at).find(|at| from.get(at + 1..).is_some_and(is_link));
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = opens(rest) {
        let (before, link) = rest.split_at_checked(at)?;
        let (target, behind) = link.strip_prefix('<')?.split_once('>')?;
        let target = target.strip_prefix("mailto:").unwrap_or(target);
        // A host alone is given a slash.
        let is_repeated = [target, target.strip_suffix('/').unwrap_or(target)].iter().any(|target| {
            let start = before.len().checked_sub(target.len()).and_then(|start| before.get(start..));
            !target.is_empty() && start.is_some_and(|end| end.eq_ignore_ascii_case(target))
        });
        if !is_repeated {
            return None;
        }
        plain.push_str(before);
        rest = behind;
    }
    (!plain.is_empty()).then(|| plain + rest)
}

/// Only where every line has the mark: no XML document looks like that by itself.
fn unquoted(text: &str) -> Option<String> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let opens = text.trim_start().strip_prefix('>')?.trim_start().starts_with(['<', '&', '>']);
    if !opens || !lines.all(|line| line.trim_start().starts_with('>')) {
        return None;
    }
    let strip = |line: &str| -> String {
        let rest = line.trim_start().trim_start_matches("> ").trim_start_matches('>');
        rest.strip_prefix(' ').unwrap_or(rest).to_owned() + "\n"
    };
    Some(text.lines().map(strip).collect())
}

/// Only where there is not a single `<`: then nothing can be meant twice. Undone once, however often it was done.
fn unescaped(text: &str) -> Option<String> {
    let start = text.trim_start();
    let opens = ["&lt;", "&#60;", "&#x3c;", "&#x3C;"].iter().any(|mark| start.starts_with(mark));
    if !opens || text.contains('<') {
        return None;
    }
    quick_xml::escape::unescape(text).ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> (String, Vec<Mend>) {
        let (text, mends) = mend(text);
        (text.into_owned(), mends)
    }

    #[test]
    fn an_untouched_document_stays() {
        assert_eq!(mended("<a b=\"&lt;\">x > y</a>"), ("<a b=\"&lt;\">x > y</a>".to_owned(), vec![]));
    }

    #[test]
    fn an_escaped_document_is_unescaped_once() {
        let (text, mends) = mended("&lt;a b=&quot;c&amp;amp;d&quot;/&gt;");
        assert_eq!((text.as_str(), mends.as_slice()), ("<a b=\"c&amp;d\"/>", &[Mend::Escaped][..]));
    }

    #[test]
    fn a_mixture_is_left_alone() {
        assert_eq!(mended("&lt;a/&gt;<b/>").1, []);
    }

    #[test]
    fn a_quoted_reply_loses_its_marks() {
        let (text, mends) = mended("> <a>\n>\n> text\n> </a>\n");
        assert_eq!((text.as_str(), mends.as_slice()), ("<a>\n\ntext\n</a>\n", &[Mend::Quoted][..]));
        assert_eq!(mended("> <a>\ntext\n> </a>\n").1, []);
    }

    #[test]
    fn a_link_behind_every_address_goes_and_none_where_one_leads_elsewhere() {
        let text = "<a b=\"https://Idp.example/x?a=1&amp;b<https://idp.example/x?a=1&amp;b>\" \
                    c=\"http://idp.example<http://idp.example/>\"><d>x@idp.example<mailto:x@idp.example></d></a>";
        let plain = "<a b=\"https://Idp.example/x?a=1&amp;b\" c=\"http://idp.example\"><d>x@idp.example</d></a>";
        assert_eq!(mended(text), (plain.to_owned(), vec![Mend::Linked]));
        for text in [
            text.replace("<http://idp.example/>", "<http://other.example/>"),
            "<a b=\"https://idp.example<https://idp.example/x>\"/>".to_owned(),
            "<a b=\"<https://idp.example>\"/>".to_owned(),
            "<a b=\"https://idp.example<https://idp.example\"/".to_owned(),
            "<a>x<mailto:></a>".to_owned(),
        ] {
            assert_eq!(mended(&text), (text.clone(), vec![]));
        }
    }

    #[test]
    fn a_zero_width_space_before_the_document_goes() {
        assert_eq!(mended("\u{200b}<a/>"), ("<a/>".to_owned(), vec![Mend::Invisible]));
    }
}
