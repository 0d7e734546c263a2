//! A line of running text: what its labels announce on it, and what is to be expected of the line below.

use super::super::credential::Setting;
use super::super::labels::{self, Field, Occurrence};
use super::super::linking::is_linking;
use super::super::own_word::{OwnWord, alone, own_word};
use super::super::sentence::{
    Behind, bare, behind, goes_on_from_above, is_denied, is_joint, named_before, opens, remark_end, stand_in,
    without_bullet,
};
use super::super::{domains, form, machine, remark, table, wrapping};
use super::{Below, Pending, Reader, Spot};
use crate::makes;

/// Words of a line that asks for a value.
const QUESTION_WORDS: usize = 24;

/// The labels of a line of which the value is looked for below it.
#[derive(Default)]
struct Lead<'o> {
    /// Its value is there.
    asked: Option<&'o Occurrence>,
    /// More of its values may be there.
    listing: Option<&'o Occurrence>,
    /// Behind it stands a name, and the address may be there.
    named_owner: bool,
    /// A sentence goes on behind it up to a colon, and leads to whatever is there: it has to look like a secret.
    announced: bool,
}

impl Reader {
    pub(super) fn text(&mut self, spot: Spot<'_>, text: &str) {
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
        match found.as_slice() {
            [] => self.unlabelled(spot, text),
            [one] if self.within_one_word(spot, text, one) || self.in_brackets(spot, text, one) => {}
            found => self.labelled(spot, text, found),
        }
    }

    /// A line without a label: the value of one above it, or of what a console calls `Value`.
    fn unlabelled(&mut self, spot: Spot<'_>, text: &str) {
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
            && is_awaited(pending.below, text)
        {
            self.claim(spot.position);
            let read = self.add(spot, pending.field, &pending.label, without_bullet(text), Setting::ALONE);
            if !read && pending.below != Below::Mailbox && pending.field == Field::Owner && wrapping::is_name(text) {
                self.pending = Some(Pending { below: Below::Mailbox, blanks: 0, ..pending });
            } else if read && pending.field == Field::Domains {
                self.pending = Some(Pending { below: Below::Domains, blanks: 0, ..pending });
            }
        }
    }

    /// A line that is one word, has a label in it, and stands below that label: the word may be the value, or what stands behind
    /// the label in it. `false` where it is none of that.
    fn within_one_word(&mut self, spot: Spot<'_>, text: &str, one: &Occurrence) -> bool {
        let Some(pending) = self.pending.take() else { return false };
        let Some(word) = alone(text).filter(|_| one.field == pending.field && spot.layer.rank <= pending.rank) else {
            return false;
        };
        self.claim(spot.position);
        for reading in [word, text.get(one.end..).unwrap_or_default()] {
            self.keep(spot, pending.field, &pending.label, reading);
        }
        true
    }

    /// `0oa1 (client ID)`; `false` where the label stands otherwise.
    fn in_brackets(&mut self, spot: Spot<'_>, text: &str, one: &Occurrence) -> bool {
        let Some(value) = wrapping::named_behind(text, one.start) else { return false };
        self.pending = None;
        self.claim(spot.position);
        self.add(spot, one.field, &one.words, value, Setting::ALONE);
        true
    }

    /// A line with labels, one after the other.
    fn labelled(&mut self, spot: Spot<'_>, text: &str, found: &[Occurrence]) {
        self.pending = None;
        self.claim(spot.position);
        if let [first, others @ ..] = found
            && is_one_of_two_names(text, first, others)
        {
            self.pending = Some(Pending::of(first.field, first.words.clone(), spot.layer.rank));
            return;
        }
        let mut lead = Lead::default();
        let mut read_to = 0;
        for (position, one) in found.iter().enumerate() {
            if one.start >= read_to {
                read_to = self.occurrence(spot, text, found, (position, one), &mut lead);
            }
        }
        let is_question = text.trim_end().ends_with(['?', '？']) && text.split_whitespace().count() <= QUESTION_WORDS;
        if is_question && lead.asked.is_none() {
            lead.asked = found.iter().find(|one| !matches!(one.field, Field::Other | Field::Host | Field::Tenant));
        }
        if let Some(one) = lead.asked.or(lead.listing) {
            let ends_sentence = spot.goes_on && !one.separated && !is_question && goes_on_from_above(text);
            let below = if lead.asked.is_none() {
                Below::Domains
            } else if lead.named_owner {
                Below::Mailbox
            } else if lead.announced || ends_sentence && matches!(one.field, Field::ClientId | Field::ClientSecret) {
                Below::Machines
            } else {
                Below::Value
            };
            self.pending = Some(Pending {
                below,
                // "The old secret is invalid, here is the new one:"
                old: remark::is_said_old(text, one) && text.get(one.end..).is_some_and(|rest| bare(rest).is_empty()),
                ..Pending::of(one.field, one.words.clone(), spot.layer.rank)
            });
        }
    }

    /// One label of several, and what stands at it. Returns where the next label may start at the earliest.
    fn occurrence<'o>(
        &mut self,
        spot: Spot<'_>,
        text: &str,
        found: &'o [Occurrence],
        (position, one): (usize, &'o Occurrence),
        lead: &mut Lead<'o>,
    ) -> usize {
        self.old = remark::is_said_old(text, one);
        let remarked =
            remark_end(text, one).filter(|end| found.get(position + 1).is_some_and(|next| next.start < *end));
        let bracketed = stand_in(text, one.end).or(remarked);
        let word = bracketed.is_none().then(|| own_word(one, text)).flatten();
        if let Some(OwnWord { readings, end }) = word.as_ref().filter(|word| word.readings.len() > 1) {
            for value in readings {
                self.keep(spot, one.field, &one.words, value);
            }
            return *end;
        }
        let read_to = bracketed.or(word.map(|word| word.end)).unwrap_or_default();
        let following = found.iter().skip(position + 1).find(|next| next.start >= read_to);
        let end = following.map_or(text.len(), |next| next.start);
        let before = position.checked_sub(1).and_then(|before| found.get(before));
        if before.is_some_and(|before| is_joint(before, one, text)) {
            // "Client ID / Secret: a / b": which is which is not guessed.
            return read_to;
        }
        if one.field == Field::Domains && !one.separated && is_denied(text, one) {
            return read_to;
        }
        if one.field == Field::ClientSecret && remark::is_said_no_secret(text.get(..end).unwrap_or_default(), one) {
            return read_to;
        }
        match named(text, one, before, end) {
            Some(value) => {
                let setting = Setting { set_off: false, followed: true, words: false };
                self.add(spot, one.field, &one.words, value, setting);
            }
            None => self.behind(spot, text, one, (end, following.is_some()), lead),
        }
        read_to
    }

    /// What stands behind a label, up to `end`, where another label may follow.
    fn behind<'o>(
        &mut self,
        spot: Spot<'_>,
        text: &str,
        one: &'o Occurrence,
        (end, followed): (usize, bool),
        lead: &mut Lead<'o>,
    ) {
        let rest = text.get(one.end..end).unwrap_or_default();
        // "We rotated the client secret, here it is:"
        let is_open = !followed && matches!(one.field, Field::ClientId | Field::ClientSecret) && opens(rest);
        match behind(one, rest) {
            Behind::Value(value, set_off) => {
                let value = wrapping::inner(text.get(one.start..one.end).unwrap_or_default(), value);
                if !followed && one.field == Field::ClientSecret && remark::points_below(value) {
                    lead.asked = Some(one);
                    return;
                }
                let read = self.add(spot, one.field, &one.words, value, Setting { set_off, followed, words: false });
                lead.named_owner = !read && one.field == Field::Owner && !followed && wrapping::is_name(value);
                lead.listing = (read && one.field == Field::Domains && !followed).then_some(one);
                if !read && (is_open || lead.named_owner) {
                    lead.asked = Some(one);
                } else if !read {
                    self.rival(spot, one, rest);
                }
            }
            Behind::Nothing if !followed && (one.leads_or_ends(text) || spot.answered) => lead.asked = Some(one),
            Behind::Words if is_open => lead.asked = Some(one),
            Behind::Words
                if !followed && one.field == Field::ClientSecret && rest.trim_end().ends_with([':', '：']) =>
            {
                (lead.asked, lead.announced) = (Some(one), true);
            }
            Behind::Words => self.rival(spot, one, rest),
            Behind::Nothing => {}
        }
    }
}

/// Whether a line is two names of one value and nothing else: `Client ID / Application ID`.
fn is_one_of_two_names(text: &str, first: &Occurrence, others: &[Occurrence]) -> bool {
    let is_same = others.iter().all(|one| one.field == first.field && !one.separated) && !first.separated;
    let last = others.last().map_or(text.len(), |one| one.end);
    let ends = [first].into_iter().chain(others);
    let mut between = ends.clone().zip(others).map(|(one, next)| text.get(one.end..next.start).unwrap_or_default());
    first.leads
        && !others.is_empty()
        && is_same
        && bare(text.get(last..).unwrap_or_default()).is_empty()
        && between.all(|words| words.split_whitespace().all(|word| is_linking(word) || ALTERNATIVES.contains(&word)))
}

/// Words between two names of one value.
const ALTERNATIVES: [&str; 7] = ["or", "oder", "ou", "o", "of", "/", "="];

/// Whether a line without a label is what is awaited below one.
fn is_awaited(below: Below, text: &str) -> bool {
    match below {
        Below::Value => true,
        Below::Mailbox => wrapping::is_mail_line(text),
        Below::Domains => domains::is_list_of_domains(text),
        Below::Machines => machine::machines_word(text) == Some(text.trim()),
    }
}

/// The value that stands before its label.
fn named<'t>(text: &'t str, one: &Occurrence, before: Option<&Occurrence>, end: usize) -> Option<&'t str> {
    // The stop of a sentence that ends with the label stands in the label's last word.
    let words = text.get(..one.end).unwrap_or_default().trim_end_matches(['.', ',', ';', '!', '?']);
    // "0oa1 (client ID)" has the bracket in the label's first word.
    let open = text.get(one.start..).filter(|_| words.ends_with([')', '）'])).and_then(|label| label.chars().next());
    let open = open.filter(|one| matches!(one, '(' | '（')).map_or(0, char::len_utf8);
    let from = before.map_or(0, |before| before.end);
    let in_front = text.get(from..one.start + open).unwrap_or_default();
    let named = named_before(in_front, text.get(words.len()..end).unwrap_or_default(), one.field);
    named.filter(|_| !one.separated)
}
