//! The product's world: its teams and people, the connections we keep for them, and the record of what we did.

pub mod audit_event;
pub mod audit_trail;
pub mod connection;
pub mod contract;
pub mod facts;
mod fields;
pub mod mailboxes;
pub mod repository;
pub mod scim_token;
pub mod team;
