//! Finding out whether client id and secret are right without signing anybody in.
//!
//! A made-up code is sent with the customer's secret and, at the same moment, with a made-up secret (the *control*).
//! Only a provider that answers the two differently can tell right from wrong, so the verdict rests on the comparison;
//! what one answer says alone is believed only when it is a plain refusal. What stays open is put to an endpoint that
//! must authenticate the client. At most [`MOST_QUESTIONS`] requests, and never a real code (rule C-06).
//!
//! Source: RFC 6749 sections 2.3.1 and 5.2; RFC 7009 section 2.1; RFC 7662 section 2.1; RFC 9126 section 2.

use super::discovery::Document;
use super::token_reply::{Endpoint, Refusal, Reply};
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
        let round = if self.answers.is_empty() {
            pair(Endpoint::Token, first)
        } else if self.is_settled() || left == 0 {
            Vec::new()
        } else if self.refused_by(first) && methods.len() > 1 && !self.has_asked(Endpoint::Token, first.other()) {
            pair(Endpoint::Token, first.other())
        } else if self.last_submitted().is_some_and(|(_, reply)| is_open(reply)) {
            match self.further_endpoint(document) {
                Some(endpoint) => pair(endpoint, self.last_submitted().map_or(first, |(question, _)| question.method)),
                None => Vec::new(),
            }
        } else {
            Vec::new()
        };
        round.into_iter().take(left).collect()
    }

    /// What the answers come to.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        if let Some((method, told_by)) = self.accepted() {
            return match self.reply(told_by, method, Secret::Submitted) {
                Some(Reply::Unauthorized(refusal)) => Conclusion::Refused(*refusal),
                _ => Conclusion::Accepted { method, told_by },
            };
        }
        let token = self.answers.iter().filter(|(question, _)| question.endpoint == Endpoint::Token);
        let submitted: Vec<&Reply> =
            token.filter(|(question, _)| question.secret == Secret::Submitted).map(|(_, reply)| reply).collect();
        let refusals: Vec<Refusal> = submitted.iter().filter_map(|reply| refusal(reply)).collect();
        if !refusals.is_empty() && refusals.len() == submitted.len() {
            return Conclusion::Refused(most_telling(&refusals));
        }
        if let Some(refusal) = self.refused_elsewhere() {
            return Conclusion::Refused(refusal);
        }
        let Some((question, open)) = self.answers.iter().rev().find(|(question, reply)| {
            question.endpoint == Endpoint::Token && question.secret == Secret::Submitted && refusal(reply).is_none()
        }) else {
            return Conclusion::Inconclusive(Inconclusive::NoControl);
        };
        match (open, self.reply(Endpoint::Token, question.method, Secret::MadeUp)) {
            (Reply::Silence(problem), _) => Conclusion::Unreachable(problem.clone()),
            (Reply::Tokens, _) => Conclusion::Inconclusive(Inconclusive::TokensForAnyCode),
            (_, None | Some(Reply::Silence(_))) => Conclusion::Inconclusive(Inconclusive::NoControl),
            (reply, Some(_)) => Conclusion::Inconclusive(Inconclusive::SameAnswer(words(reply))),
        }
    }

    /// The method that the submitted secret was accepted by; where the provider does not tell, one it was not refused by.
    #[must_use]
    pub fn best_method(&self) -> Option<ClientAuthentication> {
        let not_refused = || {
            let mut answers = self.answers.iter();
            let found = answers.find(|(question, reply)| question.secret == Secret::Submitted && is_open(reply));
            found.map(|(question, _)| question.method)
        };
        self.accepted().map(|(method, _)| method).or_else(not_refused)
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

    fn refused_by(&self, method: ClientAuthentication) -> bool {
        self.reply(Endpoint::Token, method, Secret::Submitted).is_some_and(|reply| refusal(reply).is_some())
    }

    fn has_asked(&self, endpoint: Endpoint, method: ClientAuthentication) -> bool {
        self.reply(endpoint, method, Secret::Submitted).is_some()
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
    [Secret::Submitted, Secret::MadeUp].map(|secret| Question { endpoint, method, secret }).to_vec()
}

/// Whether a pair of answers shows that the submitted secret is right: it was not refused and the made-up one was, or
/// it was refused for what the client may do while the made-up one was refused for what it is.
fn passes(submitted: &Reply, control: &Reply) -> bool {
    match (submitted, control) {
        (Reply::Silence(_) | Reply::ClientRefused(_), _) => false,
        (Reply::Unauthorized(_), control) => matches!(control, Reply::ClientRefused(_)),
        (_, control) => matches!(control, Reply::ClientRefused(_) | Reply::Unauthorized(_)),
    }
}

/// An answer that neither refuses the client nor proves anything.
fn is_open(reply: &Reply) -> bool {
    matches!(reply, Reply::CodeRefused | Reply::Unclear(_) | Reply::Tokens)
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
        Reply::Unclear(unclear) => unclear.words(),
        Reply::Authenticated => "success".to_owned(),
        Reply::Tokens => "tokens".to_owned(),
        Reply::ClientRefused(_) | Reply::Unauthorized(_) => "the client was refused".to_owned(),
        Reply::Silence(_) => "no answer".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::token_reply::Unclear;

    const REFUSED: Reply = Reply::ClientRefused(Refusal::BadSecret);

    fn document(methods: &[&str], revocation: bool) -> Document {
        Document {
            token_endpoint_auth_methods: methods.iter().map(|one| (*one).to_owned()).collect(),
            revocation_endpoint: revocation.then(|| "https://idp.acme.example/revoke".to_owned()),
            ..Document::default()
        }
    }

    /// Plays a provider: `answer` is asked until the interview has no further question.
    fn hold(document: &Document, answer: impl Fn(Question) -> Reply) -> Interview {
        let mut interview = Interview::default();
        loop {
            let questions = interview.next_questions(document);
            if questions.is_empty() {
                return interview;
            }
            for question in questions {
                interview.record(question, answer(question));
            }
            assert!(interview.asked() <= MOST_QUESTIONS);
        }
    }

    const BOTH: [&str; 2] = ["client_secret_basic", "client_secret_post"];

    #[test]
    fn a_right_secret_is_accepted_in_two_questions() {
        let interview = hold(&document(&BOTH, true), |question| match question.secret {
            Secret::Submitted => Reply::CodeRefused,
            Secret::MadeUp => REFUSED,
        });
        assert_eq!(interview.asked(), 2);
        let accepted = Conclusion::Accepted { method: ClientAuthentication::Basic, told_by: Endpoint::Token };
        assert_eq!(interview.conclusion(), accepted);
    }

    #[test]
    fn a_wrong_secret_is_refused_after_both_methods_were_tried() {
        let interview = hold(&document(&BOTH, true), |_| REFUSED);
        assert_eq!(interview.asked(), 4);
        assert_eq!(interview.conclusion(), Conclusion::Refused(Refusal::BadSecret));
    }

    #[test]
    fn a_right_secret_by_the_wrong_method_is_accepted_by_the_other() {
        let interview = hold(&document(&BOTH, false), |question| match (question.method, question.secret) {
            (ClientAuthentication::Post, Secret::Submitted) => Reply::CodeRefused,
            _ => REFUSED,
        });
        let accepted = Conclusion::Accepted { method: ClientAuthentication::Post, told_by: Endpoint::Token };
        assert_eq!(interview.conclusion(), accepted);
    }

    #[test]
    fn where_the_provider_does_not_tell_the_method_it_did_not_refuse_is_the_best() {
        let interview = hold(&document(&BOTH, false), |question| match question.method {
            ClientAuthentication::Basic => REFUSED,
            ClientAuthentication::Post => Reply::CodeRefused,
        });
        assert_eq!(interview.conclusion().classification(), "inconclusive");
        assert_eq!(interview.best_method(), Some(ClientAuthentication::Post));
        assert_eq!(hold(&document(&BOTH, false), |_| REFUSED).best_method(), None);
    }

    #[test]
    fn the_same_answer_for_every_secret_does_not_tell() {
        let interview = hold(&document(&BOTH, false), |_| Reply::CodeRefused);
        assert_eq!(interview.conclusion().classification(), "inconclusive");
    }

    #[test]
    fn what_the_token_endpoint_leaves_open_is_settled_by_revocation() {
        let provider = |right: bool| {
            move |question: Question| match (question.endpoint, question.secret) {
                (Endpoint::Token, _) => Reply::CodeRefused,
                (_, Secret::Submitted) if right => Reply::Authenticated,
                _ => REFUSED,
            }
        };
        let right = hold(&document(&BOTH, true), provider(true));
        assert!(matches!(right.conclusion(), Conclusion::Accepted { told_by: Endpoint::Revocation, .. }));
        let wrong = hold(&document(&BOTH, true), provider(false));
        assert_eq!(wrong.conclusion(), Conclusion::Refused(Refusal::BadSecret));
    }

    #[test]
    fn a_revocation_endpoint_that_takes_anything_settles_nothing() {
        let interview = hold(&document(&BOTH, true), |question| match question.endpoint {
            Endpoint::Token => Reply::CodeRefused,
            _ => Reply::Authenticated,
        });
        assert_eq!(interview.conclusion().classification(), "inconclusive");
    }

    #[test]
    fn tokens_for_a_made_up_code_are_never_a_proof() {
        let interview = hold(&document(&BOTH, false), |_| Reply::Tokens);
        assert_eq!(interview.conclusion(), Conclusion::Inconclusive(Inconclusive::TokensForAnyCode));
    }

    #[test]
    fn an_invalid_code_against_an_unauthorized_client_is_told_apart() {
        let interview = hold(&document(&BOTH, false), |question| match question.secret {
            Secret::Submitted => Reply::CodeRefused,
            Secret::MadeUp => Reply::Unauthorized(Refusal::BadSecret),
        });
        assert_eq!(interview.conclusion().classification(), "credentials_ok");
    }

    #[test]
    fn a_client_that_may_not_use_the_grant_is_told_from_a_wrong_secret() {
        let interview = hold(&document(&BOTH, false), |question| match question.secret {
            Secret::Submitted => Reply::Unauthorized(Refusal::GrantNotAllowed),
            Secret::MadeUp => REFUSED,
        });
        assert_eq!(interview.conclusion().classification(), "grant_not_allowed");
    }

    #[test]
    fn a_vague_answer_against_a_refused_control_is_accepted() {
        let interview = hold(&document(&["client_secret_basic"], false), |question| match question.secret {
            Secret::Submitted => Reply::Unclear(Unclear::Error("invalid_request")),
            Secret::MadeUp => REFUSED,
        });
        assert_eq!(interview.conclusion().classification(), "credentials_ok");
    }

    #[test]
    fn silence_is_no_verdict() {
        let problem = Problem::Reset { host: "idp.acme.example".to_owned() };
        let interview = hold(&document(&BOTH, true), |_| Reply::Silence(problem.clone()));
        assert_eq!(interview.asked(), 2);
        assert_eq!(interview.conclusion(), Conclusion::Unreachable(problem.clone()));
    }

    #[test]
    fn a_control_without_an_answer_leaves_the_question_open() {
        let interview = hold(&document(&BOTH, false), |question| match question.secret {
            Secret::Submitted => Reply::CodeRefused,
            Secret::MadeUp => Reply::Silence(Problem::Reset { host: String::new() }),
        });
        assert_eq!(interview.conclusion(), Conclusion::Inconclusive(Inconclusive::NoControl));
    }

    #[test]
    fn an_unknown_client_is_named_as_such() {
        let interview =
            hold(&document(&["client_secret_post"], false), |_| Reply::ClientRefused(Refusal::UnknownClient));
        assert_eq!(interview.conclusion().classification(), "unknown_client");
    }

    #[test]
    fn a_provider_that_speaks_neither_method_is_not_asked() {
        assert!(Interview::default().next_questions(&document(&["private_key_jwt"], false)).is_empty());
    }

    /// However a provider answers, the interview ends within its limit and never takes a refused secret for a right one.
    #[test]
    fn no_combination_of_answers_turns_a_refusal_into_acceptance() {
        let replies = [
            Reply::CodeRefused,
            REFUSED,
            Reply::Unauthorized(Refusal::GrantNotAllowed),
            Reply::Authenticated,
            Reply::Tokens,
            Reply::Unclear(Unclear::OtherError),
            Reply::Silence(Problem::Reset { host: String::new() }),
        ];
        let document = document(&BOTH, true);
        for seed in 0..replies.len().pow(5) {
            let turn = std::cell::Cell::new(seed);
            let interview = hold(&document, |_| {
                let reply = replies[turn.get() % replies.len()].clone();
                turn.set(turn.get() / replies.len());
                reply
            });
            if let Conclusion::Accepted { method, told_by } = interview.conclusion() {
                let submitted = interview.reply(told_by, method, Secret::Submitted);
                assert!(!matches!(submitted, Some(Reply::ClientRefused(_) | Reply::Silence(_)) | None));
            }
        }
    }
}
