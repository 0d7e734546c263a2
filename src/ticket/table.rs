//! Rows of a table: their cells, and the labels that name columns.

use super::extract::{LINE_BYTES, start_of};
use super::labels::{self, Field};
use super::line::Line;
use super::sentence::{FILLERS, bare, without_remark};
use super::{address, machine, marks, wrapping};
use crate::makes;

/// The cells of a line whose columns are kept apart by two blanks or more.
pub(super) fn wide_cells(text: &str) -> Vec<&str> {
    text.trim().split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

/// The label that a cell is, brackets behind it left out.
pub(super) fn cell_label(cell: &str) -> Option<(Field, String)> {
    let words = || cell.trim().trim_matches(['*', ':', '：', '`', ' ']).to_owned();
    if let Some(field) = labels::whole(cell) {
        return Some((field, words()));
    }
    let found = labels::occurrences(cell);
    let [one] = found.as_slice() else { return None };
    let rest = cell.get(one.end..).unwrap_or_default();
    let nothing = bare(without_remark(rest.trim_start())).is_empty();
    let before = cell.get(..one.start).unwrap_or_default().split_whitespace().count();
    (nothing && before <= FILLERS).then(|| (one.field, words()))
}

/// The labels of a table's columns, where a row is its heading: most of the cells are labels.
pub(super) fn headings(cells: &[&str]) -> Option<Vec<Option<(Field, String)>>> {
    let mut columns: Vec<Option<(Field, String)>> = cells.iter().map(|cell| cell_label(cell)).collect();
    // Consoles list secrets with their names: there the secret is called a value and nothing more.
    if columns.iter().flatten().any(|(field, _)| *field == Field::SecretId) {
        for (column, cell) in columns.iter_mut().zip(cells) {
            if is_value_word(cell) {
                *column = Some((Field::ClientSecret, cell.trim().to_owned()));
            }
        }
    }
    let filled = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    let labels = columns.iter().flatten().count();
    // "Issuer | the issuer of the app | https://…": one label and a remark on it.
    let first = columns.iter().flatten().next().map(|(field, _)| *field);
    let differ = columns.iter().flatten().any(|(field, _)| Some(*field) != first);
    let has = |wanted: Field| columns.iter().flatten().any(|(field, _)| *field == wanted);
    // What else a console's table tells of a secret has many names.
    let is_consoles = has(Field::SecretId) && has(Field::ClientSecret);
    (differ && (labels * 2 > filled || is_consoles)).then_some(columns)
}

/// What consoles call a secret beside its id.
pub(super) fn is_value_word(text: &str) -> bool {
    const WORDS: [&str; 17] = [
        "value",
        "wert",
        "valeur",
        "valor",
        "valore",
        "waarde",
        "värde",
        "verdi",
        "værdi",
        "wartość",
        "hodnota",
        "érték",
        "değer",
        "значение",
        "値",
        "值",
        "값",
    ];
    let word = text.trim().trim_matches(['*', '-', '•', ' ']).to_lowercase();
    WORDS.contains(&word.as_str())
}

/// The cells behind a label that may hold its value: the first one, and each that cannot be a remark. A table that was made for two
/// environments has two, and one that was made for a form an example beside the value: which of them is meant is not guessed.
pub(super) fn values<'t>(field: Field, cells: &[&'t str]) -> Vec<&'t str> {
    let is_sibling = |cell: &str| cells.first().is_some_and(|first| machine::are_siblings(bare(first), bare(cell)));
    let is_value = |cell: &&str| {
        if field == Field::ClientId && is_sibling(cell) {
            return true;
        }
        let (cell, rest) = marks::first_token(marks::without_emphasis(cell)).unwrap_or_default();
        match field {
            Field::Owner | Field::Requester => !address::mailboxes(cell).is_empty(),
            Field::Issuer | Field::Metadata => cell.contains("://") && rest.trim().is_empty(),
            Field::ClientId | Field::ClientSecret => machine::is_telling(cell) && !machine::is_file_name(cell),
            Field::Tenant => machine::guid(cell).is_some(),
            _ => false,
        }
    };
    let is_guid = |cell: &str| machine::guid(cell).is_some();
    let telling: Vec<&str> = cells.iter().copied().filter(is_value).collect();
    // The id of a secret is none.
    let has_secret = field == Field::ClientSecret && telling.iter().any(|cell| !is_guid(cell));
    let first = cells.iter().copied().take(1).filter(|cell| telling.is_empty() || !is_requirement(cell));
    let mut values: Vec<&str> = Vec::new();
    for cell in first.chain(telling.iter().copied().filter(|cell| !(has_secret && is_guid(cell)))) {
        if !values.contains(&cell) {
            values.push(cell);
        }
    }
    values
}

/// A cell without the colon that a form sets in front of its values.
pub(super) fn without_colon(cell: &str) -> &str {
    let rest = cell.trim_start().strip_prefix([':', '：']);
    rest.filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace)).unwrap_or(cell)
}

/// A setting in two lines, of which the first names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) field: Field,
    pub(super) name: String,
    pub(super) value: String,
}

/// Reads `- name: CLIENT_ID` and the `value: 0oa1` below it, as lists of settings have them.
pub(super) fn named_value(line: &Line, below: &Line) -> Option<Named> {
    let [first] = line.cells.as_slice() else { return None };
    let [second] = below.cells.as_slice() else { return None };
    let parts = |text: &'_ str| -> Option<(String, String)> {
        let text = text.trim().trim_start_matches(['-', '*', '•']).trim_start();
        let (key, value) = text.get(..text.floor_char_boundary(LINE_BYTES)).unwrap_or(text).split_once([':', '='])?;
        Some((key.trim_matches(['"', '\'', ' ', '*']).to_lowercase(), value.trim().to_owned()))
    };
    let (_, name) = parts(first).filter(|(key, _)| ["name", "key", "variable", "parameter"].contains(&key.as_str()))?;
    let (_, value) = parts(second).filter(|(key, _)| is_value_word(key))?;
    let name = name.trim_end_matches(',').trim_matches(['"', '\'', '`', '*', ' ']).to_owned();
    let field = labels::whole(&name)?;
    Some(Named { field, name, value })
}

/// Whether a cell says that a value has to be given, or what kind of value: `yes`, `required`, `string`.
fn is_requirement(cell: &str) -> bool {
    const WORDS: [&str; 20] = [
        "yes",
        "no",
        "y",
        "n",
        "x",
        "required",
        "optional",
        "mandatory",
        "string",
        "text",
        "url",
        "uri",
        "ja",
        "nein",
        "oui",
        "non",
        "sí",
        "sim",
        "não",
        "nee",
    ];
    WORDS.contains(&bare(cell).to_lowercase().as_str())
}

/// Most columns of a table whose cells commas part.
pub(super) const COLUMNS_READ: usize = 24;

/// Lines of a signature above somebody's title.
const SIGNATURE_LINES: usize = 3;

/// Whether the line at `position` is somebody's title in a signature: the owner of a company is none of a team. Their name stands
/// before it, and the words that end a letter, or bars between them.
pub(super) fn is_title(lines: &[Line], position: usize) -> bool {
    let Some(line) = lines.get(position) else { return false };
    let text = line.joined();
    let is_owner = |cell: &str| !cell.contains([':', '：', '=']) && labels::whole(cell) == Some(Field::Owner);
    let is_name = |cell: &str| cell.split_whitespace().count() >= 2 && wrapping::is_name(cell.trim());
    let cells: Vec<&str> = text.split('|').map(str::trim).collect();
    if let [name, title, _, ..] = cells.as_slice()
        && is_name(name)
        && labels::whole(name).is_none()
        && is_owner(title)
    {
        return true;
    }
    let above =
        || lines.iter().take(position).rev().filter(|line| !line.is_blank()).take(SIGNATURE_LINES).map(Line::joined);
    is_owner(&text)
        && above().next().is_some_and(|name| is_name(&name))
        && above().skip(1).any(|text| ends_letter(&text))
        || is_imprint(lines, position, &text)
}

/// Lines between the words that end a letter and what a company has to say of itself.
const IMPRINT_LINES: usize = 10;

/// Longest line of that kind, in bytes.
const IMPRINT_BYTES: usize = 200;

/// Whether a line below the end of a letter names whose a company is: `Inhaber: Max Muster`. Where values stand below that end, or
/// the line is a label with an address, it is the owner that was asked for.
fn is_imprint(lines: &[Line], position: usize, text: &str) -> bool {
    if text.len() > IMPRINT_BYTES || !text.contains([':', '：']) {
        return false;
    }
    let found = labels::occurrences(text);
    let Some(owner) = found.iter().find(|one| one.field == Field::Owner && one.separated) else { return false };
    let names_company = !owner.words.contains(char::is_whitespace);
    if !names_company || owner.leads && !address::mailboxes(text).is_empty() {
        return false;
    }
    let from = position.saturating_sub(IMPRINT_LINES);
    let above = lines.get(from..position).unwrap_or_default();
    let Some(end) = above.iter().rposition(|line| ends_letter(&line.joined())) else { return false };
    let is_value = |one: &labels::Occurrence| {
        matches!(one.field, Field::ClientId | Field::ClientSecret | Field::Issuer | Field::Metadata)
    };
    let below = lines.iter().skip(from + end).take(2 * IMPRINT_LINES).filter(|line| line.depth == 0);
    !below.into_iter().any(|line| labels::occurrences(start_of(&line.joined())).iter().any(is_value))
}

/// Whether a line ends a letter: `Kind regards`.
fn ends_letter(text: &str) -> bool {
    const ENDS: [&str; 24] = [
        "regards",
        "best",
        "thanks",
        "thank",
        "cheers",
        "sincerely",
        "yours",
        "grüße",
        "grüßen",
        "gruß",
        "grüsse",
        "cordialement",
        "salutations",
        "merci",
        "saludos",
        "gracias",
        "atentamente",
        "atenciosamente",
        "obrigado",
        "saluti",
        "cordiali",
        "groet",
        "groeten",
        "hälsningar",
    ];
    let is_end = |word: &str| ENDS.contains(&bare(word).trim_end_matches([',', '!']).to_lowercase().as_str());
    text.len() <= 60 && text.split_whitespace().any(is_end)
}

/// Lines before and behind what a console calls a value, within which it names the secret by its id.
const NEAR: (usize, usize) = (2, 4);

/// Whether the line at `position` begins with what consoles call a value, and a secret's id is named near by.
pub(super) fn is_by_id(lines: &[Line], position: usize) -> bool {
    let Some(line) = lines.get(position) else { return false };
    let word = |cell: &String| is_value_word(cell.split([':', '：']).next().unwrap_or_default());
    let names_id = |line: &Line| {
        let cells = line.cells.iter().filter(|cell| cell.len() <= 256);
        cells.flat_map(|cell| labels::occurrences(cell)).any(|one| one.field == Field::SecretId)
    };
    let from = position.saturating_sub(NEAR.0);
    line.cells.iter().any(word)
        && lines
            .iter()
            .skip(from)
            .take(position - from + NEAR.1 + 1)
            .filter(|one| one.depth == line.depth)
            .any(names_id)
}

/// A table of a console that was copied line by line: first the names of its columns, then what stands in them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// What the secret's column is called.
    pub(super) name: String,
    /// The line of the secret.
    pub(super) value: usize,
    /// The line behind it all.
    pub(super) end: usize,
}

/// Fewest and most columns of such a table.
const COLUMNS: std::ops::RangeInclusive<usize> = 2..=8;

/// Reads such a table, whose names start at `position`: a secret's id among them, which is a GUID, and its value.
pub(super) fn standing(lines: &[Line], position: usize) -> Option<Standing> {
    let cell = |line: &Line| Some(line.cells.first().filter(|_| line.cells.len() == 1)?.trim().to_owned());
    let is_name = |text: &String| text.len() <= 40 && (is_value_word(text) || labels::whole(text).is_some());
    if !cell(lines.get(position)?).is_some_and(|text| is_name(&text)) {
        return None;
    }
    let names: Vec<String> = lines.iter().skip(position).map_while(cell).take_while(is_name).take(9).collect();
    let id = names.iter().position(|name| labels::whole(name) == Some(Field::SecretId))?;
    let secret = names.iter().position(|name| is_value_word(name))?;
    if !COLUMNS.contains(&names.len()) {
        return None;
    }
    let behind = lines.iter().enumerate().skip(position + names.len()).take(2 * names.len() + 1);
    let filled: Vec<(usize, &Line)> = behind.filter(|(_, line)| !line.is_blank()).take(names.len()).collect();
    let (_, guid) = filled.get(id)?;
    let (value, _) = filled.get(secret)?;
    let (last, _) = filled.get(names.len() - 1)?;
    makes::is_guid(&guid.joined()).then(|| Standing {
        name: names.get(secret).cloned().unwrap_or_default(),
        value: *value,
        end: last + 1,
    })
}
