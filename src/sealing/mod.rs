//! Client secrets at rest: sealed for one place in the database, opened only for that place.
//!
//! A stored secret is a compact JWE (RFC 7516) with direct encryption under a key of the installation's key file, so
//! that the product opens it with any JOSE library. Its protected header names the team, the connection and the field
//! that it belongs to, and is the cipher's additional data: a row copied to another team does not open there (C-02).

mod jwe;
mod key_file;

pub use jwe::{Binding, SealError, kid, open, seal};
pub use key_file::{KeyError, SealingKeys};

#[cfg(test)]
mod tests;
