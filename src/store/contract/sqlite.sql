-- What ssoctl asks of your product's database: three views over your own tables, and four indexes.
-- Edit what is in <angle brackets>, leave the column names as they are, and run it with sqlite3 on your product's file, before
-- `ssoctl db migrate --database sqlite:FILE`. Then `ssoctl doctor` says whether all is well.

BEGIN;

-- `ssoctl db migrate` makes tables of these names where there is nothing of them yet. Was it run before? Then, once:
-- DROP TABLE product_memberships; DROP TABLE product_teams; DROP TABLE product_users;

-- Everybody who has an account. One row a person. The last two columns are asked through the index below, and have to be spelled
-- exactly as they are there.
CREATE VIEW product_users AS
SELECT
    CAST(<id> AS TEXT) AS id,           -- unique; where your ids are text already, <id> alone keeps its index
    <email> AS email,                   -- as the person signs in; capital letters do not matter
    <name> AS name,                     -- may be NULL: the mail greets by its first word
    <deactivated_at> IS NULL AS active, -- 1 or 0: may sign in
    lower(trim(<email>)) AS email_normalised,
    {domain} AS email_domain
FROM <users>
WHERE <deleted_at> IS NULL;             -- people who are gone for good, if you keep their rows

-- Every team, account, organisation or workspace: what gets single sign-on. One row a team.
CREATE VIEW product_teams AS
SELECT
    CAST(<id> AS TEXT) AS id,           -- unique
    <name> AS name,                     -- as customers know it
    CAST(<owner_id> AS TEXT) AS owner_id, -- an id of product_users; NULL where there is nobody
    <plan> AS plan,                     -- compared with [policy] allowed_plans; NULL where you have no plans
    1 AS management_enabled             -- 1 or 0: [policy] require_team_management asks for it
FROM <teams>
WHERE <deleted_at> IS NULL;

-- Who is in which team. One row a person and team; the owner may be among them or not.
CREATE VIEW product_memberships AS
SELECT
    CAST(m.<user_id> AS TEXT) AS user_id,
    CAST(m.<team_id> AS TEXT) AS team_id,
    -- Words, never NULL: compared with [policy] requester_roles and shown to the agent.
    CASE m.<role> WHEN 0 THEN 'member' WHEN 1 THEN 'admin' WHEN 2 THEN 'owner' ELSE 'member' END AS role,
    date(m.<created_at>) AS since         -- shown to the agent; may be NULL
FROM <memberships> AS m
JOIN <teams> AS t ON t.<id> = m.<team_id> AND t.<deleted_at> IS NULL -- a team that is gone has no members
WHERE m.<deleted_at> IS NULL;

-- Indexes. An id that is an integer is cast in the view, so its index is over the cast.
CREATE INDEX <users>_sso_domain ON <users> (
    {domain},
    lower(trim(<email>))
);
CREATE INDEX <users>_sso_email ON <users> (lower(trim(<email>)));
CREATE INDEX <users>_sso_id ON <users> (CAST(<id> AS TEXT));
CREATE INDEX <teams>_sso_id ON <teams> (CAST(<id> AS TEXT));
CREATE INDEX <teams>_sso_owner ON <teams> (CAST(<owner_id> AS TEXT));
CREATE INDEX <memberships>_sso_user ON <memberships> (CAST(<user_id> AS TEXT));
CREATE INDEX <memberships>_sso_team ON <memberships> (CAST(<team_id> AS TEXT));

COMMIT;

-- Who may open the file may do anything with it: SQLite has no roles. Run ssoctl as the user who owns it.
