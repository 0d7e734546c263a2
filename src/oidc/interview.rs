//! Finding out whether client id and secret are right without signing anybody in.
//!
//! A made-up code is sent with the customer's secret and, at the same moment, with a made-up secret (the *control*).
//! Only a provider that answers the two differently can tell right from wrong, so the verdict rests on the comparison;
//! what one answer says alone is believed only when it is a plain refusal. What stays open is put to an endpoint that
//! must authenticate the client. At most [`MOST_QUESTIONS`] requests, and never a real code (rule C-06).
//!
//! Source: RFC 6749 sections 2.3.1 and 5.2; RFC 7009 section 2.1; RFC 7662 section 2.1; RFC 9126 section 2.

use super::discovery::Document;
use super::token_reply::{Endpoint, Refusal, Reply, Unclear};
use crate::exchange::Problem;
use crate::product::connection::ClientAuthentication;

/// Most requests one interview makes.
pub const MOST_QUESTIONS: usize = 5;

/// Which secret a question carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// The customer's.
    Submitted,
    /// A made-up one.
    MadeUp,
}

/// One request to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// To which endpoint.
    pub endpoint: Endpoint,
    /// Authenticating how.
    pub method: ClientAuthentication,
    /// With which secret.
    pub secret: Secret,
}

/// What is known so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interview {
    answers: Vec<(Question, Reply)>,
}

/// What the interview comes to. The words are those of rule C-06.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conclusion {
    /// Id and secret are right; this method works.
    Accepted {
        /// The method that works.
        method: ClientAuthentication,
        /// The endpoint whose answers told.
        told_by: Endpoint,
    },
    /// The provider refused the client.
    Refused(Refusal),
    /// The provider does not tell.
    Inconclusive(Inconclusive),
    /// The provider did not answer.
    Unreachable(Problem),
}

/// Why the answers do not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inconclusive {
    /// The made-up secret got the same answer: what that answer was, in words.
    SameAnswer(String),
    /// The made-up secret got another answer, and neither says what it is about.
    NoTelling {
        /// The answer to the customer's secret, in words.
        submitted: String,
        /// The answer to the made-up one.
        made_up: String,
    },
    /// The made-up secret got no answer to compare with.
    NoControl,
    /// Tokens for a code nobody issued: this provider checks nothing.
    TokensForAnyCode,
}

impl Conclusion {
    /// The word for scripts.
    #[must_use]
    pub const fn classification(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "credentials_ok",
            Self::Refused(Refusal::BadSecret | Refusal::ExpiredSecret) => "bad_secret",
            Self::Refused(Refusal::UnknownClient) => "unknown_client",
            Self::Refused(Refusal::GrantNotAllowed) => "grant_not_allowed",
            Self::Inconclusive(_) => "inconclusive",
            Self::Unreachable(_) => "unreachable",
        }
    }
}

impl Interview {
    /// Takes the answer to a question.
    pub fn record(&mut self, question: Question, reply: Reply) {
        self.answers.push((question, reply));
    }

    /// How many requests were made.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.answers.len()
    }

    /// The questions to put next, side by side; empty when there is nothing more to learn.
    #[must_use]
    pub fn next_questions(&self, document: &Document) -> Vec<Question> {
        let methods = document.client_authentications();
        let Some(first) = methods.first().copied() else { return Vec::new() };
        let left = MOST_QUESTIONS - self.answers.len().min(MOST_QUESTIONS);
        let other = methods.get(1).copied();
        let round = if self.answers.is_empty() {
            pair(Endpoint::Token, first)
        } else if self.is_settled() || left == 0 {
            Vec::new()
        } else if let Some(other) = other.filter(|other| !self.has_asked(Endpoint::Token, *other)) {
            match self.reply(Endpoint::Token, first, Secret::Submitted) {
                Some(reply) if refusal(reply).is_some() => pair(Endpoint::Token, other),
                // Servers that do not read one method complain of what they did not find. One question tells whether the
                // other is read, and leaves enough of them for an endpoint that must authenticate.
                Some(reply) if says_nothing(reply) => vec![ask(Endpoint::Token, other, Secret::Submitted)],
                _ => self.ask_elsewhere(document),
            }
        } else if let Some(question) = self.control_that_is_owed() {
            vec![question]
        } else {
            self.ask_elsewhere(document)
        };
        round.into_iter().take(left).collect()
    }

    /// What the answers come to.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        if let Some((method, told_by)) = self.accepted() {
            return match self.reply(told_by, method, Secret::Submitted) {
                // The made-up secret was refused for what it is, and so this one is right, whatever the words say.
                Some(Reply::Unauthorized(Refusal::BadSecret)) => Conclusion::Refused(Refusal::GrantNotAllowed),
                Some(Reply::Unauthorized(refusal)) => Conclusion::Refused(*refusal),
                _ => Conclusion::Accepted { method, told_by },
            };
        }
        // A method by which every secret gets the same complaint is one that this server does not read: the other decides.
        let is_unread = |question: &Question, reply: &Reply| {
            says_nothing(reply) && self.reply(Endpoint::Token, question.method, Secret::MadeUp) == Some(reply)
        };
        let token = self.answers.iter().filter(|(question, _)| question.endpoint == Endpoint::Token);
        let submitted: Vec<&Reply> = token
            .filter(|(question, reply)| question.secret == Secret::Submitted && !is_unread(question, reply))
            .map(|(_, reply)| reply)
            .collect();
        let refusals: Vec<Refusal> = submitted.iter().filter_map(|reply| refusal(reply)).collect();
        if !refusals.is_empty() && refusals.len() == submitted.len() {
            return Conclusion::Refused(most_telling(&refusals));
        }
        if let Some(refusal) = self.refused_elsewhere() {
            return Conclusion::Refused(refusal);
        }
        // What the last method left open, among those that there is something to compare with.
        let open = self.answers.iter().rev().filter(|(question, reply)| {
            question.endpoint == Endpoint::Token && question.secret == Secret::Submitted && refusal(reply).is_none()
        });
        let control = |question: &Question| self.reply(Endpoint::Token, question.method, Secret::MadeUp);
        let has_control = |(question, _): &&(Question, Reply)| control(question).is_some();
        let silence = open.clone().find(|(_, reply)| matches!(reply, Reply::Silence(_)));
        let Some((question, open)) = silence.or_else(|| open.clone().find(has_control)).or_else(|| open.clone().next())
        else {
            return Conclusion::Inconclusive(Inconclusive::NoControl);
        };
        match (open, control(question)) {
            (Reply::Silence(problem), _) => Conclusion::Unreachable(problem.clone()),
            (Reply::Tokens, _) => Conclusion::Inconclusive(Inconclusive::TokensForAnyCode),
            (_, None | Some(Reply::Silence(_))) => Conclusion::Inconclusive(Inconclusive::NoControl),
            (reply, Some(control)) if words(reply) == words(control) => {
                Conclusion::Inconclusive(Inconclusive::SameAnswer(words(reply)))
            }
            (reply, Some(control)) => {
                Conclusion::Inconclusive(Inconclusive::NoTelling { submitted: words(reply), made_up: words(control) })
            }
        }
    }

    /// The method that the submitted secret was accepted by; where the provider does not tell, one it was not refused by.
    #[must_use]
    pub fn best_method(&self) -> Option<ClientAuthentication> {
        // One that got as far as the code was understood; one that got a complaint about the request may not have been.
        let not_refused = || {
            let open = |wanted: fn(&Reply) -> bool| {
                let mut answers = self.answers.iter();
                let found = answers.find(|(question, reply)| question.secret == Secret::Submitted && wanted(reply));
                found.map(|(question, _)| question.method)
            };
            open(|reply| matches!(reply, Reply::CodeRefused | Reply::Tokens)).or_else(|| open(is_open))
        };
        self.accepted().map(|(method, _)| method).or_else(not_refused)
    }

    /// Whether tokens were handed out for the made-up code, to whomever.
    #[must_use]
    pub fn got_tokens(&self) -> bool {
        self.answers.iter().any(|(_, reply)| matches!(reply, Reply::Tokens))
    }

    /// Whether the provider asked for a proof of possession beside the customer's secret (RFC 9449 section 5).
    #[must_use]
    pub fn wants_proof(&self) -> bool {
        self.answers.iter().any(|(question, reply)| {
            let error = match reply {
                Reply::Unclear(Unclear::Error(code)) | Reply::Unauthenticated(Unclear::Error(code)) => *code,
                _ => return false,
            };
            question.secret == Secret::Submitted && matches!(error, "invalid_dpop_proof" | "use_dpop_nonce")
        })
    }

    /// A method and endpoint where the submitted secret passed and the made-up one was refused.
    fn accepted(&self) -> Option<(ClientAuthentication, Endpoint)> {
        self.answers.iter().find_map(|(question, reply)| {
            let control = self.reply(question.endpoint, question.method, Secret::MadeUp)?;
            let told_apart = question.secret == Secret::Submitted && passes(reply, control);
            told_apart.then_some((question.method, question.endpoint))
        })
    }

    fn is_settled(&self) -> bool {
        self.accepted().is_some()
            || self.answers.iter().any(|(question, reply)| {
                question.secret == Secret::Submitted
                    && (matches!(reply, Reply::Silence(_)) || question.endpoint != Endpoint::Token)
            })
    }

    fn has_asked(&self, endpoint: Endpoint, method: ClientAuthentication) -> bool {
        self.reply(endpoint, method, Secret::Submitted).is_some()
    }

    /// The question with the made-up secret that belongs to the last one with the customer's, where that got an answer
    /// that means something only beside the other.
    fn control_that_is_owed(&self) -> Option<Question> {
        let (question, reply) = self.last_submitted()?;
        let control = Question { secret: Secret::MadeUp, ..*question };
        let means_something = matches!(reply, Reply::CodeRefused | Reply::Tokens | Reply::Unauthorized(_));
        let is_owed = means_something && self.reply(control.endpoint, control.method, control.secret).is_none();
        is_owed.then_some(control)
    }

    /// Both questions to an endpoint that must authenticate the client, by a method that was not refused; none where
    /// every method was, or where there is no such endpoint.
    fn ask_elsewhere(&self, document: &Document) -> Vec<Question> {
        match (self.best_method(), self.further_endpoint(document)) {
            (Some(method), Some(endpoint)) => pair(endpoint, method),
            _ => Vec::new(),
        }
    }

    fn last_submitted(&self) -> Option<&(Question, Reply)> {
        self.answers.iter().rev().find(|(question, _)| question.secret == Secret::Submitted)
    }

    fn reply(&self, endpoint: Endpoint, method: ClientAuthentication, secret: Secret) -> Option<&Reply> {
        let question = Question { endpoint, method, secret };
        self.answers.iter().find(|(asked, _)| *asked == question).map(|(_, reply)| reply)
    }

    /// Endpoints that must authenticate the client, surest first. Introspection comes last: it may be open to resource
    /// servers alone.
    fn further_endpoint(&self, document: &Document) -> Option<Endpoint> {
        [
            (Endpoint::Revocation, &document.revocation_endpoint),
            (Endpoint::PushedRequest, &document.pushed_authorization_request_endpoint),
            (Endpoint::Introspection, &document.introspection_endpoint),
        ]
        .into_iter()
        .find(|(endpoint, url)| url.is_some() && !self.answers.iter().any(|(asked, _)| asked.endpoint == *endpoint))
        .map(|(endpoint, _)| endpoint)
    }

    /// A refusal of the submitted secret by an endpoint that has to authenticate this very client.
    fn refused_elsewhere(&self) -> Option<Refusal> {
        self.answers.iter().find_map(|(question, reply)| {
            let binding = matches!(question.endpoint, Endpoint::Revocation | Endpoint::PushedRequest);
            match reply {
                Reply::ClientRefused(refusal) if binding && question.secret == Secret::Submitted => Some(*refusal),
                _ => None,
            }
        })
    }
}

fn pair(endpoint: Endpoint, method: ClientAuthentication) -> Vec<Question> {
    [Secret::Submitted, Secret::MadeUp].map(|secret| ask(endpoint, method, secret)).to_vec()
}

const fn ask(endpoint: Endpoint, method: ClientAuthentication, secret: Secret) -> Question {
    Question { endpoint, method, secret }
}

/// Whether a pair of answers shows that the submitted secret is right: it was not refused and the made-up one was, or
/// it was refused for what the client may do while the made-up one was refused for what it is.
///
/// A bare 401 to the made-up secret is such a refusal where the submitted one got past it: its code was looked at, or the
/// endpoint did as it was asked.
fn passes(submitted: &Reply, control: &Reply) -> bool {
    match (submitted, control) {
        (Reply::Silence(_) | Reply::ClientRefused(_) | Reply::Unauthenticated(_), _) => false,
        (Reply::Unauthorized(_), control) => matches!(control, Reply::ClientRefused(_)),
        (Reply::CodeRefused | Reply::Authenticated, Reply::Unauthenticated(_)) => true,
        (_, control) => matches!(control, Reply::ClientRefused(_) | Reply::Unauthorized(_)),
    }
}

/// An answer that neither refuses the client nor proves anything.
fn is_open(reply: &Reply) -> bool {
    says_nothing(reply) || matches!(reply, Reply::CodeRefused | Reply::Tokens)
}

/// An answer that is not about the client at all, so far as can be read.
const fn says_nothing(reply: &Reply) -> bool {
    matches!(reply, Reply::Unclear(_) | Reply::Unauthenticated(_))
}

fn refusal(reply: &Reply) -> Option<Refusal> {
    match reply {
        Reply::ClientRefused(refusal) | Reply::Unauthorized(refusal) => Some(*refusal),
        _ => None,
    }
}

/// Of several refusals, the one that tells the customer most.
fn most_telling(refusals: &[Refusal]) -> Refusal {
    [Refusal::ExpiredSecret, Refusal::UnknownClient]
        .into_iter()
        .find(|one| refusals.contains(one))
        .or_else(|| refusals.iter().copied().find(|one| *one == Refusal::BadSecret))
        .or_else(|| refusals.first().copied())
        .unwrap_or(Refusal::BadSecret)
}

fn words(reply: &Reply) -> String {
    match reply {
        Reply::CodeRefused => "the made-up code was refused".to_owned(),
        Reply::Unauthenticated(unclear @ (Unclear::Error(_) | Unclear::OtherError)) => {
            format!("status 401 with {}", unclear.words())
        }
        Reply::Unclear(unclear) | Reply::Unauthenticated(unclear) => unclear.words(),
        Reply::Authenticated => "success".to_owned(),
        Reply::Tokens => "tokens".to_owned(),
        Reply::ClientRefused(_) | Reply::Unauthorized(_) => "the client was refused".to_owned(),
        Reply::Silence(_) => "no answer".to_owned(),
    }
}

#[cfg(test)]
#[path = "interview_tests.rs"]
mod tests;
