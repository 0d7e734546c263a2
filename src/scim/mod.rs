//! SCIM, as far as it needs neither a network nor a database: the bearer tokens that provisioning apps are given.

mod bearer_token;

pub use bearer_token::{BearerToken, PREFIX, TokenProblem, looks_like_one};
