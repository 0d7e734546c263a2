//! A practice identity provider on loopback, for `ssoctl demo`.
//!
//! It is only a server: an OpenID Provider's front as far as a check asks it, over real TLS, with a certificate
//! authority of its own that exists for one run. Whoever wants to talk to it goes the way every customer's provider is
//! reached, with its origin allowed and its authority added by name; nothing here is known to the client side.

mod certificate;
mod client;
mod provider;
mod routes;

pub use provider::PracticeProvider;
