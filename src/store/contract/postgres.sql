-- What ssoctl asks of your product's database: three views over your own tables, four indexes, two roles.
-- Edit what is in <angle brackets>, leave the column names as they are, and run the first part with psql as the owner of your
-- tables, then `ssoctl db migrate` as the same, then the second part. `ssoctl doctor` says whether all is well.
--
-- Ids may be of any type (integer, bigint, uuid, text); ssoctl compares them in that type, so your indexes serve.

BEGIN;

CREATE SCHEMA IF NOT EXISTS {schema};
-- In an empty database `ssoctl db migrate` makes tables of these names, for trying. Are they there? Then, once:
-- DROP TABLE {schema}.product_memberships, {schema}.product_teams, {schema}.product_users;

-- Everybody who has an account. One row a person.
CREATE VIEW {schema}.product_users AS
SELECT
    u.<id> AS id,                       -- unique
    u.<email> AS email,                 -- as the person signs in; capital letters do not matter
    u.<name> AS name,                   -- may be NULL: the mail greets by its first word
    u.<deactivated_at> IS NULL AS active -- boolean: may sign in
FROM <users> AS u
WHERE u.<deleted_at> IS NULL;           -- people who are gone for good, if you keep their rows

-- Every team, account, organisation or workspace: what gets single sign-on. One row a team: if the owner comes from a join, make
-- sure that it finds one (DISTINCT ON, or a subquery with LIMIT 1).
CREATE VIEW {schema}.product_teams AS
SELECT
    t.<id> AS id,                       -- unique
    t.<name> AS name,                   -- as customers know it
    t.<owner_id> AS owner_id,           -- an id of product_users; NULL where there is nobody
    t.<plan> AS plan,                   -- compared with [policy] allowed_plans; NULL where you have no plans
    TRUE AS management_enabled          -- boolean: [policy] require_team_management asks for it
FROM <teams> AS t
WHERE t.<deleted_at> IS NULL;

-- Who is in which team. One row a person and team; the owner may be among them or not.
CREATE VIEW {schema}.product_memberships AS
SELECT
    m.<user_id> AS user_id,
    m.<team_id> AS team_id,
    -- Words, never NULL: compared with [policy] requester_roles and shown to the agent.
    CASE m.<role> WHEN 0 THEN 'member' WHEN 1 THEN 'admin' WHEN 2 THEN 'owner' ELSE 'member' END AS role,
    m.<created_at>::date AS since       -- shown to the agent; may be NULL
FROM <memberships> AS m
JOIN <teams> AS t ON t.<id> = m.<team_id> AND t.<deleted_at> IS NULL -- a team that is gone has no members
WHERE m.<deleted_at> IS NULL;

COMMIT;

-- Indexes, over your tables. Outside of a transaction, so that nobody waits. The first one answers who of a domain is in which
-- team, and who has an address: it has to be spelled exactly so (with the name of your column), as the question is. If the view
-- leaves rows out (WHERE deleted_at IS NULL), the index may too.
CREATE INDEX CONCURRENTLY IF NOT EXISTS <users>_sso_domain ON <users> (
    ({domain}),
    ({address})
);
CREATE INDEX CONCURRENTLY IF NOT EXISTS <memberships>_sso_user ON <memberships> (<user_id>);
CREATE INDEX CONCURRENTLY IF NOT EXISTS <memberships>_sso_team ON <memberships> (<team_id>);
CREATE INDEX CONCURRENTLY IF NOT EXISTS <teams>_sso_owner ON <teams> (<owner_id>);
-- The planner knows nothing of an index over an expression before this.
ANALYZE <users>;

-- Second part, after `ssoctl db migrate`: roles. The first is for ssoctl; it may neither change your tables nor make any. The
-- second is for your product, which reads who signs in how, and writes nothing of it.
CREATE ROLE ssoctl_operator LOGIN;      -- \password ssoctl_operator
GRANT USAGE ON SCHEMA {schema} TO ssoctl_operator;
GRANT SELECT ON {schema}.product_users, {schema}.product_teams, {schema}.product_memberships TO ssoctl_operator;
GRANT SELECT ON {schema}.sso_schema_history TO ssoctl_operator;
GRANT SELECT, INSERT ON {schema}.sso_audit_log TO ssoctl_operator;
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.sso_connections, {schema}.sso_domains, {schema}.scim_tokens TO ssoctl_operator;
-- To lock it: it is empty for good.
GRANT SELECT, UPDATE ON {schema}.sso_write_lock TO ssoctl_operator;

CREATE ROLE ssoctl_reader;              -- GRANT ssoctl_reader TO <your product's role>;
GRANT USAGE ON SCHEMA {schema} TO ssoctl_reader;
GRANT SELECT ON {schema}.sso_connections, {schema}.sso_domains, {schema}.scim_tokens TO ssoctl_reader;
