//! From lines to hits: every value that a label announces, and every value that its shape gives away, each with where
//! it stands. Nothing is chosen here.

use std::ops::Range;

use super::credential::{self, Held, Setting};
use super::labels::{self, Field, Occurrence};
use super::layers::{Kind, Layer};
use super::line::Line;
use super::own_word::{OwnWord, alone, own_word};
use super::sentence::{
    Behind, behind, breaks_off, goes_on_from_above, is_denied, is_joint, named_before, opens, remark_end, stand_in,
    without_bullet,
};
use super::{address, domains, form, machine, marks, remark, table, wrapping};
use crate::makes;

/// Blank lines between a label and the value below it.
const BLANKS: usize = 1;

/// Words of a line that asks for a value.
const QUESTION_WORDS: usize = 24;

/// Hits that are kept of one body: a mail with more is no request.
const HITS: usize = 200;

/// Longest line that is read, in bytes; of a longer one, its start.
pub(super) const LINE_BYTES: usize = 16 * 1024;

/// Column from which on a word may have been broken by the mail program.
const BROKEN_COLUMN: usize = 68;

/// A value, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// What it is.
    pub(super) field: Field,
    /// The value, raw.
    pub(super) value: String,
    /// How many mails ago it was written.
    pub(super) rank: usize,
    /// How it came into the mail.
    pub(super) kind: Kind,
    /// Its line, counted from 1.
    pub(super) line: usize,
    /// The label, as it stands there; `None` where the shape alone told.
    pub(super) label: Option<String>,
    /// It is said to be what held before.
    pub(super) old: bool,
}

/// What one body holds.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// What labels announce, from the top.
    pub(super) labelled: Vec<Hit>,
    /// Words that a sentence about the secret has in it, and that look like one.
    pub(super) rivals: Vec<Hit>,
    /// Lines that hold a label or a labelled value, one for each line.
    pub(super) claimed: Vec<bool>,
}

/// A label whose value is on a line below.
struct Pending {
    field: Field,
    label: String,
    rank: usize,
    blanks: usize,
    /// The line above was a name: an address may stand below it.
    named: bool,
    /// The label says that it is what held before.
    old: bool,
    /// Some of the values have been read: more of them may follow, an item of a list on each line.
    listing: bool,
    /// The label ends a sentence of the lines above it, and what is below may be anything: it has to look like a secret.
    ends_sentence: bool,
}

impl Pending {
    /// Of a label that was just read.
    const fn of(field: Field, label: String, rank: usize) -> Self {
        Self { field, label, rank, blanks: 0, named: false, old: false, listing: false, ends_sentence: false }
    }
}

/// Finds what labels announce.
pub(super) fn labelled(lines: &[Line], layers: &[Layer]) -> Hits {
    let mut reader = Reader {
        hits: Hits { claimed: vec![false; lines.len()], ..Hits::default() },
        pending: None,
        columns: None,
        old: false,
    };
    let mut read_to = 0;
    for (position, (line, layer)) in lines.iter().zip(layers).enumerate() {
        if position < read_to {
            continue;
        }
        if layer.skipped {
            reader.pending = None;
            continue;
        }
        if line.rule > 0 || is_fence(line) || is_separator(line) {
            continue;
        }
        if line.is_blank() {
            reader.blank();
            continue;
        }
        if table::is_title(lines, position) {
            reader.pending = None;
            continue;
        }
        let alike = |next: &&Line| next.depth == line.depth && !next.is_blank();
        let next = lines.get(position + 1).filter(alike);
        let beyond =
            lines.get(position + 2).filter(|_| lines.get(position + 1).is_some_and(Line::is_blank)).filter(alike);
        let below = lines.iter().skip(position + 1).take(BLANKS + 1).find(|one| !one.is_blank());
        let answered = below.is_some_and(|one| one.depth < line.depth);
        let width = line.cells.iter().map(|cell| cell.trim_end().chars().count()).sum();
        let by_id = table::is_by_id(lines, position);
        let above = position.checked_sub(1).and_then(|above| lines.get(above)).filter(alike);
        let goes_on = above.is_some_and(|above| breaks_off(&above.joined()));
        let spot = Spot { position, layer: *layer, width, next, beyond, answered, by_id, goes_on };
        if let Some(list) = table::standing(lines, position) {
            read_to = list.end;
            let value = lines.get(list.value).map(Line::joined).unwrap_or_default();
            let spot = Spot { position: list.value, next: None, beyond: None, ..spot };
            reader.listed(position..read_to, spot, Field::ClientSecret, &list.name, &value);
            continue;
        }
        if let Some(named) = next.and_then(|next| table::named_value(line, next)) {
            read_to = position + 2;
            reader.listed(position..read_to, spot, named.field, &named.name, &named.value);
            continue;
        }
        reader.line(line, spot);
        if reader.hits.labelled.len() > HITS {
            break;
        }
    }
    reader.hits
}

struct Reader {
    hits: Hits,
    pending: Option<Pending>,
    /// The columns of the table that is being read, each with its label.
    columns: Option<Vec<Option<(Field, String)>>>,
    /// The label that is being read says that its value is what held before.
    old: bool,
}

/// Where a value is being looked for.
#[derive(Clone, Copy)]
struct Spot<'l> {
    position: usize,
    layer: Layer,
    /// Characters of the line.
    width: usize,
    next: Option<&'l Line>,
    /// The line behind a blank one.
    beyond: Option<&'l Line>,
    /// It is quoted, and what stands below it is the answer.
    answered: bool,
    /// A console names a secret by its id on a line near by: what it calls `Value` is the secret.
    by_id: bool,
    /// The line above breaks off in the middle of a sentence.
    goes_on: bool,
}

impl Reader {
    fn blank(&mut self) {
        self.columns = None;
        if let Some(pending) = &mut self.pending {
            pending.blanks += 1;
        }
        self.pending.take_if(|pending| pending.blanks > BLANKS);
    }

    fn line(&mut self, line: &Line, spot: Spot<'_>) {
        let mut cells: Vec<&str> = line.cells.iter().map(|cell| start_of(cell)).collect();
        if let [one] = cells.as_slice() {
            let wide = table::wide_cells(one);
            let is_table = wide.len() > 1
                && (self.columns.as_ref().is_some_and(|columns| columns.len() == wide.len())
                    || table::headings(&wide).is_some());
            if is_table {
                cells = wide;
            }
        }
        if let [one] = cells.as_slice()
            && let Some(separated) = self.separated(one, spot.next)
        {
            cells = separated;
        }
        if cells.len() > 1 && self.row(spot, &cells) {
            return;
        }
        self.columns = None;
        for cell in cells.into_iter().filter(|cell| !cell.trim().is_empty()) {
            self.text(spot, cell);
        }
    }

    /// The cells of a row with commas or semicolons, below a heading that has the same: the heading is known by its next line.
    fn separated<'t>(&self, text: &'t str, next: Option<&Line>) -> Option<Vec<&'t str>> {
        [',', ';'].into_iter().find_map(|mark| {
            let cells: Vec<&str> = text.split(mark).map(str::trim).take(table::COLUMNS_READ + 1).collect();
            let is_row = self.columns.as_ref().is_some_and(|columns| columns.len() == cells.len());
            let is_heading = || {
                cells.iter().all(|cell| labels::whole(cell).is_some())
                    && next.is_some_and(|next| next.joined().split(mark).count() == cells.len())
            };
            ((2..=table::COLUMNS_READ).contains(&cells.len()) && (is_row || is_heading())).then_some(cells)
        })
    }

    /// Reads a row of a table; `false` where it is a row of text like any other.
    fn row(&mut self, spot: Spot<'_>, cells: &[&str]) -> bool {
        if let Some(columns) = table::headings(cells) {
            self.claim(spot.position);
            self.pending = None;
            self.columns = Some(columns);
            return true;
        }
        if let Some(columns) = self.columns.take() {
            if columns.len() == cells.len() {
                self.claim(spot.position);
                for (column, cell) in columns.iter().zip(cells) {
                    if let Some((field, label)) = column {
                        self.old = remark::is_old(label);
                        self.add(spot, *field, label, cell, Setting::ALONE);
                    }
                }
                self.columns = Some(columns);
                return true;
            }
            self.columns = None;
        }
        let mut read = false;
        let mut named: Option<(Field, String)> = None;
        let mut labelled: Vec<(Field, String, Vec<&str>)> = Vec::new();
        let filled = cells.iter().map(|cell| table::without_colon(cell)).filter(|cell| !cell.trim().is_empty());
        for cell in filled {
            let value = || (spot.by_id && table::is_value_word(cell)).then(|| cell.trim().to_owned());
            match (table::cell_label(cell).or_else(|| Some((Field::ClientSecret, value()?))), labelled.last_mut()) {
                (Some((field, words)), _) => labelled.push((field, words, Vec::new())),
                (None, Some((_, _, values))) => values.push(cell),
                (None, None) => {}
            }
        }
        for (field, words, values) in labelled.into_iter().filter(|(_, _, values)| !values.is_empty()) {
            read = true;
            self.claim(spot.position);
            self.old = remark::is_old(&words);
            let mut found = false;
            for cell in table::values(field, &values) {
                found |= self.add(spot, field, &words, cell, Setting::ALONE);
            }
            if !found && field == Field::Owner && values.first().is_some_and(|cell| wrapping::is_name(cell)) {
                named = Some((field, words));
            }
        }
        if read {
            self.pending =
                named.map(|(field, label)| Pending { named: true, ..Pending::of(field, label, spot.layer.rank) });
        }
        read
    }

    /// Reads a line of running text.
    fn text(&mut self, spot: Spot<'_>, text: &str) {
        if let Some(pending) = self.pending.as_mut().filter(|_| wrapping::is_button(text)) {
            pending.blanks = 0;
            return;
        }
        // A console's "Client ID", and ": 0oa1" on the next line.
        let text = match text.trim_start().strip_prefix([':', '：']).filter(|_| self.pending.is_some()) {
            Some(value) => value,
            None if self.pending.is_some() => wrapping::answer(text),
            None => text,
        };
        let unwrapped = wrapping::unwrapped(text);
        let text = unwrapped.as_ref();
        self.old = self.pending.as_ref().is_some_and(|pending| pending.old);
        if let Some(pairs) = form::pairs(text) {
            self.pending = None;
            self.claim(spot.position);
            for (name, value) in &pairs {
                if let Some(field) = labels::whole(name) {
                    self.add(spot, field, name, value, Setting::ALONE);
                }
            }
            return;
        }
        let found = labels::occurrences(text);
        if found.is_empty() {
            if let Some((word, value)) = text.split_once([':', '：']).filter(|(word, value)| {
                table::is_value_word(word) && (spot.by_id || makes::looks_like_secret(value.trim()))
            }) && !value.trim().is_empty()
            {
                self.claim(spot.position);
                self.add(spot, Field::ClientSecret, word.trim(), value, Setting::ALONE);
                return;
            }
            if spot.by_id && table::is_value_word(text.trim().trim_end_matches([':', '：'])) {
                self.claim(spot.position);
                self.pending = Some(Pending::of(Field::ClientSecret, text.trim().to_owned(), spot.layer.rank));
                return;
            }
            if let Some(pending) = self.pending.take()
                && spot.layer.rank <= pending.rank
                && (!pending.ends_sentence || machine::machines_word(text) == Some(text.trim()))
                && (!pending.listing || domains::is_list_of_domains(text))
                && (!pending.named || wrapping::is_mail_line(text))
            {
                self.claim(spot.position);
                let read = self.add(spot, pending.field, &pending.label, without_bullet(text), Setting::ALONE);
                if !read && !pending.named && pending.field == Field::Owner && wrapping::is_name(text) {
                    self.pending = Some(Pending { named: true, blanks: 0, ..pending });
                } else if read && pending.field == Field::Domains {
                    self.pending = Some(Pending { listing: true, blanks: 0, ..pending });
                }
            }
            return;
        }
        if let Some(pending) = self.pending.take()
            && let [one] = found.as_slice()
            && let Some(word) = alone(text)
            && one.field == pending.field
            && spot.layer.rank <= pending.rank
        {
            self.claim(spot.position);
            for reading in [word, text.get(one.end..).unwrap_or_default()] {
                self.keep(spot, pending.field, &pending.label, reading);
            }
            return;
        }
        if let [one] = found.as_slice()
            && let Some(value) = wrapping::named_behind(text, one.start)
        {
            self.pending = None;
            self.claim(spot.position);
            self.add(spot, one.field, &one.words, value, Setting::ALONE);
            return;
        }
        self.pending = None;
        self.claim(spot.position);
        let (mut asked, mut listing, mut named_owner) = (None, None, false);
        let mut read_to = 0;
        for (position, one) in found.iter().enumerate() {
            if one.start < read_to {
                continue;
            }
            self.old = remark::is_said_old(text, one);
            let remarked =
                remark_end(text, one).filter(|end| found.get(position + 1).is_some_and(|next| next.start < *end));
            let bracketed = stand_in(text, one.end).or(remarked);
            let word = bracketed.is_none().then(|| own_word(one, text)).flatten();
            if let Some(OwnWord { readings, end }) = word.as_ref().filter(|word| word.readings.len() > 1) {
                read_to = *end;
                for value in readings {
                    self.keep(spot, one.field, &one.words, value);
                }
                continue;
            }
            let bracketed = bracketed.or(word.map(|word| word.end));
            let following = found.iter().skip(position + 1).find(|next| next.start >= bracketed.unwrap_or_default());
            let end = following.map_or(text.len(), |next| next.start);
            read_to = bracketed.unwrap_or_default();
            let rest = text.get(one.end..end).unwrap_or_default();
            let before = position.checked_sub(1).and_then(|before| found.get(before)).filter(|_| position > 0);
            if before.is_some_and(|before| is_joint(before, one, text)) {
                // "Client ID / Secret: a / b": which is which is not guessed.
                continue;
            }
            if one.field == Field::Domains && !one.separated && is_denied(text, one) {
                continue;
            }
            if one.field == Field::ClientSecret && remark::is_said_no_secret(text.get(..end).unwrap_or_default(), one) {
                continue;
            }
            // The stop of a sentence that ends with the label stands in the label's last word.
            let words = text.get(..one.end).unwrap_or_default().trim_end_matches(['.', ',', ';', '!', '?']);
            let from = before.map_or(0, |before| before.end);
            // "0oa1 (client ID)" has the bracket in the label's first word.
            let open =
                text.get(one.start..).filter(|_| words.ends_with([')', '）'])).and_then(|label| label.chars().next());
            let open = open.filter(|one| matches!(one, '(' | '（')).map_or(0, char::len_utf8);
            let named = named_before(
                text.get(from..one.start + open).unwrap_or_default(),
                text.get(words.len()..end).unwrap_or_default(),
                one.field,
            )
            .filter(|_| !one.separated);
            // "We rotated the client secret, here it is:"
            let is_open =
                following.is_none() && matches!(one.field, Field::ClientId | Field::ClientSecret) && opens(rest);
            match (named, behind(one, rest)) {
                (None, Behind::Value(value, set_off)) => {
                    let value = wrapping::inner(text.get(one.start..one.end).unwrap_or_default(), value);
                    if following.is_none() && one.field == Field::ClientSecret && remark::points_below(value) {
                        asked = Some(one);
                        continue;
                    }
                    let setting = Setting { set_off, followed: following.is_some(), words: false };
                    let read = self.add(spot, one.field, &one.words, value, setting);
                    if !read && is_open {
                        asked = Some(one);
                    } else if !read {
                        self.rival(spot, one, rest);
                    }
                    named_owner = !read && one.field == Field::Owner && following.is_none() && wrapping::is_name(value);
                    listing = (read && one.field == Field::Domains && following.is_none()).then_some(one);
                    if named_owner {
                        asked = Some(one);
                    }
                }
                (Some(value), _) => {
                    let setting = Setting { set_off: false, followed: true, words: false };
                    self.add(spot, one.field, &one.words, value, setting);
                }
                (None, Behind::Nothing) if following.is_none() && (one.leads_or_ends(text) || spot.answered) => {
                    asked = Some(one);
                }
                (None, Behind::Words) if is_open => asked = Some(one),
                (None, Behind::Words) => self.rival(spot, one, rest),
                (None, Behind::Nothing) => {}
            }
        }
        let is_question = text.trim_end().ends_with(['?', '？']) && text.split_whitespace().count() <= QUESTION_WORDS;
        if is_question && asked.is_none() {
            asked = found.iter().find(|one| !matches!(one.field, Field::Other | Field::Host | Field::Tenant));
        }
        if let Some(one) = asked.or(listing) {
            self.pending = Some(Pending {
                named: named_owner,
                old: remark::is_said_old(text, one),
                listing: asked.is_none(),
                ends_sentence: spot.goes_on && !one.separated && !is_question && goes_on_from_above(text),
                ..Pending::of(one.field, one.words.clone(), spot.layer.rank)
            });
        }
    }

    /// Reads a value that several lines together name and hold.
    fn listed(&mut self, lines: Range<usize>, spot: Spot<'_>, field: Field, label: &str, value: &str) {
        self.pending = None;
        lines.for_each(|one| self.claim(one));
        self.add(spot, field, label, value, Setting::ALONE);
    }

    fn claim(&mut self, position: usize) {
        if let Some(claimed) = self.hits.claimed.get_mut(position) {
            *claimed = true;
        }
    }

    /// Reads `text` as a value of `field`, and keeps what it finds; `false` where that is nothing.
    fn add(&mut self, spot: Spot<'_>, field: Field, label: &str, text: &str, setting: Setting) -> bool {
        let broken;
        // "Tenant: acme.eu.auth0.com": elsewhere a tenant has no GUID.
        let field = if field == Field::Tenant && machine::guid(text).is_none() { Field::Host } else { field };
        let is_credential = matches!(field, Field::ClientId | Field::ClientSecret);
        let key = credential::private_key(text).filter(|_| is_credential);
        let values: Vec<&str> = match field {
            _ if key.is_some() => key.into_iter().collect(),
            Field::ClientId | Field::ClientSecret => {
                let setting = Setting { words: field == Field::ClientId, ..setting };
                match credential::credential(text, setting) {
                    Held::Nothing => vec![],
                    Held::One(one) => match continued(one, text, spot).filter(|_| !setting.followed) {
                        Some(whole) => {
                            broken = whole;
                            vec![one, &broken]
                        }
                        None => vec![one],
                    },
                    // Intake takes the full stop off an id, and says so; what a secret ends with is not guessed.
                    Held::OneOf(several) if field == Field::ClientId => several.into_iter().take(1).collect(),
                    Held::OneOf(several) => several,
                }
            }
            Field::Issuer | Field::Metadata => address::addresses(text),
            // Whoever asks back does not know.
            Field::Owner if text.contains(['?', '？']) => vec![],
            Field::Owner | Field::Requester => address::mailboxes(text),
            Field::Domains => domains::listed(text),
            Field::Tenant => machine::guid(text).into_iter().collect(),
            Field::Host => address::issuing_host(text).into_iter().collect(),
            Field::Other | Field::SecretId => vec![],
        };
        let found = !values.is_empty();
        for value in values {
            self.keep(spot, field, label, value);
        }
        found
    }

    /// Remembers what looks like a secret in a sentence about it: `we rotated the secret, please use x from now on`.
    fn rival(&mut self, spot: Spot<'_>, one: &Occurrence, rest: &str) {
        if one.field == Field::ClientSecret
            && !self.old
            && self.hits.rivals.len() < HITS
            && let Some(word) = machine::machines_word(rest)
        {
            let hit = self.hit(spot, one.field, &one.words, word);
            self.hits.rivals.push(hit);
        }
    }

    fn keep(&mut self, spot: Spot<'_>, field: Field, label: &str, value: &str) {
        let hit = self.hit(spot, field, label, value);
        self.hits.labelled.push(hit);
    }

    fn hit(&self, spot: Spot<'_>, field: Field, label: &str, value: &str) -> Hit {
        Hit {
            field,
            value: value.to_owned(),
            rank: spot.layer.rank,
            kind: spot.layer.kind,
            line: spot.position + 1,
            label: Some(label.to_owned()),
            old: self.old,
        }
    }
}

/// Whether a line is the fence of what Markdown shows as it is, where the value stands within, or the line under a heading,
/// where it stands below.
fn is_fence(line: &Line) -> bool {
    let [cell] = line.cells.as_slice() else { return false };
    let text = cell.trim();
    let word = text.trim_start_matches(['`', '~']);
    let is_rule = |mark: char| text.chars().all(|one| one == mark);
    (text.len() - word.len() >= 3 && word.chars().all(|one| one.is_ascii_alphabetic()))
        || text.len() >= 3 && ['-', '=', '_'].into_iter().any(is_rule)
}

/// Whether a line is the colon that a console sets between a name above and a value below it.
fn is_separator(line: &Line) -> bool {
    matches!(line.cells.as_slice(), [cell] if matches!(cell.trim(), ":" | "："))
}

/// As much of a line as is read.
pub(super) fn start_of(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LINE_BYTES)).unwrap_or(text)
}

/// A word that ends where mail programs break lines, with the single word of the next line behind it.
fn continued(token: &str, text: &str, spot: Spot<'_>) -> Option<String> {
    if !text.trim_end().ends_with(token) || marks::is_quoted(token) {
        return None;
    }
    let word = spot.next.or(spot.beyond)?.joined();
    let single = !word.contains(char::is_whitespace) && labels::occurrences(&word).is_empty();
    // A form or a telephone breaks lines sooner than mail programs, and some put a blank line between: there the next line has to
    // look like the value's end.
    let broken = spot.next.is_some() && spot.width >= BROKEN_COLUMN || machine::goes_on(token, &word);
    (single && broken && !word.contains("://") && !word.contains('@') && !remark::is_moment(&word))
        .then(|| format!("{token}{word}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::{layers, plain};

    fn found(text: &str) -> Vec<(Field, String)> {
        let lines = plain::lines(text);
        let layers = layers::layers(&lines, "").lines;
        labelled(&lines, &layers).labelled.into_iter().map(|hit| (hit.field, hit.value)).collect()
    }

    #[test]
    fn a_value_stands_behind_its_label_below_it_or_in_the_next_cell() {
        for text in [
            "Client ID: 0oa1b2c3",
            "Client ID\n0oa1b2c3",
            "Client ID:\n\n0oa1b2c3",
            "| Client ID | 0oa1b2c3 |",
            "our client ID is 0oa1b2c3",
            "client id 0oa1b2c3",
            "\u{200b}Client ID:\u{200f}\n0oa1b2c3",
            "Client ID: \u{200b} 0oa1b2c3",
            "Client ID\n\u{200b}\n0oa1b2c3",
        ] {
            assert_eq!(found(text), [(Field::ClientId, "0oa1b2c3".to_owned())], "{text}");
        }
    }

    #[test]
    fn a_value_stands_behind_whatever_mark_leads_to_it() {
        for text in [
            "client_secret => aB3-xZ9qLmT7",
            "Client Secret ==> aB3-xZ9qLmT7",
            "Client Secret := aB3-xZ9qLmT7",
            "Client Secret :: aB3-xZ9qLmT7",
            "Client Secret: - aB3-xZ9qLmT7",
            "Client Secret: -> aB3-xZ9qLmT7",
            "Client Secret ........ aB3-xZ9qLmT7",
            "Client Secret\n-------------\naB3-xZ9qLmT7",
            "spring.security.oauth2.client.registration.okta.client-secret=aB3-xZ9qLmT7",
        ] {
            assert_eq!(found(text), [(Field::ClientSecret, "aB3-xZ9qLmT7".to_owned())], "{text}");
        }
        assert_eq!(found("Client Secret:=aB3-xZ9qLmT7"), [(Field::ClientSecret, "=aB3-xZ9qLmT7".to_owned())]);
    }

    #[test]
    fn two_labels_share_a_value_only_where_they_are_of_two_kinds_and_in_one_sentence() {
        for text in [
            "here is the client secret. Owner: jane@a.example",
            "Owner / Account owner: jane@a.example",
            "Client ID / Secret: a1b2c3d4e5f6 / g7h8i9j0k1l2\nOwner: jane@a.example",
        ] {
            assert_eq!(found(text), [(Field::Owner, "jane@a.example".to_owned())], "{text}");
        }
        let secret = [(Field::ClientSecret, "aB3-xZ9qLmT7".to_owned())];
        assert_eq!(found("Client Secret (value, not ID): aB3-xZ9qLmT7"), secret);
    }

    #[test]
    fn domains_are_listed_over_several_lines() {
        for text in [
            "Domains:\n- a.example\n- b.example (new)\n* @c.example",
            "Domains:\na.example\nb.example,\nc.example\nwww.a.example",
            "Domains: a.example,\n  b.example and c.example\njane@d.example",
            "Domains: a.example\nb.example oder c.example\njane@d.example",
            "1. Email domains: a.example\n2) b.example\n3) c.example\n\n\nd.example",
            "Domains:\n\na.example\n\nb.example\n\nc.example\n\nThanks",
        ] {
            let domains: Vec<String> = found(text).into_iter().map(|one| one.1).collect();
            assert_eq!(domains, ["a.example", "b.example", "c.example"], "{text}");
        }
        let in_sentence = "We want to use the domains a.example, b.example and c.example for this.";
        let domains: Vec<String> = found(in_sentence).into_iter().map(|one| one.1).collect();
        assert_eq!(domains, ["a.example", "b.example", "c.example"]);
        assert_eq!(found("We do not use the domains a.example and b.example any more."), []);
        let fields = |text| found(text).into_iter().map(|one| one.0).collect::<Vec<_>>();
        assert_eq!(fields("Domains: a.example\nOur version is 2.5, e.g. as of b.example"), [Field::Domains]);
        assert_eq!(fields("Domains: a.example\nIssuer: b.example"), [Field::Domains, Field::Issuer]);
    }

    #[test]
    fn a_label_is_never_the_value_of_another() {
        assert_eq!(found("Client ID:\nClient Secret:\nIssuer:\n\n\nlater"), []);
    }

    #[test]
    fn a_heading_names_the_cells_below_it() {
        let hits = found("Client ID\tClient Secret\n0oa1b2c3\ts-1-2-3-4");
        assert_eq!(hits, [(Field::ClientId, "0oa1b2c3".to_owned()), (Field::ClientSecret, "s-1-2-3-4".to_owned())]);
    }

    #[test]
    fn of_two_values_in_a_row_none_is_guessed_and_a_remark_is_no_value() {
        let values = |text| found(text).into_iter().map(|one| one.1).collect::<Vec<_>>();
        for text in [
            "| Client Secret | s-11-2222-3333 | s-44-5555-6666 |",
            "|  | Sandbox | Production |\n| Client Secret | s-11-2222-3333 | s-44-5555-6666 |",
            "Client Secret\ts-11-2222-3333\ts-44-5555-6666",
            "Client Secret\t: s-11-2222-3333\t: s-44-5555-6666",
        ] {
            assert_eq!(values(text), ["s-11-2222-3333", "s-44-5555-6666"], "{text}");
        }
        for text in [
            "| Client Secret | s-11-2222-3333 | s-11-2222-3333 |",
            "| Client Secret | s-11-2222-3333 | 2027-01-31 |",
            "| Client Secret | s-11-2222-3333 | valid until 2027-01-31 |",
            "| Client Secret | s-11-2222-3333 | screenshot-2027-01.png |",
            "| Client Secret | s-11-2222-3333 | 3f2504e0-4f89-41d3-9a0c-0305e82c3301 |",
            "| Client Secret | yes | s-11-2222-3333 |",
            "| Client Secret | The secret of the app | s-11-2222-3333 |",
        ] {
            assert_eq!(values(text), ["s-11-2222-3333"], "{text}");
        }
        assert_eq!(values("| Client ID | required | 0oa1b2c3d4E5f6G7h8i9 |"), ["0oa1b2c3d4E5f6G7h8i9"]);
        assert_eq!(values("| Client ID | portal | from the console |"), ["portal"]);
        assert_eq!(values("| Client ID | portal | confidential |"), ["portal"]);
        assert_eq!(values("| Client ID | abc-111 | abc-222 |"), ["abc-111", "abc-222"]);
        assert_eq!(values("| Client ID | acme-test | acme-prod |"), ["acme-test", "acme-prod"]);
        assert_eq!(values("| Owner | Jane Doe | jane@a.example |"), ["jane@a.example"]);
        assert_eq!(values("| Issuer | https://a.example | see https://docs.example |"), ["https://a.example"]);
        assert_eq!(values("| Issuer | The issuer | https://a.example |"), ["https://a.example"]);
    }

    #[test]
    fn a_sentence_may_lead_to_the_line_below_it() {
        for text in [
            "sorry, the client secret is\naB3-xZ9qLmT7",
            "the client secret\naB3-xZ9qLmT7",
            "And the client secret\n\naB3-xZ9qLmT7",
            "we rotated the client secret, here it is again:\n\naB3-xZ9qLmT7",
            "> please send the client secret\naB3-xZ9qLmT7",
        ] {
            assert_eq!(found(text), [(Field::ClientSecret, "aB3-xZ9qLmT7".to_owned())], "{text}");
        }
        for text in [
            "Client Secret?\nAntwort: aB3-xZ9qLmT7",
            "Q: Client Secret\nA: aB3-xZ9qLmT7",
            "> Client Secret:\nJD: aB3-xZ9qLmT7",
        ] {
            assert_eq!(found(text), [(Field::ClientSecret, "aB3-xZ9qLmT7".to_owned())], "{text}");
        }
        for text in ["the client secret\n", "client secret is\n"] {
            let text = format!("What you still need from us is\n{text}");
            assert_eq!(found(&format!("{text}MSG-2027-0012345")), [], "{text}");
            let secret = "kD3xZ9qLmT7vRw2Yb8NcJ5";
            assert_eq!(found(&format!("{text}{secret}")), [(Field::ClientSecret, secret.to_owned())], "{text}");
        }
        for text in [
            "here are id, secret and URL:\naB3-xZ9qLmT7",
            "we have the client secret\naB3-xZ9qLmT7",
            "> please send the client secret\nThanks, I will",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn settings_are_read_as_programs_write_them() {
        for text in [
            "OIDC_CLIENT_SECRET = \"aB3-xZ9qLmT7\"",
            "$env:OIDC_CLIENT_SECRET = \"aB3-xZ9qLmT7\"",
            "- name: OIDC_CLIENT_SECRET\n  value: \"aB3-xZ9qLmT7\"",
            "key = client_secret\nvalue = \"aB3-xZ9qLmT7\"",
        ] {
            assert_eq!(found(text), [(Field::ClientSecret, "\"aB3-xZ9qLmT7\"".to_owned())], "{text}");
        }
        let secret = [(Field::ClientSecret, "aB3-xZ9qLmT7".to_owned())];
        for text in ["Client Secret ➡️ aB3-xZ9qLmT7", "Client Secret ⇒ aB3-xZ9qLmT7", "Client Secret: | aB3-xZ9qLmT7 |"]
        {
            assert_eq!(found(text), secret, "{text}");
        }
        let pairs = [(Field::ClientId, "0oa1b2c3".to_owned()), (Field::ClientSecret, "aB3=xZ9%41T7".to_owned())];
        assert_eq!(found("ClientId=0oa1b2c3;ClientSecret=aB3=xZ9%41T7;Timeout=5;"), pairs);
        for text in
            ["- name: OIDC_COOKIE_SECRET\n  value: aB3-xZ9qLmT7", "- name: CLIENT_SECRET\n  valueFrom:\n    key: x"]
        {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn a_rule_under_the_heading_ends_no_table() {
        for text in [
            "| Client ID | Client Secret |\n|---|:-:|\n| 0oa1b2c3 | s-1-2-3-4 |",
            "+---+---+\n| Client ID | Client Secret |\n+===+===+\n| 0oa1b2c3 | s-1-2-3-4 |\n+---+---+",
            " Client ID | Client Secret \n-----------+---------------\n 0oa1b2c3  | s-1-2-3-4\n(1 row)",
            "Client ID | Client Secret\n--- | ---\n0oa1b2c3 | s-1-2-3-4\n\nThanks",
            "Client ID  Client Secret\n---------  -------------\n0oa1b2c3   s-1-2-3-4",
        ] {
            let hits = [(Field::ClientId, "0oa1b2c3".to_owned()), (Field::ClientSecret, "s-1-2-3-4".to_owned())];
            assert_eq!(found(text), hits, "{text}");
        }
        assert_eq!(found("| Client ID | Client Secret |\n\n| 0oa1b2c3 | s-1-2-3-4 |"), []);
    }

    #[test]
    fn an_owner_is_taken_from_a_sentence_and_never_from_a_word_alone() {
        let owner = |text| found(text).into_iter().map(|one| one.1).collect::<Vec<_>>();
        assert_eq!(owner("The owner of the team is jane@a.example."), ["jane@a.example"]);
        assert_eq!(owner("jane@a.example is the owner"), ["jane@a.example"]);
        for text in ["Owner: Jane Doe\nE-mail: jane@a.example", "Owner\nJane Doe\n<jane@a.example>"] {
            assert_eq!(owner(text), ["jane@a.example"], "{text}");
        }
        for text in ["Owner: Jane Doe\nContact: x@a.example", "Owner\nJane Doe\nplease write to x@a.example"] {
            assert_eq!(owner(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(owner("tell the owner of this mailbox, x@a.example"), Vec::<String>::new());
        assert_eq!(owner("not the owner. write to x@a.example"), Vec::<String>::new());
    }

    #[test]
    fn what_stands_in_for_a_value_is_none() {
        for text in ["Client ID: <your client id>", "Client Secret: {client secret}", "Issuer: [issuer url]"] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn a_word_that_may_go_on_in_the_next_line_is_both() {
        let token = "a1".repeat(36);
        assert_eq!(found(&format!("Client Secret: {token}\nb2c3\n")).len(), 2);
        assert_eq!(found(&format!("Client Secret: {token}\nIssuer: https://a.example")).len(), 2);
        assert_eq!(found("Client Secret: kD3-xZ_9qLmT7vRw2Yb8\n\nNcJ5hPs4GfA6uEoQ1iXy").len(), 2);
        assert_eq!(found("Client Secret: kD3-xZ_9qLmT7vRw2Yb8\n\nJane").len(), 1);
        assert_eq!(found("Client Secret: kD3-xZ_9qLmT7vRw2Yb8\n\n\nNcJ5hPs4GfA6uEoQ1iXy").len(), 1);
    }
}
