-- The product's side, made only where none of the three names is taken, be it by a table or by a view (`ssoctl db contract`).
-- These tables may be filled by anything that speaks SQL: only the columns that the contract names need to be given.
-- Identifiers are text; an integer becomes text on its way in, by the column's affinity.

CREATE TABLE product_users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT,
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    -- lower() knows ASCII only; the queries ask for the other spellings that this leaves.
    email_normalised TEXT GENERATED ALWAYS AS (lower(trim(email))) VIRTUAL,
    -- What follows the last `@`: rtrim() takes off the right every character that is not one. Empty without an `@`.
    -- A dot at its end is the root of DNS, and part of no other name.
    email_domain TEXT GENERATED ALWAYS AS (
        CASE instr(email, '@')
            WHEN 0 THEN ''
            ELSE rtrim(lower(substr(trim(email), length(rtrim(trim(email), replace(email, '@', ''))) + 1)), '.')
        END
    ) VIRTUAL
);

CREATE INDEX product_users_by_email ON product_users (email_normalised);
-- Covers the question who of a domain is in which team, in the order in which it is answered. It names every column,
-- since SQLite takes whoever asks for a generated column to ask for all of them.
CREATE INDEX product_users_by_domain ON product_users (email_domain, email_normalised, id, email, active, name);

CREATE TABLE product_teams (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT,
    owner_id TEXT,
    plan TEXT,
    management_enabled INTEGER NOT NULL DEFAULT 0 CHECK (management_enabled IN (0, 1))
) WITHOUT ROWID;

CREATE INDEX product_teams_by_owner ON product_teams (owner_id, id);

CREATE TABLE product_memberships (
    user_id TEXT NOT NULL,
    team_id TEXT NOT NULL,
    role TEXT NOT NULL DEFAULT 'member',
    since TEXT,
    PRIMARY KEY (user_id, team_id)
) WITHOUT ROWID;

CREATE INDEX product_memberships_by_team ON product_memberships (team_id, user_id, role);
