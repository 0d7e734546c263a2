//! What a mail comes to: every value chosen, contested or absent, and what is to be said of the mail itself.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::choice::{self, Candidate, Choice, View};
use super::contents::Contents;
use super::labels::Field;
use super::remarks::{About, NOT_SHOWN, Remark, SHOWN, remarks};
use super::{address, metadata, shapes};
use crate::finding::Finding;
use crate::foreign;
use crate::input::Input;
use crate::intake::{PastedMetadata, PastedSecret, RequestDraft, SecretSource};
use crate::makes;
use crate::request::mail::{Mail, Mailbox, Sender, Source};

/// A value of a request that a mail may hold once, or several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// The owner's address.
    Owner,
    /// The issuer.
    Issuer,
    /// The client id.
    ClientId,
    /// The client secret.
    ClientSecret,
    /// SAML metadata.
    Metadata,
}

impl Value {
    /// The same as one of all values.
    #[must_use]
    pub const fn input(self) -> Input {
        match self {
            Self::Owner => Input::Owner,
            Self::Issuer => Input::Issuer,
            Self::ClientId => Input::ClientId,
            Self::ClientSecret => Input::ClientSecret,
            Self::Metadata => Input::Metadata,
        }
    }
}

/// SAML metadata as a mail has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Metadata {
    /// A link to it.
    Url(String),
    /// The document.
    Document {
        /// `attachment:<name>` or `inline`, printable.
        name: String,
        /// Its bytes.
        bytes: Arc<[u8]>,
    },
}

/// A mail, read.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// The ticket's number, else the Message-ID.
    pub reference: Option<Candidate<String>>,
    /// Who sent it; `None` for a pasted text.
    pub sender: Option<Sender>,
    /// The owner's address: labelled or said in a sentence, never taken from the sender.
    pub owner: Choice<String>,
    /// The issuer, or its discovery document.
    pub issuer: Choice<String>,
    /// The client id.
    pub client_id: Choice<String>,
    /// The client secret: labelled, never told by its shape.
    pub client_secret: Choice<SecretString>,
    /// SAML metadata.
    pub metadata: Choice<Metadata>,
    /// SAML is what the mail is about, by its words alone: it has no value that would say so.
    pub saml_named: bool,
    /// Domains to claim.
    pub domains: Vec<Candidate<String>>,
    /// The owner has confirmed the request other than by this mail: it is theirs then, whoever wrote it.
    pub confirmed: bool,
    remarks: Vec<Remark>,
}

/// What is at hand once the parts are decoded.
pub(super) struct Gathered<'m> {
    pub(super) contents: Contents,
    pub(super) sender: Option<Sender>,
    pub(super) reference: Option<Candidate<String>>,
    pub(super) subject: &'m str,
}

impl Gathered<'_> {
    pub(super) fn ticket(self) -> Ticket {
        let Self { contents, mut sender, reference, subject } = self;
        let plain = View::of(&contents.plain, subject);
        let html = contents.two_forms.then(|| View::of(&contents.html, subject));
        let mut differing = Vec::new();
        let mut damaged = Vec::new();
        let mut decide = |field, what: Value| {
            let decision = choice::decide(field, &plain, html.as_ref());
            if decision.differs {
                differing.push((what, decision.choice.contested().to_vec()));
            }
            undamaged(decision.choice, what, &mut damaged)
        };
        let owner = decide(Field::Owner, Value::Owner);
        let mut issuer = decide(Field::Issuer, Value::Issuer);
        let client_id = decide(Field::ClientId, Value::ClientId);
        let client_secret = decide(Field::ClientSecret, Value::ClientSecret);
        let linked = decide(Field::Metadata, Value::Metadata);
        let credentials = !client_id.is_absent() || !client_secret.is_absent();
        let mut documents = documents(&contents, &plain, html.as_ref());
        if documents.is_empty() && !credentials && linked.is_absent() {
            // Of no use, and yet what was meant: the customer is asked for the whole of it.
            documents.extend(html.as_ref().unwrap_or(&plain).cut_off.as_deref().map(inline));
        }
        let metadata = if !documents.is_empty() {
            one_or_several(documents)
        } else if credentials
            && issuer.is_absent()
            && linked.found().is_some_and(|one| !shapes::is_metadata(&one.value))
        {
            // "Metadata URL" beside a client id: OpenID Connect calls its discovery document so too.
            issuer = linked;
            Choice::Absent
        } else if credentials
            && issuer.found().is_some()
            && linked.found().is_some_and(|one| shapes::is_of_directory(&one.value))
        {
            Choice::Absent
        } else {
            linked.map(Metadata::Url)
        };
        let protocols = html.as_ref().map_or(plain.protocols, |html| plain.protocols.and(html.protocols));
        let saml_named = metadata.is_absent() && !credentials && protocols.is_saml_alone();
        if (!metadata.is_absent() || saml_named) && !credentials {
            // SAML has an issuer of its own, the entity ID, which the metadata names.
            issuer = Choice::Absent;
        }
        let is_guid = |one: &Candidate<String>| makes::is_guid(choice::bare(&one.value));
        if issuer.is_absent() && metadata.is_absent() && client_id.found().is_some_and(is_guid) {
            issuer = of_tenant(choice::decide(Field::Tenant, &plain, html.as_ref()).choice);
        }
        if issuer.is_absent() && metadata.is_absent() && credentials {
            issuer = choice::decide(Field::Host, &plain, html.as_ref()).choice;
        }
        let domains = html.as_ref().filter(|html| html.has(Field::Domains)).unwrap_or(&plain).list(Field::Domains);
        if let Some(sender) = sender.as_mut().filter(|sender| sender.relayed) {
            sender.on_behalf_of = on_behalf_of(&contents, &plain, html.as_ref());
        }
        let mut ticket = Ticket {
            reference,
            sender,
            owner,
            issuer,
            client_id,
            client_secret: client_secret.map(SecretString::from),
            metadata,
            saml_named,
            domains,
            confirmed: false,
            remarks: Vec::new(),
        };
        let holds_key = plain.holds_key || html.is_some_and(|html| html.holds_key);
        ticket.remarks = remarks(&contents, &ticket, holds_key, &differing, &damaged);
        ticket
    }
}

/// The issuer of the one directory at Entra that a mail names: its overview shows the directory's id and no issuer.
fn of_tenant(tenant: Choice<String>) -> Choice<String> {
    match tenant {
        Choice::Found(Candidate { value, place, .. }) => {
            let place = format!("made of the tenant id: {place}");
            Choice::Found(Candidate { value: makes::issuer_of_entra(&value), place, doubtful: false })
        }
        Choice::Absent | Choice::Contested(_) => Choice::Absent,
    }
}

impl Ticket {
    /// Whether the mail, or a part of it, is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.remarks.iter().any(|remark| remark.finding.code == "mail_encrypted")
    }

    /// Whether the sender's own address is all that the mail says of the owner: offered to a person, never taken.
    #[must_use]
    pub fn offered_owner(&self) -> Option<&str> {
        let sender = self.sender.as_ref()?;
        match (self.owner.is_absent(), sender.from.as_slice()) {
            (true, [one]) if !sender.relayed => Some(one.address.as_str()),
            (true, _) => sender.on_behalf_of.as_ref().map(|one| one.address.as_str()),
            _ => None,
        }
    }

    /// Takes the sender for the owner, because somebody said so.
    pub fn take_offered_owner(&mut self) {
        if let Some(value) = self.offered_owner().map(str::to_owned) {
            self.owner =
                Choice::Found(Candidate { value, place: "the sender, as you have said".to_owned(), doubtful: false });
        }
    }

    /// Makes one of the competing values, counted from 0, the one that is meant.
    pub fn settle(&mut self, value: Value, position: usize) {
        match value {
            Value::Owner => self.owner.settle(position),
            Value::Issuer => self.issuer.settle(position),
            Value::ClientId => self.client_id.settle(position),
            Value::ClientSecret => self.client_secret.settle(position),
            Value::Metadata => self.metadata.settle(position),
        }
        self.remarks.retain(|remark| remark.about != About::Value(value));
    }

    /// The request as the mail puts it, with `flags` in place of what the mail says. Values that compete are left out,
    /// and a finding for each says so. A secret from the environment fills a gap and replaces nothing.
    #[must_use]
    pub fn into_draft(mut self, flags: RequestDraft) -> RequestDraft {
        let secret = flags
            .client_secret
            .filter(|secret| secret.source != SecretSource::Environment || self.client_secret.is_absent());
        let given = [
            (Value::Owner, flags.owner.is_some()),
            (Value::Issuer, flags.issuer.is_some()),
            (Value::ClientId, flags.client_id.is_some()),
            (Value::ClientSecret, secret.is_some()),
            (Value::Metadata, flags.metadata.is_some()),
        ];
        for (value, _) in given.into_iter().filter(|(_, given)| *given) {
            self.forget(value);
        }
        let has = |wanted: Value| self.has(wanted) || given.contains(&(wanted, true));
        let complete =
            has(Value::Metadata) || [Value::Issuer, Value::ClientId, Value::ClientSecret].into_iter().all(has);
        let competing = self.competing();
        let mut noted: Vec<Finding> = std::mem::take(&mut self.remarks)
            .into_iter()
            .filter(|remark| remark.about != About::Absence || !complete)
            .map(|remark| remark.finding)
            .collect();
        noted.extend(competing);
        let contested = self.contested_inputs();
        let owner = flags.owner.or_else(|| self.owner.found().map(|one| one.value.clone()));
        let requester = self.requester(owner.as_deref()).filter(|_| flags.requested_by.is_none() && !self.confirmed);
        let sources = self.sources(requester.is_some(), flags.domains.is_empty(), flags.ticket.is_none());
        let metadata = flags.metadata.or_else(|| self.metadata.found().and_then(|one| pasted(&one.value)));
        // The environment's secret is for OpenID Connect.
        let is_saml = metadata.is_some() || self.saml_named;
        let secret = secret.filter(|secret| secret.source != SecretSource::Environment || !is_saml);
        let take = |choice: &Choice<String>| choice.found().map(|one| one.value.clone());
        let from_mail =
            |one: &Candidate<SecretString>| PastedSecret { text: one.value.clone(), source: SecretSource::Mail };
        RequestDraft {
            owner,
            requested_by: flags.requested_by.or(requester),
            issuer: flags.issuer.or_else(|| take(&self.issuer)),
            client_id: flags.client_id.or_else(|| take(&self.client_id)),
            client_secret: secret.or_else(|| self.client_secret.found().map(from_mail)),
            metadata,
            saml_named: self.saml_named,
            entity_id: flags.entity_id,
            domains: if flags.domains.is_empty() {
                self.domains.iter().map(|one| one.value.clone()).collect()
            } else {
                flags.domains
            },
            vouched_domains: flags.vouched_domains,
            ticket: flags.ticket.or_else(|| self.reference.map(|one| one.value)),
            noted,
            contested,
            mail: Some(Mail { sender: self.sender, confirmed: self.confirmed, sources }),
        }
    }

    /// Drops what the mail says of a value, because somebody else has given it.
    fn forget(&mut self, value: Value) {
        match value {
            Value::Owner => self.owner = Choice::Absent,
            Value::Issuer => self.issuer = Choice::Absent,
            Value::ClientId => self.client_id = Choice::Absent,
            Value::ClientSecret => self.client_secret = Choice::Absent,
            Value::Metadata => self.metadata = Choice::Absent,
        }
        self.remarks.retain(|remark| remark.about != About::Value(value));
    }

    fn has(&self, value: Value) -> bool {
        match value {
            Value::Owner => self.owner.found().is_some(),
            Value::Issuer => self.issuer.found().is_some(),
            Value::ClientId => self.client_id.found().is_some(),
            Value::ClientSecret => self.client_secret.found().is_some(),
            Value::Metadata => self.metadata.found().is_some(),
        }
    }

    /// Who asked, where it was not the owner.
    fn requester(&self, owner: Option<&str>) -> Option<String> {
        let sender = self.sender.as_ref()?;
        let asked = if sender.relayed { sender.on_behalf_of.as_ref()? } else { sender.from.first()? };
        let is_owner = owner.is_some_and(|owner| owner.trim().eq_ignore_ascii_case(&asked.address));
        (!is_owner && !asked.address.is_empty()).then(|| asked.address.clone())
    }

    /// Where each value of the mail that is used stood.
    fn sources(&self, requester: bool, domains: bool, ticket: bool) -> Vec<Source> {
        let mut sources = Vec::new();
        let mut add = |input, place: Option<&str>| {
            if let Some(place) = place {
                sources.push(Source { input, place: place.to_owned() });
            }
        };
        let relayed = self.sender.as_ref().is_some_and(|sender| sender.relayed);
        add(Input::Owner, self.owner.found().map(|one| one.place.as_str()));
        add(Input::RequestedBy, requester.then_some(if relayed { "the mail that was passed on" } else { "From" }));
        add(Input::Issuer, self.issuer.found().map(|one| one.place.as_str()));
        add(Input::ClientId, self.client_id.found().map(|one| one.place.as_str()));
        add(Input::ClientSecret, self.client_secret.found().map(|one| one.place.as_str()));
        add(Input::Metadata, self.metadata.found().map(|one| one.place.as_str()));
        for one in self.domains.iter().filter(|_| domains) {
            add(Input::Domain, Some(&one.place));
        }
        add(Input::Ticket, self.reference.as_ref().filter(|_| ticket).map(|one| one.place.as_str()));
        sources
    }

    /// The values that compete, as they may be shown, and where each stands.
    #[must_use]
    pub fn contested(&self, value: Value) -> Vec<(String, String)> {
        let texts = |choice: &Choice<String>| -> Vec<(String, String)> {
            choice.contested().iter().map(|one| (self.shown(value, one), one.place.clone())).collect()
        };
        match value {
            Value::Owner => texts(&self.owner),
            Value::Issuer => texts(&self.issuer),
            Value::ClientId => texts(&self.client_id),
            Value::ClientSecret => {
                self.client_secret.contested().iter().map(|one| (NOT_SHOWN.to_owned(), one.place.clone())).collect()
            }
            Value::Metadata => {
                self.metadata.contested().iter().map(|one| (one.value.name().to_owned(), one.place.clone())).collect()
            }
        }
    }

    /// A value that was found, as it may be shown: one that may be the secret is not.
    pub(super) fn shown(&self, value: Value, one: &Candidate<String>) -> String {
        let text = one.value.as_str();
        let bare = text.trim_matches(|one: char| !one.is_alphanumeric());
        let secrets = || self.client_secret.found().into_iter().chain(self.client_secret.contested());
        let holds_secret = || {
            let of = |secret: &str| !secret.is_empty() && (text.contains(secret) || secret.contains(bare));
            secrets().any(|secret| of(secret.value.expose_secret().trim_matches(|one: char| !one.is_alphanumeric())))
        };
        let is_hidden = value == Value::ClientSecret
            || value == Value::ClientId
                && !bare.is_empty()
                && (holds_secret()
                    || makes::looks_like_secret(bare)
                    || one.doubtful && !makes::looks_like_client_id(bare) && !makes::is_guid(bare));
        if is_hidden { NOT_SHOWN.to_owned() } else { text.to_owned() }
    }

    fn contested_inputs(&self) -> Vec<Input> {
        [
            (self.owner.contested().len(), Input::Owner),
            (self.issuer.contested().len(), Input::Issuer),
            (self.client_id.contested().len(), Input::ClientId),
            (self.client_secret.contested().len(), Input::ClientSecret),
            (self.metadata.contested().len(), Input::Metadata),
        ]
        .into_iter()
        .filter_map(|(several, input)| (several > 0).then_some(input))
        .collect()
    }

    /// A finding for every value of which there are several.
    fn competing(&self) -> Vec<Finding> {
        let differs = |value: Value| self.remarks.iter().any(|remark| remark.about == About::Value(value));
        [Value::Owner, Value::Issuer, Value::ClientId, Value::ClientSecret, Value::Metadata]
            .into_iter()
            .map(|value| (value, self.contested(value)))
            .filter(|(value, several)| !several.is_empty() && !differs(*value))
            .map(|(value, several)| {
                let input = value.input();
                let (what, flag) = (input.what(), input.flag());
                let number = several.len();
                let finding = Finding::fail("candidates_compete", format!("the mail has {number} values for {what}"))
                    .about(input);
                let finding = several
                    .into_iter()
                    .take(SHOWN)
                    .fold(finding, |finding, (value, place)| finding.evidence(place, value));
                finding
                    .because("which of them is meant is not guessed")
                    .next(format!("ask the customer which one it is, then give that one with {flag}"))
                    .tell(format!("You sent us more than one value for {what}. Which one is the right one?"))
            })
            .collect()
    }
}

/// Metadata as intake takes it. What a mail says is an address on the network or a document, never a path on this
/// machine.
fn pasted(metadata: &Metadata) -> Option<PastedMetadata> {
    match metadata {
        Metadata::Document { name, bytes } => {
            Some(PastedMetadata::Content { name: name.clone(), bytes: Arc::clone(bytes) })
        }
        Metadata::Url(url) => {
            let url = if url.contains("://") { url.clone() } else { format!("https://{url}") };
            let word = PastedMetadata::Word(url);
            let is_address = matches!(&word, PastedMetadata::Word(word) if word != "-") && word.path().is_none();
            is_address.then_some(word)
        }
    }
}

impl Metadata {
    /// What it is called: `attachment:<name>`, `inline`, or its address.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Url(url) => url,
            Self::Document { name, .. } => name,
        }
    }
}

/// The documents in a mail, each once, attached ones first.
fn documents(contents: &Contents, plain: &View, html: Option<&View>) -> Vec<Candidate<Metadata>> {
    let mut found: Vec<Candidate<Metadata>> = Vec::new();
    let bytes = |one: &Candidate<Metadata>| match &one.value {
        Metadata::Document { bytes, .. } => Some(Arc::clone(bytes)),
        Metadata::Url(_) => None,
    };
    let mut add = |one: Candidate<Metadata>| {
        if !found.iter().any(|other| bytes(other) == bytes(&one)) {
            found.push(one);
        }
    };
    for file in &contents.metadata {
        let name = foreign::shown_up_to(&file.name, 100);
        let value = Metadata::Document { name: format!("attachment:{name}"), bytes: Arc::clone(&file.bytes) };
        add(Candidate { value, place: format!("the attachment {name}"), doubtful: false });
    }
    // The HTML keeps what plain text wraps.
    for text in &html.filter(|html| !html.pasted.is_empty()).unwrap_or(plain).pasted {
        add(inline(text));
    }
    let is_ours = |one: &Candidate<Metadata>| matches!(&one.value, Metadata::Document { bytes, .. } if metadata::is_of_service_providers(bytes));
    if found.len() > 1 && !found.iter().all(is_ours) {
        found.retain(|one| !is_ours(one));
    }
    found
}

/// Metadata that stands in the text of a mail.
fn inline(text: &str) -> Candidate<Metadata> {
    let value = Metadata::Document { name: "inline".to_owned(), bytes: Arc::from(text.as_bytes()) };
    Candidate { value, place: "pasted into the text".to_owned(), doubtful: false }
}

fn one_or_several(mut found: Vec<Candidate<Metadata>>) -> Choice<Metadata> {
    match found.len() {
        1 => found.pop().map_or(Choice::Absent, Choice::Found),
        0 => Choice::Absent,
        _ => Choice::Contested(found),
    }
}

/// Whom a relayed mail says it came from: the head of what was forwarded, the requester that a help desk names, or the
/// name and address above the text.
fn on_behalf_of(contents: &Contents, plain: &View, html: Option<&View>) -> Option<Mailbox> {
    let views = || html.into_iter().chain([plain]);
    let text = views()
        .find_map(|view| view.forwarded_from.clone())
        .or_else(|| contents.attached_from.clone())
        .or_else(|| views().find_map(|view| Some(view.list(Field::Requester).into_iter().next()?.value)))
        .or_else(|| views().find_map(|view| view.author.clone()))?;
    let address = (*address::mailboxes(&text).last()?).to_owned();
    let name = text.split('<').next().map(|name| name.trim().trim_matches('"').to_owned());
    Some(Mailbox { name: name.filter(|name| !name.is_empty() && *name != address), address })
}

/// Values whose bytes did not survive are no values: they are left out, and said.
fn undamaged(choice: Choice<String>, what: Value, damaged: &mut Vec<Value>) -> Choice<String> {
    let broken = |one: &Candidate<String>| one.value.contains('\u{fffd}');
    let any = choice.found().is_some_and(broken) || choice.contested().iter().any(broken);
    if any {
        damaged.push(what);
        return Choice::Absent;
    }
    choice
}
