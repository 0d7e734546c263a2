//! What a product's database has to offer, as SQL to be edited: `ssoctl db contract`.

use super::postgres;

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

/// The domain of an address, spelled as the embedded table spells it.
const SQLITE_DOMAIN: &str = "CASE instr(<email>, '@') WHEN 0 THEN '' ELSE rtrim(lower(substr(trim(<email>), \
     length(rtrim(trim(<email>), replace(<email>, '@', ''))) + 1)), '.') END";

/// That domain of an address in `column`.
pub(super) fn sqlite_domain(column: &str) -> String {
    SQLITE_DOMAIN.replace("<email>", column)
}

/// The views, indexes and roles as a commented template; `schema` is where our tables are to be.
#[must_use]
pub fn template(dialect: Dialect, schema: Option<&str>) -> String {
    match dialect {
        Dialect::Postgres => {
            let [domain, address] = postgres::INDEXED.map(|expression| expression.replace("email::", "<email>::"));
            let schema = schema.unwrap_or("public");
            let plain = schema.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
            let schema = if plain { schema.to_owned() } else { format!("\"{}\"", schema.replace('"', "\"\"")) };
            include_str!("contract/postgres.sql")
                .replace("{schema}", &schema)
                .replace("{domain}", &domain)
                .replace("{address}", &address)
        }
        Dialect::Sqlite => include_str!("contract/sqlite.sql").replace("{domain}", SQLITE_DOMAIN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_the_contract_is_in_both_templates() {
        for dialect in [Dialect::Postgres, Dialect::Sqlite] {
            let text = template(dialect, Some("sso"));
            for (relation, columns) in crate::product::contract::COLUMNS {
                assert!(text.contains(relation), "{relation}");
                for column in columns {
                    assert!(text.contains(&format!("AS {column}")), "{column} of {relation} in {dialect:?}");
                }
            }
            assert!(!text.contains('{'), "{text}");
        }
    }

    #[test]
    fn a_schema_of_an_odd_name_is_quoted() {
        assert!(
            template(Dialect::Postgres, Some("My \"sso\"")).contains("CREATE SCHEMA IF NOT EXISTS \"My \"\"sso\"\"\"")
        );
        assert!(template(Dialect::Postgres, None).contains("CREATE VIEW public.product_users"));
    }
}
