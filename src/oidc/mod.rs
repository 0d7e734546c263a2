//! OpenID Connect: what a provider says of itself, how it is asked, and what its answers mean.
//!
//! Reading is strict and raw: the libraries that sign people in hide defects (an unknown key type is dropped, an RSA key
//! without a modulus is kept), and this program exists to show them. Everything here but [`facts`] is pure.

pub mod authorization;
pub mod discovery;
mod endpoints;
pub mod facts;
pub mod interview;
pub mod issuer_match;
pub mod json;
pub mod jwks;
mod key_certificate;
mod refusal_words;
pub mod token_reply;
