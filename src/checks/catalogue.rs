//! The one list of checks: their ids, in report order, and what `ssoctl explain` says of each.

use crate::finding::CheckId;

/// A check, explained.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its id.
    pub id: CheckId,
    /// What it looks at, one line.
    pub looks_at: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// When it passes, warns and fails.
    pub verdicts: &'static str,
    /// What the agent does about a failure.
    pub agent: &'static str,
    /// What the customer is told.
    pub customer: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
}

pub(crate) const REQUEST_COMPLETE: CheckId = CheckId::new("request-complete");
pub(crate) const TICKET_SENDER: CheckId = CheckId::new("ticket-sender");
pub(crate) const OIDC_DISCOVERY: CheckId = CheckId::new("oidc-discovery");
pub(crate) const OIDC_KEYS: CheckId = CheckId::new("oidc-keys");
pub(crate) const OIDC_CREDENTIALS: CheckId = CheckId::new("oidc-credentials");
pub(crate) const OIDC_REDIRECT_URI: CheckId = CheckId::new("oidc-redirect-uri");
pub(crate) const SAML_METADATA: CheckId = CheckId::new("saml-metadata");
pub(crate) const SAML_CERTIFICATES: CheckId = CheckId::new("saml-certificates");
pub(crate) const SAML_SIGNATURE: CheckId = CheckId::new("saml-signature");
pub(crate) const TEAM_OWNER: CheckId = CheckId::new("team-owner");
pub(crate) const TEAM_MANAGEMENT: CheckId = CheckId::new("team-management");
pub(crate) const TEAM_PLAN: CheckId = CheckId::new("team-plan");
pub(crate) const TEAM_REQUESTER: CheckId = CheckId::new("team-requester");
pub(crate) const TEAM_DOMAIN: CheckId = CheckId::new("team-domain");
pub(crate) const TEAM_MEMBERS: CheckId = CheckId::new("team-members");
pub(crate) const TEAM_CONNECTION: CheckId = CheckId::new("team-connection");

/// The ids of the checks that rest on the product database.
pub(super) fn team_ids() -> impl Iterator<Item = CheckId> {
    CATALOGUE.iter().map(|entry| entry.id).filter(|id| id.is_of_team())
}

/// Finds a check by its id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.id.as_str() == id)
}

/// Every check, in the order reports show them.
pub const CATALOGUE: &[Entry] = &[
    Entry {
        id: REQUEST_COMPLETE,
        looks_at: "the submitted values themselves, before anything is asked over the network",
        why: "values travel through mails, chats and spreadsheets, and arrive with quotes, angle brackets, invisible \
              characters, or as the address of the wrong page. What can be mended safely is mended and said.",
        verdicts: "Passes when every required value is there and well-formed, with a note of what was mended. Warns when a \
                   secret had to be touched or looks touched, when the issuer is shared by everybody (Google, gitlab.com), \
                   or when the secret came by environment. Fails on a missing value, a value of another kind (a page of \
                   the provider's console, a key set, a secret's id), a placeholder, a look-alike host, or a multi-tenant issuer.",
        agent: "Read what was changed. For a failure send the customer the reply; it names the value and where to find it.",
        customer: "Which value is missing or wrong, and where in their identity provider the right one stands.",
        source: "OpenID Connect Discovery 1.0 section 3; RFC 3986 section 6.2; UTS 39 and 46",
    },
    Entry {
        id: TICKET_SENDER,
        looks_at: "who sent the mail that `ssoctl ticket` read, against the owner, and what the receiving server says of it",
        why: "a mail's sender is whatever its writer typed. Whoever has support staff switch on single sign-on with a provider \
              of their own can sign in as anybody of that team.",
        verdicts: "Passes when the mail comes from the owner's own domain and the server named by \
                   ticket.trusted_authserv_id found it genuine: DMARC passed, or DKIM or SPF passed for that very domain. Warns \
                   when nothing proves or disproves the sender, when the sender is at another name of the owner's company, when \
                   help desk or colleague (ticket.relays) passed the mail on, and for a text without a head. Fails for a sender \
                   at a stranger's domain, for failed DMARC, DKIM or SPF, for a name that shows another address, for several \
                   senders, and for an unproven sender whose replies go elsewhere. --sender-verified turns failures into a \
                   warning, which the audit log keeps.",
        agent: "Do not answer the mail to make sure of it: call the owner at a number you already have, or write to the \
                owner's account address. Once they have confirmed, run again with --sender-verified.",
        customer: "That the request has to come from the owner's own address, or be confirmed by the owner.",
        source: "RFC 7489; RFC 8601 sections 2.2 and 5; RFC 5322 section 3.6.2",
    },
    Entry {
        id: OIDC_DISCOVERY,
        looks_at: "the provider's discovery document at {issuer}/.well-known/openid-configuration",
        why: "the product signs people in by what this document says. If it names another issuer, lacks a member or offers \
              no usable flow, every sign-in fails, or goes to the wrong place.",
        verdicts: "Passes when the document answers with status 200, is JSON, has every REQUIRED member with the right type, \
                   names exactly the issuer given, has https endpoints, and offers the code flow, a client secret and a safe \
                   signature algorithm. An issuer that differs in its spelling alone (a trailing slash, the default port, the \
                   case of its host), or an Entra tenant given by its domain, is corrected to the document's spelling and \
                   said. Warns on a wrong content type or encoding. Fails on anything else; unknown when the provider did not \
                   answer, or answered 5xx or 429.",
        agent: "If the issuer differs, ask the customer which one is right and run again with it. If there was no answer, try \
                again before you write to the customer.",
        customer: "What their provider's document says, against what they sent.",
        source: "OpenID Connect Discovery 1.0 sections 3, 4.2 and 4.3; RFC 8414 section 3.3",
    },
    Entry {
        id: OIDC_KEYS,
        looks_at: "the provider's key set (jwks_uri)",
        why: "ID tokens are verified with these keys. Without a usable one nobody gets in; with a weak or leaked one \
              everybody does.",
        verdicts: "Passes with at least one signing key: RSA of 2048 to 8192 bits, EC P-256/384/521, or Ed25519. Warns on \
                   several keys without `kid` and on broken entries beside good ones. Fails on an empty set, no signing key, \
                   none that fits the announced algorithms, a weak or giant key, and on private or symmetric key material.",
        agent: "For published private keys call the customer: anybody can sign in as anybody until they are rotated.",
        customer: "Which key is the problem and what to publish instead.",
        source: "RFC 7517; RFC 7518 section 3.3; OpenID Connect Core 1.0 section 10.1",
    },
    Entry {
        id: OIDC_CREDENTIALS,
        looks_at: "whether the provider accepts this client id and secret",
        why: "a wrong secret shows only when the first person tries to sign in, and by then single sign-on is the only way in.",
        verdicts: "The token endpoint is asked with a made-up code, once with the customer's secret and once with a made-up \
                   one. Passes when the provider tells them apart (`invalid_grant` against `invalid_client`, or its own \
                   variant). Fails when it refuses the client by every method the document allows. Where the token endpoint \
                   does not tell, the revocation, pushed authorization or introspection endpoint is asked. What still \
                   cannot be told is a warning, never a pass; no answer is unknown. At most five requests, never a real code.",
        agent: "`bad_secret`, `unknown_client`, `grant_not_allowed`: send the reply. `inconclusive`: have somebody of the team \
                try a sign-in right after switching on, and be ready to suspend.",
        customer: "That id and secret do not go together, and where to copy them again.",
        source: "RFC 6749 sections 2.3.1 and 5.2; RFC 7009; RFC 7662; RFC 9126",
    },
    Entry {
        id: OIDC_REDIRECT_URI,
        looks_at: "whether the product's redirect URI is registered for the client",
        why: "if it is not, people see an error page of their provider instead of the product.",
        verdicts: "The authorization endpoint is asked with `prompt=none`. Passes when it sends the browser back to our redirect \
                   URI (`login_required` and kin). Warns when it shows a page or leads elsewhere, since many providers ask \
                   for a sign-in first. The redirect is read, never followed.",
        agent: "Send the customer the redirect URI and the name of the page where it is entered.",
        customer: "The exact redirect URI to register.",
        source: "OpenID Connect Core 1.0 section 3.1.2.6; RFC 9700 section 2.1; RFC 9207",
    },
    Entry {
        id: SAML_METADATA,
        looks_at: "the identity provider's SAML 2.0 metadata: a file, a pasted text, or the document at an address",
        why: "the product sends people to the addresses in it and believes whoever holds the keys in it. It also travels by \
              mail, where it is wrapped, escaped, quoted, or mistaken for another file.",
        verdicts: "Passes when it is well-formed XML without a document type and describes exactly one identity provider for \
                   SAML 2.0 (or the one that --entity-id chooses), with an entity ID and a sign-in address by HTTP-Redirect or \
                   HTTP-POST over https, and its validUntil has not passed. What mailing did to it is undone where nothing has to \
                   be guessed, and said. Warns where one of several sign-in addresses cannot be used. Fails on anything else, and \
                   names what was sent instead: service provider metadata, a web page, a SAML message, a certificate, an OpenID \
                   Connect configuration, an archive. Unknown when the address does not answer or the file cannot be read.",
        agent: "Send the customer the reply: it names what came and where the right file is. Several identity providers: ask \
                which one, and run again with --entity-id.",
        customer: "What the document they sent is, and where in their identity provider the metadata is to be had.",
        source: "SAML 2.0 Metadata sections 2.2 to 2.4; XML 1.0; Namespaces in XML 1.0",
    },
    Entry {
        id: SAML_CERTIFICATES,
        looks_at: "the certificates with which the identity provider signs what it says of people",
        why: "their keys are all that tells the customer's provider from an impostor. Without a usable one nobody gets in; with \
              a weak one anybody may.",
        verdicts: "Passes with at least one current certificate whose key is RSA of 2048 to 8192 bits or EC P-256, P-384 or P-521; \
                   all that are current or to come are kept, so that the provider can change over. Warns when none of them is valid \
                   for longer than 30 days, when some have expired, cannot be read, are of an unusual kind or are those of a whole Entra \
                   directory, and for SHA-1 in certificates issued after 2015. Fails when there is none, none is current, a key is weak or DSA, or a \
                   certificate is signed with MD5.",
        agent: "For certificates that are about to end, ask for the date of the change and for new metadata. Otherwise send the reply.",
        customer: "Which certificate is the problem, and where to renew it.",
        source: "SAML 2.0 Metadata section 2.4.1.1; SAML V2.0 Metadata Interoperability Profile section 2.6.1; NIST SP 800-131A",
    },
    Entry {
        id: SAML_SIGNATURE,
        looks_at: "the signature of the metadata, where it has one",
        why: "a signature that does not match means that the document was altered after its provider made it: by a mail \
              program or an editor, or by somebody who wants to sign in as anybody.",
        verdicts: "Passes when there is none, and when it is valid. The key comes with the document, so a valid signature proves that \
                   nothing was altered, and not who signed. Warns when the document was altered, when the signature is built in an \
                   unusual way, rests on SHA-1 or on a weak key, has no key to verify it with, or stands in a document too long to be \
                   verified in memory.",
        agent: "For altered metadata ask for the address of the metadata instead, or for the file as an attachment, and compare the \
                certificate's fingerprint with the customer by phone before you go on.",
        customer: "That the file was altered on its way, and to send it as an attachment or by its address.",
        source: "SAML 2.0 Metadata section 3; XML Signature Syntax and Processing sections 3.2 and 4",
    },
    Entry {
        id: TEAM_OWNER,
        looks_at: "the account with the owner's e-mail address, and the teams it owns",
        why: "the team is found by its owner. The wrong account switches on single sign-on for the wrong people.",
        verdicts: "Passes when exactly one active account has the address (in any case) and owns exactly one team. Fails \
                   otherwise; an address that differs by a +tag, and who owns a team at the same domain, are named, never taken.",
        agent: "Ask for the address the owner signs in with. Duplicate accounts have to be merged in the product first.",
        customer: "What is wrong with the account, or how to sign up, create a team and enable team management.",
        source: "this program's own rule",
    },
    Entry {
        id: TEAM_MANAGEMENT,
        looks_at: "whether team management is enabled for the team",
        why: "people who arrive by single sign-on are added to the team; without management nobody could see or remove them.",
        verdicts: "Passes when it is enabled, or when policy.require_team_management is false.",
        agent: "Ask the customer to enable it, then run again.",
        customer: "Where to enable team management.",
        source: "policy.require_team_management",
    },
    Entry {
        id: TEAM_PLAN,
        looks_at: "the team's plan",
        why: "single sign-on is part of certain plans.",
        verdicts: "Passes when the plan is one of policy.allowed_plans, whatever its case, spaces and hyphens; [\"*\"] allows any.",
        agent: "Point the customer to sales.",
        customer: "Which plans include single sign-on.",
        source: "policy.allowed_plans",
    },
    Entry {
        id: TEAM_REQUESTER,
        looks_at: "the person who asked, where --requested-by names somebody else than the owner",
        why: "switching on single sign-on decides how a whole team gets in. Support staff are asked by impostors, too.",
        verdicts: "Passes for the owner, and for active members whose role is one of policy.requester_roles. Fails for \
                   everybody else.",
        agent: "Answer to the owner, not to whoever wrote, and have the owner confirm.",
        customer: "That only the owner or an administrator can ask.",
        source: "policy.requester_roles",
    },
    Entry {
        id: TEAM_DOMAIN,
        looks_at: "the domains whose people will sign in through this connection",
        why: "everybody with an address there is added to the team on first sign-in. A domain that others share lets \
              strangers in.",
        verdicts: "Passes for the owner's own domain, and for further ones whose DNS shows the team's challenge \
                   (_ssoctl-challenge.DOMAIN TXT). Warns for a domain you vouched for and for a tenant's technical domain. \
                   Fails for public and disposable mailbox providers, public suffixes, names that are not public, domains \
                   without proof, and domains another team has claimed; unknown when DNS does not answer.",
        agent: "Ask for an owner account at the company's own domain, or have the DNS record set (`ssoctl prepare` prints \
                it). --vouch-domain takes it on your word, which the audit log keeps.",
        customer: "Why the domain cannot be used, or which DNS record to set. Never who else has claimed it.",
        source: "this program's own rule; the Public Suffix List; maintained lists of mailbox providers",
    },
    Entry {
        id: TEAM_MEMBERS,
        looks_at: "people with addresses in the claimed domains who belong to other teams, and members outside the domains",
        why: "the former would be cut off from their team, the latter from this one.",
        verdicts: "Passes when there is nobody of either kind. Warns about members outside the domains, and about deactivated \
                   accounts elsewhere. Fails when an active colleague belongs to another team.",
        agent: "For each person, as the report says: leave the other team, be removed by its owner, or hand on the team they \
                own; or change that account's address. A membership of a team that is gone is for whoever looks after the \
                product database to take out.",
        customer: "Which of their own colleagues to send to us; never which other team.",
        source: "this program's own rule",
    },
    Entry {
        id: TEAM_CONNECTION,
        looks_at: "the connection the team already has",
        why: "a second request may be the same mail sent twice, or somebody else's attempt to take the team over.",
        verdicts: "Passes when there is none, when one is only reserved, or when the values are the same again (nothing is \
                   written). Fails when they differ and --replace was not given, and when the connection was suspended. \
                   Warns when another team uses the same issuer and client id, when the stored secret could not be \
                   compared, and when what was stored beside the values no longer holds.",
        agent: "Confirm with the owner that the new values are to replace the old ones, then add --replace. A suspended \
                connection goes on again with `ssoctl connection activate`.",
        customer: "That single sign-on is already set up, and a question whether it is to be replaced.",
        source: "this program's own rule",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_an_id_of_its_own_in_kebab_case() {
        let mut ids: Vec<&str> = CATALOGUE.iter().map(|entry| entry.id.as_str()).collect();
        assert!(ids.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), CATALOGUE.len());
    }
}
