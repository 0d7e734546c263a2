//! The raw values of a request, and the one function that normalises them.

use std::fmt;

use secrecy::SecretString;

use super::ledger::Ledger;
use super::metadata::PastedMetadata;
use super::{clean, credentials, domains, email, issuer, metadata};
use crate::finding::Finding;
use crate::input::Input;
use crate::request::mail::Mail;
use crate::request::names::{EmailAddress, TicketRef};
use crate::request::{MetadataSource, OidcRequest, OnboardingRequest, ProviderRequest, RequestedBy, SamlRequest};

/// What was given for a request, as it was given: every field optional.
#[derive(Debug, Default)]
pub struct RequestDraft {
    /// `--owner`
    pub owner: Option<String>,
    /// `--requested-by`
    pub requested_by: Option<String>,
    /// `--issuer`
    pub issuer: Option<String>,
    /// `--client-id`
    pub client_id: Option<String>,
    /// The client secret, and the way it came.
    pub client_secret: Option<PastedSecret>,
    /// `--metadata`
    pub metadata: Option<PastedMetadata>,
    /// SAML was asked for in words, which counts where no value says otherwise.
    pub saml_named: bool,
    /// `--entity-id`
    pub entity_id: Option<String>,
    /// `--domain`, once for each; one text may hold a list.
    pub domains: Vec<String>,
    /// `--vouch-domain`, once for each; one text may hold a list.
    pub vouched_domains: Vec<String>,
    /// `--ticket`
    pub ticket: Option<String>,
    /// The mail the values were read from.
    pub mail: Option<Mail>,
    /// What was found while the values were read from somewhere.
    pub noted: Vec<Finding>,
    /// Values of which there are several, or one that cannot be had: something is missing, and `noted` says why.
    pub contested: Vec<Input>,
}

/// A client secret as it came in. `Debug` says nothing of it.
pub struct PastedSecret {
    /// The text, not yet cleaned.
    pub text: SecretString,
    /// The way it came.
    pub source: SecretSource,
}

impl fmt::Debug for PastedSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PastedSecret").field("source", &self.source).finish_non_exhaustive()
    }
}

/// How a client secret reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretSource {
    /// `--client-secret-file`
    File {
        /// Other users of the machine may read the file.
        world_readable: bool,
    },
    /// `--client-secret-stdin`
    Stdin,
    /// `SSOCTL_CLIENT_SECRET`
    Environment,
    /// Typed without echo.
    Prompt,
    /// A customer's mail.
    Mail,
    /// A row of a file with many requests.
    Row,
}

/// What must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// `onboard`: the owner, and either issuer, client id and client secret, or SAML metadata.
    Everything,
    /// `check`: only what is given is judged.
    WhatIsGiven,
}

impl RequestDraft {
    /// Mends what can be mended safely, says every change, and reports everything that is missing or wrong.
    ///
    /// A value that is refused is `None` in the request, so nothing downstream acts on it. At most `max_domains`
    /// domains are read from each list. A plain-http issuer is refused unless its host is private by its very
    /// spelling (`localhost`, a private address): that one is the network guard's to judge.
    #[must_use]
    pub fn normalise(self, completeness: Completeness, max_domains: usize) -> OnboardingRequest {
        self.normalise_allowing(completeness, max_domains, &[])
    }

    /// As [`Self::normalise`], for an installation where plain http is allowed to `allow_origins`
    /// (`http://host:port`, from `--allow-origin` and the configuration).
    #[must_use]
    pub fn normalise_allowing(
        self,
        completeness: Completeness,
        max_domains: usize,
        allow_origins: &[String],
    ) -> OnboardingRequest {
        let mut ledger = Ledger::default();
        ledger.findings.extend(self.noted.iter().cloned());
        if completeness == Completeness::Everything {
            self.report_missing(&mut ledger);
        }
        let singles = [&self.owner, &self.requested_by, &self.issuer, &self.client_id, &self.entity_id, &self.ticket];
        let lists = self.domains.iter().chain(&self.vouched_domains);
        for secret in singles.into_iter().flatten().chain(lists).filter_map(|text| credentials::labelled_secret(text)) {
            ledger.remember_secret(secret);
        }
        let mut owner = self.owner.as_deref().and_then(|raw| email::read(raw, email::Whose::Owner, &mut ledger));
        let mut requested_by =
            self.requested_by.as_deref().and_then(|raw| email::read(raw, email::Whose::Requester, &mut ledger));
        let mut issuer = self.issuer.as_deref().and_then(|raw| issuer::read(raw, allow_origins, &mut ledger));
        let mut client_id = self.client_id.as_deref().and_then(|raw| credentials::client_id(raw, &mut ledger));
        let mut client_secret =
            self.client_secret.as_ref().and_then(|pasted| credentials::client_secret(pasted, &mut ledger));
        credentials::compare(&mut client_id, &mut client_secret, issuer.as_ref(), &mut ledger);
        let mut vouched_domains = domains::read(&self.vouched_domains, Input::VouchedDomain, max_domains, &mut ledger);
        let claimed = self.claimed(owner.as_ref());
        let mut domains = domains::read(&claimed, Input::Domain, max_domains, &mut ledger);
        let mut ticket = self.ticket.as_deref().and_then(|raw| ticket(raw, &mut ledger));
        if ledger.has_found("secret_is_client_id") {
            // The two were swapped, most likely: what stands in the client id's place may be the secret.
            client_id = None;
            self.client_id.iter().for_each(|raw| ledger.remember_secret(raw.trim()));
        }
        ledger.keep_secret_out(&mut client_id, ToString::to_string, Input::ClientId);
        ledger.keep_secret_out(&mut ticket, ToString::to_string, Input::Ticket);
        ledger.keep_secret_out(&mut issuer, ToString::to_string, Input::Issuer);
        ledger.keep_secret_out(&mut owner, ToString::to_string, Input::Owner);
        ledger.keep_secret_out(&mut requested_by, ToString::to_string, Input::RequestedBy);
        ledger.keep_secret_out_of(&mut domains, Input::Domain);
        ledger.keep_secret_out_of(&mut vouched_domains, Input::VouchedDomain);
        let domains = domains::with_vouched(domains, &vouched_domains, max_domains, &mut ledger);
        let provider = if self.is_about_saml() {
            let mut metadata =
                self.metadata.as_ref().and_then(|given| metadata::read(given, allow_origins, &mut ledger));
            let mut entity_id = self.entity_id.as_deref().and_then(|raw| metadata::entity_id(raw, &mut ledger));
            ledger.keep_secret_out(&mut metadata, MetadataSource::name, Input::Metadata);
            ledger.keep_secret_out(&mut entity_id, ToString::to_string, Input::EntityId);
            if issuer.is_some() || client_id.is_some() || client_secret.is_some() {
                ledger.findings.push(two_protocols());
            }
            ProviderRequest::Saml(SamlRequest { metadata, entity_id })
        } else {
            ProviderRequest::Oidc(OidcRequest { issuer, client_id, client_secret })
        };
        let mut mail = self.mail;
        ledger.forget_secrets(mail.as_mut());
        OnboardingRequest {
            owner,
            requested_by: match requested_by {
                Some(address) => RequestedBy::Address(address),
                None if self.requested_by.is_some() => RequestedBy::Unreadable,
                None => RequestedBy::Owner,
            },
            provider,
            domains,
            vouched_domains,
            ticket,
            changed: ledger.changed,
            findings: ledger.findings,
            mail,
        }
    }

    /// Whether the request is for SAML: something of SAML was given, or SAML was named and nothing of OpenID Connect given.
    #[must_use]
    pub fn is_about_saml(&self) -> bool {
        let oidc = self.issuer.is_some() || self.client_id.is_some() || self.client_secret.is_some();
        self.metadata.is_some()
            || self.entity_id.is_some()
            || self.contested.contains(&Input::Metadata)
            || (self.saml_named && !oidc)
    }

    /// The domains to claim beside the vouched ones: that of `owner` where those are all that is named.
    fn claimed(&self, owner: Option<&EmailAddress>) -> Vec<String> {
        if self.domains.is_empty() && !self.vouched_domains.is_empty() {
            return owner.map(|owner| owner.domain().to_string()).into_iter().collect();
        }
        self.domains.clone()
    }

    fn report_missing(&self, ledger: &mut Ledger) {
        let (saml, oidc) = (self.is_about_saml(), !self.is_about_saml());
        let needed = [
            (self.owner.is_none(), Input::Owner),
            (oidc && self.issuer.is_none(), Input::Issuer),
            (oidc && self.client_id.is_none(), Input::ClientId),
            (oidc && self.client_secret.is_none(), Input::ClientSecret),
            (saml && self.metadata.is_none(), Input::Metadata),
        ];
        for (missing, input) in needed {
            if missing && !self.contested.contains(&input) {
                ledger.missing(input);
            }
        }
    }
}

fn two_protocols() -> Finding {
    Finding::fail("two_protocols", "the request has values for OpenID Connect and SAML metadata")
        .about(Input::Metadata)
        .because("a team signs in one way, and which one the customer has set up is not guessed")
        .next("ask the customer which of the two applications they made, and give its values alone")
        .tell(
            "You sent values of an OpenID Connect application and SAML metadata. Please tell us which of the two is to \
             be used.",
        )
}

fn ticket(raw: &str, ledger: &mut Ledger) -> Option<TicketRef> {
    if raw.len() > clean::LINE_BYTES {
        ledger.findings.push(clean::too_long(Input::Ticket, "200 characters"));
        return None;
    }
    if let Some(control) = clean::control_character(raw) {
        // The ticket is ours: the customer has no part in it.
        let finding = clean::control_finding(Input::Ticket, control);
        ledger.findings.push(Finding { tell: None, ..finding.next("give the reference as your help desk shows it") });
        return None;
    }
    let mut mended = clean::Mended::new(raw);
    mended.drop_invisible();
    mended.trim();
    if mended.text.is_empty() {
        // Nothing that the customer could send: a variable without a value, most likely.
        ledger.findings.push(
            Finding::fail("ticket_syntax", "the ticket reference is empty")
                .because("the audit record would not say which ticket it was")
                .next("give the reference as your help desk shows it, or leave --ticket out"),
        );
        return None;
    }
    let ticket = TicketRef::parse(&mended.text);
    if ticket.is_some() {
        ledger.mended(Input::Ticket, raw, &mended.text, &mended.done);
    } else {
        ledger.findings.push(
            Finding::fail("ticket_syntax", "the ticket reference is not one printable line of at most 200 characters")
                .evidence("given", raw)
                .because("it goes into the audit record and into commands to paste")
                .next("give the reference as your help desk shows it: --ticket 48213"),
        );
    }
    ticket
}
