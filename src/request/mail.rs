//! The mail a request came in: who sent it, what the receiving server says of that, and where in it each value stood.

use crate::input::Input;

/// What is known of the mail a request came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mail {
    /// Who sent it; `None` for a pasted text, which has no head.
    pub sender: Option<Sender>,
    /// The operator has made sure of the sender by other means than the mail.
    pub confirmed: bool,
    /// Where each value stood.
    pub sources: Vec<Source>,
}

/// Where a value stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Which value.
    pub input: Input,
    /// The place, in words, printable.
    pub place: String,
}

/// The sender of a mail, as its head shows it. Nothing of it is proven but by [`Authentication`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sender {
    /// The addresses of `From`; a mail of a person has one.
    pub from: Vec<Mailbox>,
    /// The addresses of `Reply-To`.
    pub reply_to: Vec<Mailbox>,
    /// What the receiving server found out about it.
    pub authentication: Authentication,
    /// The mail came through a help desk or a colleague that the configuration names.
    pub relayed: bool,
    /// Whom a relayed mail says it came from in the first place.
    pub on_behalf_of: Option<Mailbox>,
    /// A program answered with it: an out-of-office note, or a mail that came back.
    pub automatic: bool,
}

/// An address with the name beside it. Both as they came: not printable yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name that mail programs show.
    pub name: Option<String>,
    /// The address.
    pub address: String,
}

impl Mailbox {
    /// What stands behind the `@`, in lower case and in its ASCII form; `None` where there is nothing of the kind.
    #[must_use]
    pub fn domain(&self) -> Option<String> {
        let (_, domain) = self.address.rsplit_once('@')?;
        idna::domain_to_ascii(domain.trim_end_matches('.')).ok().filter(|domain| !domain.is_empty())
    }
}

/// What the receiving server found out about the sender.
///
/// Source: RFC 8601 (`Authentication-Results`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Authentication {
    /// The configuration names no server that would be believed.
    #[default]
    NobodyTrusted,
    /// The trusted server has said nothing.
    Missing,
    /// What it said.
    Results(Vec<AuthenticationResult>),
}

/// One result of one method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationResult {
    /// `dkim`, `spf`, `dmarc`; lower case.
    pub method: String,
    /// `pass`, `fail`, `none`, …; lower case.
    pub result: String,
    /// The domain it is about, in lower case: `header.d`, that of `smtp.mailfrom`, `header.from`.
    pub domain: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_compared_in_its_ascii_form() {
        let domain = |address: &str| Mailbox { name: None, address: address.to_owned() }.domain();
        assert_eq!(domain("jane@Bücher.Example").as_deref(), Some("xn--bcher-kva.example"));
        assert_eq!(domain("jane"), None);
    }
}
