//! End-to-end tests: the built binary against a TLS identity provider on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::missing_panics_doc
)]
// Each test uses a part of what the support offers.
#![allow(dead_code, unreachable_pub, unused_imports)]

mod case_list;
mod checks_document;
mod corpus_oidc;
mod corpus_saml;
mod credentials;
mod documents;
mod dry_run;
mod flows;
mod fuzzing;
mod guarded_client;
mod idp_fixtures;
mod mail_fixtures;
mod metadata_fixtures;
mod practice_provider;
mod prepared_answered;
mod provider_itself;
mod provider_misbehaves;
mod reply_reasons;
mod rooms;
mod support;
mod terminal_and_world;
mod transcripts;
mod verbose;
