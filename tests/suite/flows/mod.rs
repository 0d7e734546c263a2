//! Whole jobs from the command line to the database and back: exit status, both streams, rows and the audit log.

mod accidents;
mod activation;
mod at_once;
mod audit;
mod bulk;
mod domains;
mod inbox;
mod installation;
mod json_schema;
mod onboarding;
mod prepare_saml;
mod questions;
mod replies;
mod saml;
mod scim;
mod secrecy;
mod secret_sources;
mod surroundings;
mod tickets;
