//! Undoing what mail programs, chats and word processors do to a value. Knows nothing of what the value means.

use super::wrapping;
use crate::finding::Finding;
use crate::foreign::{self, private_key};
use crate::input::Input;

/// Longest text of a single value that is looked at, in bytes; every value that is legal is far shorter.
pub(super) const LINE_BYTES: usize = 16 * 1024;

/// Longest text that is compared with labels, in bytes.
const LABEL_BYTES: usize = 64;

/// Rounds of peeling: nobody wraps a value deeper by accident.
const ROUNDS: usize = 8;

/// Marks that come in pairs around a value.
const PAIRS: [(char, char); 29] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('´', '´'),
    ('*', '*'),
    ('|', '|'),
    ('“', '”'),
    ('”', '“'),
    ('”', '”'),
    ('“', '“'),
    ('„', '“'),
    ('„', '”'),
    ('‘', '’'),
    ('’', '’'),
    ('‚', '‘'),
    ('‚', '’'),
    ('«', '»'),
    ('»', '«'),
    ('‹', '›'),
    ('「', '」'),
    ('『', '』'),
    ('【', '】'),
    ('《', '》'),
    ('〈', '〉'),
    ('（', '）'),
    ('<', '>'),
    ('(', ')'),
    ('[', ']'),
    ('{', '}'),
];

/// Marks of emphasis in Markdown and chats that machines put into secrets, too: `_x_`, `~x~`.
const EMPHASIS: [(char, char); 2] = [('_', '_'), ('~', '~')];

/// What stands for marks around a value in a text that was escaped once too often.
const ENTITIES: [(&str, &str); 5] =
    [("&quot;", "&quot;"), ("&lt;", "&gt;"), ("&#39;", "&#39;"), ("&apos;", "&apos;"), ("&ldquo;", "&rdquo;")];

/// What stands for a blank in such a text.
const BLANK_ENTITIES: [&str; 3] = ["&nbsp;", "&#160;", "&#xa0;"];

/// A value and what was done to it.
pub(super) struct Mended {
    pub(super) text: String,
    /// In words, each once, in the order it was done.
    pub(super) done: Vec<&'static str>,
}

impl Mended {
    pub(super) fn new(raw: &str) -> Self {
        Self { text: raw.to_owned(), done: Vec::new() }
    }

    /// Replaces the text and remembers why, if it is another text.
    pub(super) fn become_text(&mut self, text: String, why: &'static str) -> bool {
        if self.text == text {
            return false;
        }
        self.text = text;
        if !self.done.contains(&why) {
            self.done.push(why);
        }
        true
    }

    /// Removes characters that take no room: zero-width, bidi marks, byte order mark, soft hyphen.
    pub(super) fn drop_invisible(&mut self) {
        if self.text.contains(foreign::is_invisible) {
            let visible = self.text.chars().filter(|one| !foreign::is_invisible(*one)).collect();
            self.become_text(visible, "removed invisible characters");
        }
    }

    /// Removes white space at both ends, also the non-breaking kinds.
    pub(super) fn trim(&mut self) -> bool {
        let trimmed = self.text.trim().to_owned();
        self.become_text(trimmed, "removed the surrounding blanks")
    }

    /// Removes one layer of quotes, brackets, tags or `*` that stands around the whole value.
    pub(super) fn unwrap_pair(&mut self) -> bool {
        if let Some(inside) = inside_pair(&self.text).or_else(|| inside_entities(&self.text)).map(str::to_owned) {
            return self.become_text(inside, "removed the surrounding quotes or brackets");
        }
        let bare = wrapping::without_tags(&self.text).filter(|bare| !bare.is_empty()).map(str::to_owned);
        bare.is_some_and(|bare| self.become_text(bare, "removed the tags of a web page around it"))
    }

    /// Removes one layer of marks of emphasis that stands around the whole value, and may be part of a secret.
    fn unwrap_emphasis(&mut self) -> bool {
        let inside = inside_emphasis(&self.text).map(str::to_owned);
        inside.is_some_and(|inside| self.become_text(inside, "removed the marks of emphasis around it"))
    }

    /// Removes a quote or bracket at one end whose partner is nowhere.
    fn drop_lone_mark(&mut self) -> bool {
        let mut text = self.text.as_str();
        for (open, close) in PAIRS {
            if let Some(rest) = text.strip_prefix(open)
                && !rest.contains(close)
            {
                text = rest;
            }
            if let Some(rest) = text.strip_suffix(close)
                && !rest.contains(open)
            {
                text = rest;
            }
        }
        let text = text.to_owned();
        self.become_text(text, "removed a stray quote or bracket")
    }

    /// Removes the full stop, comma or semicolon of the sentence the value stood in.
    fn drop_sentence_end(&mut self) -> bool {
        let text = self.text.trim_end_matches(['.', ',', ';', '!', '。', '、', '，']).to_owned();
        self.become_text(text, "removed the punctuation behind it")
    }

    /// Removes a list bullet or mail quote mark in front.
    fn drop_bullet(&mut self) -> bool {
        let bullets = ["- ", "* ", "• ", "· ", "> ", ">> ", ">>> ", "– "];
        let rest = bullets.iter().find_map(|bullet| self.text.strip_prefix(bullet)).map(str::to_owned);
        rest.is_some_and(|rest| self.become_text(rest, "removed the list mark in front"))
    }

    /// Removes `Issuer:`, `client_id =` and the like; `labels` are lower case.
    pub(super) fn drop_label(&mut self, labels: &[&str]) -> bool {
        let Some(position) = self.text.find([':', '=', '：', '＝']) else { return false };
        let (label, rest) = self.text.split_at(position);
        let rest = rest.trim_start_matches([':', '=', '：', '＝', '*', '"', '\'']).trim_start();
        if rest.is_empty() || !is_label(label, labels) {
            return false;
        }
        let rest = rest.to_owned();
        self.become_text(rest, "removed the label in front")
    }

    /// Writes the hyphens of word processors as those of names: U+2010, and U+2011, which keeps a name in one line.
    fn plain_hyphens(&mut self) {
        let plain = self.text.replace(['\u{2010}', '\u{2011}'], "-");
        self.become_text(plain, "wrote a typographic hyphen plainly");
    }

    /// All of the above until nothing changes: for values in which none of it can be meant.
    pub(super) fn peel(&mut self, labels: &[&str]) {
        self.drop_invisible();
        self.plain_hyphens();
        for _ in 0..ROUNDS {
            let changed = [
                self.trim(),
                self.drop_bullet(),
                self.drop_label(labels),
                self.unwrap_pair(),
                self.unwrap_emphasis(),
                self.drop_sentence_end(),
                self.drop_lone_mark(),
            ];
            if !changed.contains(&true) {
                break;
            }
        }
    }
}

/// Whether `text` is one of `labels`, which are lower case: written with blanks, hyphens, underscores, strokes or a part in
/// brackets, or as a property (`a.b.issuer-uri`) or a variable (`export ISSUER`) of a program.
pub(super) fn is_label(text: &str, labels: &[&str]) -> bool {
    let name = text.trim();
    let name = name.strip_prefix("export ").unwrap_or(name);
    let name = if name.contains(char::is_whitespace) { name } else { name.rsplit('.').next().unwrap_or(name) };
    if name.len() > LABEL_BYTES {
        return false;
    }
    // Asked of every address in a list of a million: nothing is copied for each label.
    let wanted = name.to_lowercase();
    words(&wanted).next().is_some() && labels.iter().any(|label| words(label).eq(words(&wanted)))
}

/// The words of a label, without what is written between and around them.
fn words(label: &str) -> impl Iterator<Item = &str> {
    let is_between =
        |one: char| one.is_whitespace() || matches!(one, '-' | '_' | '(' | ')' | '"' | '\'' | '’' | '*' | '/');
    label.split(is_between).filter(|word| !word.is_empty())
}

/// Whether a word only joins what stands on both sides of it: `and`, `or`, in whichever language.
pub(crate) fn is_conjunction(word: &str) -> bool {
    const WORDS: [&str; 13] = ["and", "or", "und", "et", "y", "e", "ed", "en", "oder", "ou", "i", "og", "och"];
    WORDS.contains(&word.to_lowercase().as_str())
}

/// What stands inside a matching pair; `None` where there is no pair, nothing inside, or more than one value.
pub(crate) fn inside_pair(text: &str) -> Option<&str> {
    let inside = inside(text, &PAIRS)?;
    // A word in braces is what a template has for a value, and JSON has more than one.
    let is_value = |inside: &str| {
        inside.contains(|one: char| one.is_ascii_digit() || matches!(one, '.' | '@'))
            && !inside.contains(|one: char| one.is_whitespace() || matches!(one, '"' | '\''))
    };
    (!text.starts_with('{') || is_value(inside)).then_some(inside)
}

/// What stands inside marks of emphasis that may be part of a secret, as [`inside_pair`].
pub(crate) fn inside_emphasis(text: &str) -> Option<&str> {
    inside(text, &EMPHASIS)
}

fn inside<'t>(text: &'t str, pairs: &[(char, char)]) -> Option<&'t str> {
    let (first, last) = (text.chars().next()?, text.chars().next_back()?);
    let (open, close) = *pairs.iter().find(|pair| **pair == (first, last))?;
    // Code fences, bold and `[[…]]`: as many marks behind as in front.
    let front = (text.len() - text.trim_start_matches(open).len()) / open.len_utf8();
    let back = (text.len() - text.trim_end_matches(close).len()) / close.len_utf8();
    let width = front.min(back);
    let inside = text.get(width * open.len_utf8()..text.len().checked_sub(width * close.len_utf8())?)?;
    (!inside.trim().is_empty() && !inside.contains([open, close])).then_some(inside)
}

/// What stands inside marks, or blanks, that were written out for HTML and never read back.
fn inside_entities(text: &str) -> Option<&str> {
    let marks = ENTITIES.iter().find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close));
    let bare = BLANK_ENTITIES.iter().fold(text, |text, blank| {
        let text = text.trim_start_matches(blank);
        text.trim_end_matches(blank)
    });
    marks.or_else(|| (bare.len() < text.len()).then_some(bare)).filter(|inside| !inside.trim().is_empty())
}

/// The first control character that is neither a tab nor part of a line break.
pub(super) fn control_character(text: &str) -> Option<char> {
    text.chars().find(|one| one.is_control() && !matches!(one, '\t' | '\n' | '\r'))
}

/// The first character of `text` for which another text is seen than is there: a control character, or a mark that turns the order
/// of letters round.
pub(super) fn hidden_character(text: &str) -> Option<char> {
    control_character(text).or_else(|| order_override(text))
}

/// The first mark within `text` that turns the order of what follows round, so that another text is seen than is there. At
/// the ends it hides nothing: behind the text nothing follows, and in front of it the whole is turned round, which nobody can read.
/// U+202D turns those letters alone that run from right to left; programs put it around addresses that they copy.
fn order_override(text: &str) -> Option<char> {
    let within = text.trim_matches(|one: char| one.is_whitespace() || foreign::is_invisible(one));
    let has_turned_letters =
        within.contains(|one| matches!(one, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'));
    within.chars().find(|one| *one == '\u{202e}' || (*one == '\u{202d}' && has_turned_letters))
}

/// The refusal of a control character, which is named by its number alone.
pub(super) fn control_finding(input: Input, control: char) -> Finding {
    let what = input.what();
    Finding::fail(
        "control_character",
        format!("{what} contains the control character U+{:04X}, which cannot belong to it", u32::from(control)),
    )
    .about(input)
    .because("such characters come from a damaged copy, or are there to mislead whoever reads the screen")
    .next("ask the customer to copy the value again, as plain text")
    .tell(format!("We could not read {what}: it arrived damaged. Please copy it again and send it as plain text."))
}

/// The refusal of a text that is too long to be looked at.
pub(super) fn too_long(input: Input, limit: &str) -> Finding {
    let (what, flag) = (input.what(), input.flag());
    Finding::fail("input_too_long", format!("{what} is longer than {limit}"))
        .about(input)
        .because("no provider has values of that length: something else was pasted")
        .next(format!("check what was given to {flag}, and ask the customer for the value alone"))
        .tell(format!("What we received as {what} is far too long. Please send that value alone."))
}

/// Whether `text` holds a private or symmetric key: in PEM form or its Base64, or as a JWK (RFC 7517), which our own key file is too.
pub(super) fn holds_private_key(text: &str) -> bool {
    private_key::stands_in(text) || (text.contains("\"kty\"") && (text.contains("\"d\"") || text.contains("\"k\"")))
}

/// The refusal of a private key, which is not quoted.
pub(super) fn private_key_finding(input: Input) -> Finding {
    let what = input.what();
    Finding::fail("private_key_in_input", format!("a private key was given as {what}"))
        .about(input)
        .because("a private key must never leave its owner: whoever has read this ticket can now act in its name")
        .next("do not store or forward the key; tell the customer to replace it, and ask for the right value")
        .tell(format!(
            "What you sent as {what} is a private key. Please treat that key as compromised and replace it; we never \
             need it. For {what}, please send the value that your identity provider shows under that name."
        ))
}
