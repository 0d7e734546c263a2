//! What end-to-end tests stand on: an identity provider that misbehaves to order, a world to run the binary in, a
//! terminal to run it on, a name server, and a desk with all of that on it.

pub mod crowd;
pub mod cutting_proxy;
pub mod desk;
pub mod mail_servers;
pub mod metadata;
pub mod name_server;
pub mod on_paper;
pub mod postgres;
pub mod product;
pub mod provider;
pub mod question;
pub mod saml_provider;
pub mod tty;
pub mod visitor;
pub mod world;
