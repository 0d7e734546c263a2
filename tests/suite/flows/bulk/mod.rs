//! Lists of requests from the command line to the database and back.

mod accidents;
mod answers;
mod conflicts;
mod lists;
mod pace;
mod replies;
mod saml;
mod stopping;
