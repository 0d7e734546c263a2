//! The values of one row, made into a draft: with the secret fetched from where the row says.

use std::fmt;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::columns::Column;
use crate::finding::Finding;
use crate::intake::{PastedMetadata, PastedSecret, RequestDraft, SecretSource};

/// Longest secret file that is read, in bytes; intake refuses less than that already.
const SECRET_INPUT: u64 = 64 * 1024;

/// What a row asks for, not yet normalised.
#[derive(Debug)]
pub struct RowRequest {
    /// The values of the request.
    pub draft: RequestDraft,
    /// The id of the team that the row expects the owner to own, as it was given.
    pub team: Option<String>,
}

/// One value: a text, or several where a list is allowed.
pub(super) enum Given {
    One(Zeroizing<String>),
    Several(Vec<String>),
}

/// The values of a row, each under its column, and what is wrong with others. `Debug` says nothing of them.
#[derive(Default)]
pub(super) struct Fields {
    given: Vec<(Column, Given)>,
    pub(super) noted: Vec<Finding>,
    /// Those for which something was given that cannot be had: they are not missing.
    spoilt: Vec<Column>,
}

impl fmt::Debug for Fields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.given.iter().map(|(column, _)| column)).finish()
    }
}

/// Where the paths in rows start from, and have to stay in.
pub(super) struct Place {
    folder: PathBuf,
    /// The same without links and `..`; `None` where there is no such folder.
    real: Option<PathBuf>,
    /// What the installation keeps for itself.
    own_files: Vec<PathBuf>,
    own_variables: Vec<String>,
}

impl Place {
    pub(super) fn new(folder: PathBuf) -> Self {
        let real = std::fs::canonicalize(&folder).ok();
        Self { folder, real, own_files: Vec::new(), own_variables: Vec::new() }
    }

    pub(super) fn keep(&mut self, files: Vec<PathBuf>, variables: Vec<String>) {
        (self.own_files, self.own_variables) = (files, variables);
    }

    /// The file that `path` means, inside the folder: whoever writes rows must not choose which of this machine's files
    /// is sent to a provider of their own.
    fn file(&self, path: &str) -> Result<PathBuf, &'static str> {
        let real = self.real.as_ref().ok_or("the folder that such paths start from cannot be read")?;
        let file = std::fs::canonicalize(self.folder.join(path)).map_err(|_| "there is no such file")?;
        if !file.starts_with(real) {
            return Err("it lies outside the folder that such paths start from");
        }
        let found = std::fs::metadata(&file).map_err(|_| "there is no such file")?;
        if !found.is_file() {
            return Err("it is not a regular file");
        }
        // By another name it is the same file.
        let is_it = |own: &PathBuf| {
            std::fs::metadata(own).is_ok_and(|own| (own.dev(), own.ino()) == (found.dev(), found.ino()))
        };
        if self.own_files.iter().any(is_it) {
            return Err("that file belongs to this installation, or is the list itself");
        }
        Ok(file)
    }
}

impl Fields {
    /// Adds a value; false where there is one already. What a spreadsheet writes for a formula that has no result is none, nor is
    /// what it makes of a long number.
    pub(super) fn put(&mut self, column: Column, given: Given) -> bool {
        let fault = match &given {
            Given::One(text) => formula_fault(column, text),
            Given::Several(texts) => texts.iter().find_map(|text| formula_fault(column, text)),
        };
        if let Some(fault) = fault {
            self.spoil(column, no_result(column, &fault));
            return true;
        }
        if let Given::One(text) = &given
            && is_shortened_number(text)
        {
            self.spoil(column, shortened(column));
            return true;
        }
        if let Given::One(text) = &given
            && matches!(column, Column::ClientId | Column::ClientSecret | Column::Issuer)
            && is_written_by_spreadsheet(text)
        {
            self.spoil(column, written_by_spreadsheet(column));
            return true;
        }
        let new = !self.given.iter().any(|(other, _)| *other == column);
        if new {
            self.given.push((column, given));
        }
        new
    }

    /// Whether there is not a single value, nor anything to say.
    pub(super) fn is_empty(&self) -> bool {
        self.given.is_empty() && self.noted.is_empty()
    }

    /// Whether there is a value for `column`, be it one that is not believed.
    pub(super) fn has(&self, column: Column) -> bool {
        self.given.iter().any(|(other, _)| *other == column) || self.spoilt.contains(&column)
    }

    /// Reports something that is wrong with the row beside its values.
    pub(super) fn note(&mut self, finding: Finding) {
        self.noted.push(finding);
    }

    /// Reports that the value of `column` cannot be had; one that is there already is not believed either.
    pub(super) fn spoil(&mut self, column: Column, finding: Finding) {
        self.given.retain(|(other, _)| *other != column);
        self.spoilt.push(column);
        self.noted.push(finding);
    }

    fn take(&mut self, column: Column) -> Option<Zeroizing<String>> {
        let at = self.given.iter().position(|(other, _)| *other == column)?;
        match self.given.swap_remove(at).1 {
            Given::One(text) => Some(text),
            Given::Several(texts) => Some(Zeroizing::new(texts.join(" "))),
        }
    }

    fn take_text(&mut self, column: Column) -> Option<String> {
        self.take(column).map(|text| text.as_str().to_owned())
    }

    fn take_list(&mut self, column: Column) -> Vec<String> {
        let Some(at) = self.given.iter().position(|(other, _)| *other == column) else { return Vec::new() };
        match self.given.swap_remove(at).1 {
            Given::One(text) => vec![text.as_str().to_owned()],
            Given::Several(texts) => texts,
        }
    }

    /// The draft that the values make up, with everything that keeps one of them from being had.
    pub(super) fn into_request(mut self, line: u64, place: &Place) -> RowRequest {
        let client_secret = self.secret(place);
        let metadata = self.take_text(Column::Metadata).and_then(|given| {
            metadata(given, line, place).map_err(|finding| self.spoil(Column::Metadata, *finding)).ok()
        });
        let draft = RequestDraft {
            owner: self.take_text(Column::Owner),
            requested_by: self.take_text(Column::RequestedBy),
            issuer: self.take_text(Column::Issuer),
            client_id: self.take_text(Column::ClientId),
            client_secret,
            metadata,
            entity_id: self.take_text(Column::EntityId),
            domains: self.take_list(Column::Domains),
            vouched_domains: self.take_list(Column::VouchDomains),
            ticket: self.take_text(Column::Ticket),
            contested: self.spoilt.iter().filter_map(|column| column.input()).collect(),
            noted: std::mem::take(&mut self.noted),
            ..RequestDraft::default()
        };
        RowRequest { draft, team: self.take_text(Column::Team).map(|team| team.trim().to_owned()) }
    }

    /// The secret, from where the row says; `None` where it says nothing, or where it cannot be had.
    fn secret(&mut self, place: &Place) -> Option<PastedSecret> {
        let given = [Column::ClientSecret, Column::ClientSecretFile, Column::ClientSecretEnv]
            .map(|column| (column, self.take(column)));
        let mut given = given.into_iter().filter_map(|(column, value)| Some((column, value?)));
        let (column, value) = given.next()?;
        if let Some((other, _)) = given.next() {
            let twice = Finding::fail(
                "secret_twice",
                format!("the client secret comes by `{}` and by `{}`", column.name(), other.name()),
            )
            .because("which of the two is meant cannot be told")
            .next("leave one of the two empty, and run the same command again");
            self.spoil(column, twice);
            return None;
        }
        let secret = match column {
            Column::ClientSecretFile => of_file(&value, place),
            Column::ClientSecretEnv => of_environment(&value, place),
            _ => Ok(PastedSecret { text: SecretString::from(value.as_str()), source: SecretSource::Row }),
        };
        secret.map_err(|finding| self.spoil(column, *finding)).ok()
    }
}

/// What spreadsheets in English and German show in place of the result of a formula. A secret is compared with these alone: what
/// merely looks like one may be a secret, and is neither refused nor shown.
const FORMULA_FAULTS: [&str; 22] = [
    "#N/A",
    "#NV",
    "#REF!",
    "#BEZUG!",
    "#VALUE!",
    "#WERT!",
    "#NAME?",
    "#DIV/0!",
    "#NULL!",
    "#NUM!",
    "#ZAHL!",
    "#SPILL!",
    "#ÜBERLAUF!",
    "#CALC!",
    "#KALK!",
    "#FIELD!",
    "#ERROR!",
    "#BLOCKED!",
    "#CONNECT!",
    "#UNKNOWN!",
    "#BUSY!",
    "#GETTING_DATA",
];

/// What a spreadsheet shows in place of the result of a formula, where `text` is that. In a list of domains, one word of it may
/// be.
fn formula_fault(column: Column, text: &str) -> Option<String> {
    // Hardly any value has either.
    if !text.contains(['#', ':']) {
        return None;
    }
    let is_list = matches!(column, Column::Domains | Column::VouchDomains);
    let is_fault = if column == Column::ClientSecret { is_known_fault } else { is_formula_fault };
    let mut words = text.split(|one: char| is_list && (one.is_whitespace() || matches!(one, ',' | ';'))).map(str::trim);
    words.find(|word| is_fault(word)).map(str::to_owned)
}

fn is_known_fault(word: &str) -> bool {
    let number = word.strip_prefix("Err:");
    FORMULA_FAULTS.contains(&word)
        || number.is_some_and(|number| number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The same in any language.
fn is_formula_fault(word: &str) -> bool {
    let name = word.strip_prefix('#').and_then(|word| word.strip_suffix(['!', '?']));
    let name = name.map(|name| name.trim_start_matches(['¡', '¿']));
    let is_name = |name: &str| {
        (3..=12).contains(&name.chars().count())
            && name.chars().all(|one| one.is_uppercase() || matches!(one, '/' | '0' | '_' | ' '))
    };
    is_known_fault(word) || matches!(word, "#N/D" | "#N/B") || name.is_some_and(is_name)
}

fn no_result(column: Column, fault: &str) -> Finding {
    Finding::fail(
        "row_formula",
        format!("`{}` is `{fault}`: the spreadsheet has a formula there that came to nothing", column.name()),
    )
    .because("the value that was meant is not in the file, and what stands there is none")
    .next("mend the formula or type the value in the spreadsheet, save the file again, and run the same command again")
}

/// Whether a text is a formula around a value, as programs write it for a spreadsheet to leave the value alone (`="0042"`), or has
/// a spreadsheet's own mark for a line end in it. Nothing that a provider issues is either.
fn is_written_by_spreadsheet(text: &str) -> bool {
    let text = text.trim();
    let formula = text.strip_prefix('=').unwrap_or_default();
    formula.len() > 2 && formula.starts_with('"') && formula.ends_with('"')
        || formula.starts_with("HYPERLINK(")
        || ["_x000D_", "_x000A_", "_x000d_", "_x000a_"].iter().any(|mark| text.contains(mark))
}

/// The value itself is not repeated: it may be the secret.
fn written_by_spreadsheet(column: Column) -> Finding {
    Finding::fail(
        "row_formula",
        format!(
            "`{}` has what a spreadsheet writes around a value: `=\"…\"`, or `_x000D_` for a line end",
            column.name()
        ),
    )
    .because("as it stands it is not the value that the provider issued")
    .next("put the bare value there, and run the same command again")
}

/// Whether a text is what spreadsheets make of a number with more digits than they keep: `1.23457E+15`.
fn is_shortened_number(text: &str) -> bool {
    let Some((digits, power)) = text.trim().split_once("E+") else { return false };
    let (whole, rest) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() == 1 && [whole, rest, power].into_iter().all(is_number) && matches!(power.len(), 2 | 3)
}

/// The value is not repeated: it may be most of a secret.
fn shortened(column: Column) -> Finding {
    Finding::fail("row_number", format!("`{}` is a number that the spreadsheet has shortened, as in 1.23E+15", column.name()))
        .because("most of its digits are not in the file, and what stands there is another value")
        .next("make the column one of text in the spreadsheet, enter the value again, save the file, and run the same command again")
}

/// SAML metadata as a row gives it: the document itself, its URL, or a file in the folder.
fn metadata(given: String, line: u64, place: &Place) -> Result<PastedMetadata, Box<Finding>> {
    if given.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return Ok(PastedMetadata::Content { name: format!("line {line}"), bytes: Arc::from(given.into_bytes()) });
    }
    let is_there = |path: &Path| place.file(&path.to_string_lossy()).is_ok();
    let word = PastedMetadata::of_word(given.trim().to_owned(), is_there);
    let file = match word.path() {
        None if given.trim() == "-" => Err("standard input has the rows, not the metadata of one"),
        None => return Ok(word),
        Some(path) => place.file(&path.to_string_lossy()),
    };
    match file {
        Ok(file) => Ok(PastedMetadata::Word(file.to_string_lossy().into_owned())),
        Err(why) => Err(Finding::fail("metadata_unreadable", format!("the metadata could not be had: {why}"))
            .evidence("metadata", &given)
            .because("without it the provider cannot be checked, and nothing can be stored")
            .next("put that right, and run the same command again; --folder names where paths in rows start from")
            .into()),
    }
}

/// The secret in a file. Neither its path nor a word of it is repeated: what stands in that column may be the secret.
fn of_file(path: &str, place: &Place) -> Result<PastedSecret, Box<Finding>> {
    let unreadable = |why: &str| Box::new(unreadable(Column::ClientSecretFile, why));
    let path = place.file(path.trim()).map_err(unreadable)?;
    let (text, mode) = read_file(&path).map_err(|error| unreadable(&format!("the system says: {error}")))?;
    let text = std::str::from_utf8(&text).map_err(|_| unreadable("what it holds is not UTF-8 text"))?;
    if text.trim().is_empty() {
        return Err(unreadable("it is empty"));
    }
    let source = SecretSource::File { world_readable: mode & 0o077 != 0 };
    Ok(PastedSecret { text: SecretString::from(text), source })
}

fn read_file(path: &Path) -> std::io::Result<(Zeroizing<Vec<u8>>, u32)> {
    let file = std::fs::File::open(path)?;
    let mode = file.metadata()?.permissions().mode();
    let mut bytes = Zeroizing::new(Vec::with_capacity(1024));
    file.take(SECRET_INPUT).read_to_end(&mut bytes)?;
    Ok((bytes, mode))
}

/// The secret in a variable of the environment.
fn of_environment(name: &str, place: &Place) -> Result<PastedSecret, Box<Finding>> {
    let unreadable = |why: &str| Box::new(unreadable(Column::ClientSecretEnv, why));
    let name = name.trim();
    let well_formed = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !name.is_empty();
    if !well_formed {
        return Err(unreadable("what is given is not the name of a variable"));
    }
    // What this program is told by its environment, passwords among it, is not for a provider that a row names.
    let own = place.own_variables.iter().any(|own| own == name);
    if own || name.starts_with("PG") || (name.starts_with("SSOCTL_") && !name.contains("SECRET")) {
        return Err(unreadable("that variable belongs to this program's own settings"));
    }
    match std::env::var(name) {
        Ok(value) if !value.trim().is_empty() => {
            Ok(PastedSecret { text: SecretString::from(value), source: SecretSource::Environment })
        }
        Ok(_) | Err(std::env::VarError::NotPresent) => Err(unreadable("there is no such variable, or it is empty")),
        Err(std::env::VarError::NotUnicode(_)) => Err(unreadable("what it holds is not UTF-8 text")),
    }
}

fn unreadable(column: Column, why: &str) -> Finding {
    Finding::fail("secret_unreadable", format!("the client secret could not be had by `{}`: {why}", column.name()))
        .because("without it the credentials cannot be checked, and nothing can be stored")
        .next("put that right, and run the same command again; --folder names where paths in rows start from")
}
