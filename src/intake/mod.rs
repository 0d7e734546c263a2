//! Text as customers really paste it, made into a request: what can be mended safely is mended and said, everything
//! else is refused with the value to ask for, and all problems are told at once.
//!
//! A [`RequestDraft`] holds the raw values; [`RequestDraft::normalise`] turns it into an
//! [`OnboardingRequest`](crate::request::OnboardingRequest). Nothing here asks the network or a database, and all work
//! is linear in the input: lengths are judged before anything else.

mod address;
mod clean;
mod credentials;
mod domains;
mod draft;
mod email;
mod issuer;
mod issuer_page;
mod ledger;
mod metadata;
pub mod rows;
#[cfg(test)]
mod tests;
mod wrapping;

pub(crate) use clean::{inside_emphasis, inside_pair, is_conjunction};
#[cfg(test)]
pub(crate) use credentials::SECRET_LABELS;
pub(crate) use credentials::names_secret;
pub use draft::{Completeness, PastedSecret, RequestDraft, SecretSource};
pub use metadata::{PastedMetadata, is_about_saml, is_document};
