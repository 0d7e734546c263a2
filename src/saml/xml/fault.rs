//! Why XML cannot be read on.

use std::io;

use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::escape::EscapeError;
use quick_xml::name::NamespaceError;

/// Why a document cannot be read on, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::saml) struct Fault {
    pub(in crate::saml) kind: FaultKind,
    /// Bytes of the decoded text before it.
    pub(in crate::saml) at: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::saml) enum FaultKind {
    /// `<!DOCTYPE …>`
    Doctype,
    /// Over [`super::DEPTH`].
    TooDeep,
    /// Over [`super::ATTRIBUTES`], [`super::NAMESPACES`] or another limit of 256: of what there are too many.
    TooMany(&'static str),
    /// One node, or one entity, is longer than the limit.
    TooLong,
    /// Bytes that are no text in the document's encoding.
    Encoding,
    /// An entity reference beyond the five of XML.
    Entity(String),
    /// An XML declaration that is not at the very start.
    LateDeclaration,
    /// The document ends inside an element.
    Truncated,
    /// Not well-formed in any other way.
    Syntax(String),
    /// The source could not be read to its end.
    Io(String),
}

pub(super) fn syntax(words: &str) -> FaultKind {
    FaultKind::Syntax(words.to_owned())
}

/// What the splitter found wrong with the text.
pub(super) fn of_error(error: &Error) -> FaultKind {
    match error {
        Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => FaultKind::Encoding,
        Error::Io(error) => FaultKind::Io(error.to_string()),
        Error::Encoding(_) => FaultKind::Encoding,
        Error::Namespace(NamespaceError::TooManyBindings(_)) => FaultKind::TooMany("namespaces"),
        Error::Namespace(NamespaceError::TooDeeplyNested(_)) => FaultKind::TooDeep,
        Error::Syntax(SyntaxError::UnclosedDoctype) | Error::IllFormed(IllFormedError::MissingDoctypeName) => {
            FaultKind::Doctype
        }
        Error::Syntax(SyntaxError::InvalidBangMarkup) => syntax("`<!` is followed by something that XML does not know"),
        Error::Syntax(_) => FaultKind::Truncated,
        Error::IllFormed(IllFormedError::UnclosedReference) => {
            syntax("a bare `&` stands in the text (it has to be `&amp;`)")
        }
        Error::IllFormed(IllFormedError::DoubleHyphenInComment) => syntax("`--` stands in a comment"),
        Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
            FaultKind::Syntax(format!("`{expected}` is open where `{found}` is closed"))
        }
        Error::IllFormed(IllFormedError::UnmatchedEndTag(found)) => {
            FaultKind::Syntax(format!("`{found}` is closed and was never opened"))
        }
        other => FaultKind::Syntax(other.to_string()),
    }
}

/// What is wrong with a reference in an attribute.
pub(super) fn of_escape(error: &Error) -> FaultKind {
    match error {
        Error::Escape(EscapeError::UnrecognizedEntity(_, name)) => FaultKind::Entity(name.clone()),
        Error::Escape(EscapeError::UnterminatedEntity(_)) => {
            syntax("a bare `&` stands in an attribute (it has to be `&amp;`)")
        }
        _ => syntax("a character reference makes no sense"),
    }
}
