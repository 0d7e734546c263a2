//! Files to start from, and the shape of one request for programs.

/// A table to fill in: remarks, the header, one row.
pub const CSV_TEMPLATE: &str = "\
# One row for each request. Columns may stand in any order, and those that are not needed may be left out; rows
# without values are passed over. Remarks like these may stand above the header only.
#
# ticket              your reference; goes into the audit log and the report
# owner               the team owner's account e-mail (needed)
# team                the id of the team that this owner is expected to own: refused if it is another
# requested_by        who wrote to you, where it was not the owner
# issuer              OpenID Connect: just as the customer sent it
# client_id           OpenID Connect: just as the customer sent it
# client_secret       the secret itself: then keep this file to yourself (chmod 600). Or, instead of it,
# client_secret_file  a file that holds it, relative to this one and in its folder; or
# client_secret_env   the name of an environment variable that holds it
# metadata            SAML instead of the above: a file (as with client_secret_file), a URL, or the XML itself
# entity_id           which provider is meant, where the metadata describes several
# domains             domains to claim, separated by blanks; else the owner's own
# vouch_domains       domains to claim on your own word, without a DNS proof
ticket,owner,team,requested_by,issuer,client_id,client_secret_file,metadata,domains,vouch_domains
48213,jane@acme.example,,,https://acme.okta.com,0oa1b2c3d4e5f6g7h8i9,secrets/48213.txt,,,
48214,hank@globex.example,,,,,,metadata/48214.xml,,
";

/// The same as JSON Lines.
pub const JSONL_TEMPLATE: &str = "\
# One request a line; lines that begin with `#` are remarks. `ssoctl schema --request` prints the shape of a request.
# Instead of `client_secret_file` (relative to this file and in its folder): `client_secret`, the secret itself (then
# keep this file to yourself, chmod 600), or `client_secret_env`, the name of an environment variable that holds it.
{\"ticket\": \"48213\", \"owner\": \"jane@acme.example\", \"issuer\": \"https://acme.okta.com\", \"client_id\": \"0oa1b2c3d4e5f6g7h8i9\", \"client_secret_file\": \"secrets/48213.txt\"}
{\"ticket\": \"48214\", \"owner\": \"hank@globex.example\", \"metadata\": \"metadata/48214.xml\"}
";

/// The JSON Schema (draft 2020-12) of one request.
pub const REQUEST_SCHEMA: &str = include_str!("request_schema.json");
