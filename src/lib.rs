//! Verify a customer's single sign-on request, then switch it on or say what to write back.

pub mod checks;
pub mod cli;
pub mod config;
pub mod curve;
pub mod exchange;
pub mod files;
pub mod finding;
pub mod foreign;
pub mod hex;
pub mod intake;
pub mod mail;
pub mod makes;
pub mod net;
pub mod oidc;
pub mod onboarding;
pub mod paragraph;
pub mod practice;
pub mod product;
pub mod report;
pub mod request;
pub mod saml;
pub mod scim;
pub mod sealing;
pub mod store;
pub mod ticket;
pub mod ui;
