//! Whole jobs from the command line to the database and back: exit status, both streams, rows and the audit log.

/// Tests that take a desk, each run on both databases; a file that uses it has `Desk` in scope.
macro_rules! on_both {
    ($($test:ident)*) => {
        mod on_sqlite {
            $(#[test] fn $test() { super::$test(&super::Desk::new()); })*
        }
        mod on_postgres {
            $(#[test] fn $test() { super::$test(&super::Desk::on_postgres()); })*
        }
    };
}

mod accidents;
mod activation;
mod at_once;
mod audit;
mod bulk;
mod contests;
mod domains;
mod faults;
mod foreign_schemas;
mod inbox;
mod installation;
mod json_schema;
mod on_postgres;
mod onboarding;
mod prepare_saml;
mod questions;
mod replies;
mod reviewing;
mod saml;
mod scim;
mod secrecy;
mod secret_sources;
mod server_access;
mod surroundings;
mod tickets;

/// How often: a few times as a rule, and as often as it takes to be sure in the long run, `SSOCTL_TEST_LONG=1`.
fn long(short: u32, long: u32) -> u32 {
    if std::env::var_os("SSOCTL_TEST_LONG").is_some() { long } else { short }
}
