use super::*;

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
fn a_refusal_that_the_made_up_secret_does_not_get_is_not_about_the_secret() {
    let interview = hold(&document(&BOTH, false), |question| match question.secret {
        Secret::Submitted => Reply::Unauthorized(Refusal::BadSecret),
        Secret::MadeUp => REFUSED,
    });
    assert_eq!(interview.conclusion(), Conclusion::Refused(Refusal::GrantNotAllowed));
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
fn a_bare_401_to_the_made_up_secret_settles_what_got_past_it() {
    for bare in [Unclear::NotJson(401), Unclear::OtherError, Unclear::Error("invalid_request")] {
        let interview = hold(&document(&BOTH, false), |question| match question.secret {
            Secret::Submitted => Reply::CodeRefused,
            Secret::MadeUp => Reply::Unauthenticated(bare.clone()),
        });
        assert_eq!(interview.conclusion().classification(), "credentials_ok", "{bare:?}");
    }
}

#[test]
fn a_bare_401_to_the_submitted_secret_never_proves_it() {
    for control in [REFUSED, Reply::Unauthenticated(Unclear::NotJson(401)), Reply::CodeRefused] {
        let interview = hold(&document(&BOTH, false), |question| match question.secret {
            Secret::Submitted => Reply::Unauthenticated(Unclear::OtherError),
            Secret::MadeUp => control.clone(),
        });
        assert_eq!(interview.conclusion().classification(), "inconclusive", "{control:?}");
    }
}

#[test]
fn two_answers_that_differ_and_decide_nothing_are_both_told() {
    let interview = hold(&document(&["client_secret_basic"], false), |question| match question.secret {
        Secret::Submitted => Reply::CodeRefused,
        Secret::MadeUp => Reply::Unclear(Unclear::NotJson(403)),
    });
    let (submitted, made_up) = ("the made-up code was refused".to_owned(), "status 403 without JSON".to_owned());
    assert_eq!(interview.conclusion(), Conclusion::Inconclusive(Inconclusive::NoTelling { submitted, made_up }));
}

/// A server that reads one method alone, and complains of the request when asked by the other.
fn reads_post_alone(right: bool) -> impl Fn(Question) -> Reply {
    move |question| match (question.method, question.secret) {
        (ClientAuthentication::Basic, _) => Reply::Unclear(Unclear::Error("invalid_request")),
        (ClientAuthentication::Post, Secret::Submitted) if right => Reply::CodeRefused,
        _ => REFUSED,
    }
}

#[test]
fn a_method_that_the_server_does_not_read_is_followed_by_the_other() {
    let right = hold(&document(&BOTH, false), reads_post_alone(true));
    let accepted = Conclusion::Accepted { method: ClientAuthentication::Post, told_by: Endpoint::Token };
    assert_eq!((right.conclusion(), right.asked()), (accepted, 4));
    let wrong = hold(&document(&BOTH, false), reads_post_alone(false));
    assert_eq!((wrong.conclusion(), wrong.asked()), (Conclusion::Refused(Refusal::BadSecret), 3));
}

#[test]
fn what_neither_method_settles_is_still_settled_by_revocation() {
    let interview = hold(&document(&BOTH, true), |question| match (question.endpoint, question.secret) {
        (Endpoint::Token, _) => Reply::Unclear(Unclear::Error("invalid_request")),
        (_, Secret::Submitted) => Reply::Authenticated,
        _ => REFUSED,
    });
    assert_eq!(interview.asked(), MOST_QUESTIONS);
    assert!(matches!(interview.conclusion(), Conclusion::Accepted { told_by: Endpoint::Revocation, .. }));
}

#[test]
fn the_method_by_which_the_code_was_looked_at_is_the_best() {
    let interview = hold(&document(&BOTH, false), |question| match question.method {
        ClientAuthentication::Basic => Reply::Unclear(Unclear::Error("invalid_request")),
        ClientAuthentication::Post => Reply::CodeRefused,
    });
    assert_eq!(interview.conclusion().classification(), "inconclusive");
    assert_eq!(interview.best_method(), Some(ClientAuthentication::Post));
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
    let interview = hold(&document(&["client_secret_post"], false), |_| Reply::ClientRefused(Refusal::UnknownClient));
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
        Reply::Unauthenticated(Unclear::OtherError),
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
            let refused = |reply: &Reply| {
                matches!(reply, Reply::ClientRefused(_) | Reply::Unauthenticated(_) | Reply::Silence(_))
            };
            assert!(submitted.is_some_and(|reply| !refused(reply)));
        }
    }
}
