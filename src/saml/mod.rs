//! SAML 2.0 metadata: what an identity provider says of itself, and what its certificates and signatures are worth; and
//! what we say of ourselves ([`sp_metadata`]).
//!
//! Reading is strict, streaming and pure; [`facts`] alone asks and opens anything. A document comes in as bytes and goes
//! through [`encoding`] and [`mending`] to one XML reader, which [`metadata`] and [`entity`] pull from; what is no
//! metadata at all is told by [`stranger`]. Signatures are verified by a library of their own ([`signature`]), and what
//! it verified has to say the same as what was read.

pub mod certificate;
pub mod encoding;
pub mod endpoint;
pub mod entity;
pub mod expiry;
pub mod facts;
pub mod mending;
pub mod metadata;
mod self_signature;
pub mod signature;
pub mod sp_metadata;
pub mod stored;
pub mod stranger;
mod template;
mod walk;
mod xml;

#[cfg(test)]
mod tests;
