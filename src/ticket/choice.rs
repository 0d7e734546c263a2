//! From hits to values: the newest text counts, one value is found, several compete, and none is guessed.

use std::borrow::Cow;
use std::collections::HashSet;

use super::contents::{Part, Section};
use super::extract::{self, Hit};
use super::labels::{self, Field};
use super::layers::{self, Kind};
use super::line::Line;
use super::protocol::Protocols;
use super::{machine, metadata, shapes};
use crate::foreign::{self, link, placeholder, private_key, saying};
use crate::intake::{inside_emphasis, inside_pair};
use crate::makes;

/// A value, and where it stands in the mail.
#[derive(Debug, Clone)]
pub struct Candidate<T> {
    /// The value, raw: intake mends it.
    pub value: T,
    /// The place, in words, printable.
    pub place: String,
    /// Its label may be that of something else: people write "Application ID" before a secret, too.
    pub(super) doubtful: bool,
}

/// What a mail says of one value.
#[derive(Debug, Clone)]
pub enum Choice<T> {
    /// Nothing.
    Absent,
    /// One value.
    Found(Candidate<T>),
    /// Several, and nothing that tells which is meant: in the order they stand.
    Contested(Vec<Candidate<T>>),
}

impl<T> Choice<T> {
    /// The one value, if there is one.
    #[must_use]
    pub const fn found(&self) -> Option<&Candidate<T>> {
        match self {
            Self::Found(one) => Some(one),
            _ => None,
        }
    }

    /// Whether nothing was found.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The values that compete.
    #[must_use]
    pub fn contested(&self) -> &[Candidate<T>] {
        match self {
            Self::Contested(several) => several,
            _ => &[],
        }
    }

    /// Makes the value at `position` the one that is meant; nothing happens where there is none.
    pub fn settle(&mut self, position: usize) {
        if let Self::Contested(several) = self
            && position < several.len()
        {
            *self = Self::Found(several.swap_remove(position));
        }
    }

    pub(super) fn map<U>(self, with: impl Fn(T) -> U) -> Choice<U> {
        let one =
            |Candidate { value, place, doubtful }: Candidate<T>| Candidate { value: with(value), place, doubtful };
        match self {
            Self::Absent => Choice::Absent,
            Self::Found(found) => Choice::Found(one(found)),
            Self::Contested(several) => Choice::Contested(several.into_iter().map(one).collect()),
        }
    }
}

/// The hits of one form of a mail.
#[derive(Debug, Default)]
pub(super) struct View {
    labelled: Vec<Placed>,
    /// What sentences about a value hold, and what looks like a secret: it competes with what a label announces, and is no value by
    /// itself.
    rivals: Vec<Placed>,
    shaped: Vec<Placed>,
    /// Documents of SAML metadata that were pasted into the text.
    pub(super) pasted: Vec<String>,
    /// The start of such a document that has no end.
    pub(super) cut_off: Option<String>,
    /// A private key stands in the text.
    pub(super) holds_key: bool,
    /// The sender of the first forwarded mail.
    pub(super) forwarded_from: Option<String>,
    /// A line near the top that is a person's name and address: how help desks name who wrote.
    pub(super) author: Option<String>,
    /// The protocols that its sender's words name, and the subject.
    pub(super) protocols: Protocols,
}

/// A hit, and the part it is in.
#[derive(Debug, Clone)]
struct Placed {
    hit: Hit,
    part: Part,
}

/// Texts of one mail that are read.
const SECTIONS: usize = 20;

/// Lines from the top in which a help desk names who wrote.
const AUTHOR_LINES: usize = 20;

impl View {
    /// Reads the sections of one form.
    pub(super) fn of(sections: &[Section], subject: &str) -> Self {
        let mut view = Self { protocols: Protocols::named_in([subject.to_owned()]), ..Self::default() };
        for section in sections.iter().take(SECTIONS) {
            let mut lines = Cow::Borrowed(section.page.lines.as_slice());
            for pasted in metadata::pasted(&section.page.lines) {
                for line in lines.to_mut().get_mut(pasted.lines).unwrap_or_default() {
                    line.cells = vec![String::new()];
                }
                view.pasted.push(pasted.text);
            }
            view.cut_off = view.cut_off.take().or_else(|| metadata::cut_off(&lines));
            view.holds_key |= !matches!(section.part, Part::File(_)) && holds_key(&lines);
            let mut read = layers::layers(&lines, subject);
            for layer in &mut read.lines {
                layer.rank += section.nested;
                if section.nested > 0 && layer.kind == Kind::Own {
                    layer.kind = Kind::Forwarded;
                }
            }
            let hits = extract::labelled(&lines, &read.lines);
            let shaped = shapes::shaped(&lines, &read.lines, &hits.claimed);
            let loose = shapes::loose(&lines, &read.lines, &hits.claimed);
            let placed = |hit| Placed { hit, part: section.part.clone() };
            let placed = |hits: Vec<Hit>| hits.into_iter().map(placed);
            view.labelled.extend(placed(hits.labelled));
            view.rivals.extend(placed(hits.rivals));
            view.rivals.extend(placed(loose));
            view.shaped.extend(placed(shaped));
            let said = lines.iter().zip(&read.lines).filter(|(_, layer)| layer.kind != Kind::Quoted && !layer.skipped);
            view.protocols = view.protocols.and(Protocols::named_in(said.map(|(line, _)| line.joined())));
            view.forwarded_from = view.forwarded_from.take().or(read.forwarded_from);
            if view.author.is_none() {
                let top = lines.iter().zip(&read.lines).take(AUTHOR_LINES).filter(|(_, layer)| !layer.skipped);
                view.author = top.map(|(line, _)| line.joined()).find(|text| is_author(text));
            }
        }
        for placed in &mut view.labelled {
            settle_kind(&mut placed.hit);
        }
        view
    }

    /// Whether any value of this kind was found.
    pub(super) fn has(&self, field: Field) -> bool {
        self.labelled.iter().chain(&self.shaped).any(|one| one.hit.field == field)
    }

    /// The newest values of a kind, each once. What a label announces goes before what a shape gives away.
    /// What only stands in a value's place is left out, unless `stand_ins` are wanted.
    fn newest(&self, field: Field, stand_ins: bool) -> Vec<&Placed> {
        // What held before holds no more, wherever else it stands.
        let is_old = |one: &&Placed| one.hit.field == field && one.hit.old;
        let old: HashSet<String> = self.labelled.iter().filter(is_old).map(|one| key(&one.hit)).collect();
        for hits in [&self.labelled, &self.shaped] {
            let is_wanted = |Placed { hit, .. }: &&Placed| {
                hit.field == field && (old.is_empty() || !old.contains(&key(hit))) && (stand_ins || !is_stand_in(hit))
            };
            // Entra's secrets cannot be mistaken: a GUID beside one is its id, whatever it is called.
            let entra = field == Field::ClientSecret
                && hits.iter().any(|one| one.hit.field == field && makes::looks_like_secret(bare(&one.hit.value)));
            let of_field =
                || hits.iter().filter(is_wanted).filter(|one| !entra || !makes::is_guid(bare(&one.hit.value)));
            let Some(rank) = of_field().map(|one| one.hit.rank).min() else { continue };
            let mut seen = HashSet::new();
            let mut newest: Vec<&Placed> =
                of_field().filter(|one| one.hit.rank == rank && seen.insert(key(&one.hit))).collect();
            // "We rotated the secret, please use x": said in the same mail or a newer one. All else that looks like a value competes
            // with those of older mails alone: "Here is the new one: x".
            let is_rival = |rival: &&Placed| {
                let alike = |one: &&Placed| {
                    !is_credential(field) || machine::are_alike(bare(&one.hit.value), bare(&rival.hit.value))
                };
                let is_of_same = field == Field::ClientSecret && rival.hit.label.is_some() && rival.hit.rank == rank;
                rival.hit.field == field
                    && (rival.hit.rank < rank || is_of_same)
                    && newest.iter().any(alike)
                    && !seen.contains(&key(&rival.hit))
            };
            let is_unmistakable = |one: &&Placed| {
                let value = one.hit.value.as_str();
                makes::looks_like_client_id(bare(value)) || shapes::is_discovery(value)
            };
            let shaped = self.shaped.iter().filter(is_unmistakable);
            let mut rivals: Vec<&Placed> = self.rivals.iter().chain(shaped).filter(is_rival).collect();
            rivals.dedup_by_key(|rival| key(&rival.hit));
            newest.extend(rivals);
            return newest;
        }
        Vec::new()
    }

    /// All values of a kind in the newest text that has any.
    pub(super) fn list(&self, field: Field) -> Vec<Candidate<String>> {
        self.newest(field, true).into_iter().map(candidate).collect()
    }
}

/// Whether a private key stands in a text, be it broken over lines.
fn holds_key(lines: &[Line]) -> bool {
    lines.iter().any(|line| line.cells.iter().any(|cell| private_key::stands_in(cell)))
}

/// `Jane Doe <jane@acme.example>, Nov 12, 2026`: a name and an address in angle brackets at the start of a line.
fn is_author(text: &str) -> bool {
    let Some((name, rest)) = text.split_once('<') else { return false };
    let Some((address, _)) = rest.split_once('>') else { return false };
    let name = name.trim();
    !name.is_empty()
        && name.len() <= 80
        && !name.contains([':', '='])
        && address.contains('@')
        && !address.contains(char::is_whitespace)
}

/// A metadata address that is a discovery document belongs to OpenID Connect, an issuer that is SAML metadata to SAML.
fn settle_kind(hit: &mut Hit) {
    if hit.field == Field::Metadata && shapes::is_discovery(&hit.value) {
        hit.field = Field::Issuer;
    } else if hit.field == Field::Issuer && shapes::is_metadata(&hit.value) {
        hit.field = Field::Metadata;
    }
}

/// A value without the marks around it.
pub(super) fn bare(value: &str) -> &str {
    value.trim_matches(|one: char| !one.is_ascii_alphanumeric())
}

const fn is_credential(field: Field) -> bool {
    matches!(field, Field::ClientId | Field::ClientSecret)
}

/// Whether a credential is a placeholder, or a saying in its place.
fn is_stand_in(hit: &Hit) -> bool {
    is_credential(hit.field)
        && (placeholder::is_credential_stand_in(&hit.value) || placeholder::is_marks_alone(&hit.value))
        || hit.field == Field::ClientSecret && saying::is_saying(&hit.value)
}

/// What two spellings of the same value have in common.
fn key(hit: &Hit) -> String {
    let value = hit.value.trim();
    match hit.field {
        Field::Owner | Field::Requester | Field::Domains => value.to_lowercase(),
        Field::Metadata => link::unwrapped(value).into_owned(),
        Field::Issuer => {
            let value = link::unwrapped(value);
            let value = value.as_ref();
            let value = value.split_once("/.well-known/").map_or(value, |(issuer, _)| issuer);
            let (scheme, rest) = value.split_once("://").unwrap_or(("https", value));
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            format!("{}://{}{}", scheme.to_lowercase(), host.to_lowercase(), path.trim_end_matches('/'))
        }
        Field::ClientId | Field::ClientSecret => {
            let emphasis = inside_emphasis(value).filter(|_| hit.field == Field::ClientId);
            inside_pair(value).or(emphasis).unwrap_or(value).to_owned()
        }
        _ => value.to_owned(),
    }
}

/// What both forms of a mail say of a value.
pub(super) struct Decision {
    /// The value.
    pub(super) choice: Choice<String>,
    /// The plain text and the HTML say different things.
    pub(super) differs: bool,
}

/// Compares the two forms; `html` is `None` where they are the same.
pub(super) fn decide<'v>(field: Field, plain: &'v View, html: Option<&'v View>) -> Decision {
    let both = |stand_ins: bool| {
        (plain.newest(field, stand_ins), html.map(|html| html.newest(field, stand_ins)).unwrap_or_default())
    };
    let (left, right) = match both(false) {
        // A placeholder that is all there is, intake names.
        (left, right) if left.is_empty() && right.is_empty() && is_credential(field) => {
            let first = |side: Vec<&'v Placed>| side.into_iter().take(1).collect();
            let (left, right) = both(true);
            (first(left), first(right))
        }
        both => both,
    };
    let keys = |side: &[&Placed]| side.iter().map(|one| key(&one.hit)).collect::<Vec<_>>();
    let (left_keys, right_keys) = (keys(&left), keys(&right));
    let all_in = |these: &[String], those: &[String]| these.iter().all(|one| those.contains(one));
    let agreed = if left.is_empty() || all_in(&right_keys, &left_keys) && all_in(&left_keys, &right_keys) {
        if right.is_empty() { left } else { right }
    } else if right.is_empty() {
        left
    } else if right.len() == 1 && all_in(&right_keys, &left_keys) && is_one_spot(&left) {
        // One form settles what the other left open.
        right
    } else if left.len() == 1 && all_in(&left_keys, &right_keys) && is_one_spot(&right) {
        left
    } else {
        let differs = !left_keys.iter().any(|one| right_keys.contains(one));
        let mut both = left;
        for one in right {
            if !both.iter().any(|other| key(&other.hit) == key(&one.hit)) {
                both.push(one);
            }
        }
        return Decision { choice: choice(both), differs };
    };
    Decision { choice: choice(agreed), differs: false }
}

/// Whether several readings of one spot are all there is.
fn is_one_spot(side: &[&Placed]) -> bool {
    side.windows(2).all(|pair| {
        pair.first().map(|one| (one.hit.line, &one.hit.label)) == pair.last().map(|one| (one.hit.line, &one.hit.label))
    })
}

fn choice(mut hits: Vec<&Placed>) -> Choice<String> {
    match hits.len() {
        0 => Choice::Absent,
        1 => hits.pop().map_or(Choice::Absent, |one| Choice::Found(candidate(one))),
        _ => Choice::Contested(hits.into_iter().map(candidate).collect()),
    }
}

fn candidate(placed: &Placed) -> Candidate<String> {
    let doubtful = placed.hit.label.as_deref().is_some_and(|label| !labels::says_client(label));
    Candidate { value: placed.hit.value.clone(), place: place(placed), doubtful }
}

/// Where a hit stands, in words.
fn place(placed: &Placed) -> String {
    let hit = &placed.hit;
    let text = match &placed.part {
        Part::Plain => "the text".to_owned(),
        Part::Html => "the HTML text".to_owned(),
        Part::File(name) => format!("the attachment {}", foreign::shown_up_to(name, 60)),
        Part::Mail => "the attached mail".to_owned(),
    };
    let layer = match hit.kind {
        Kind::Own => "",
        Kind::Forwarded => " (forwarded)",
        Kind::Quoted => " (quoted)",
    };
    let line = hit.line;
    match &hit.label {
        Some(label) => format!("`{}` in line {line} of {text}{layer}", foreign::shown_up_to(label, 60)),
        None => format!("its shape, in line {line} of {text}{layer}"),
    }
}
