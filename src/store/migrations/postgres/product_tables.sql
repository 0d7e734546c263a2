-- The product's side, for trying: empty tables of the contract's shape, made only in a database where there is nothing else. A
-- real product offers views over its own tables instead: see `ssoctl db contract`.

DO $product$
BEGIN
    -- Whatever stands where names are looked up, and neither is ours nor came with an extension, is a product's.
    IF EXISTS (
        SELECT 1 FROM pg_class c
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
          AND c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname = ANY (current_schemas(false)))
          AND c.relname !~ '^(sso_|scim_)'
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ) THEN
        RETURN;
    END IF;

    CREATE TABLE product_users (
        id text COLLATE "C" NOT NULL PRIMARY KEY,
        email text NOT NULL,
        name text,
        active boolean NOT NULL DEFAULT true
    );

    -- Answers who has an address, and who of a domain there is, in order of address, without a look at the table.
    CREATE INDEX product_users_by_domain ON product_users (
        rtrim(lower(substring(btrim(email::text COLLATE "C") from '@([^@]*)$')), '.'),
        lower(btrim(email::text COLLATE "C"))
    ) INCLUDE (id, email, active, name);

    CREATE TABLE product_teams (
        id text COLLATE "C" NOT NULL,
        name text,
        owner_id text COLLATE "C",
        plan text,
        management_enabled boolean NOT NULL DEFAULT false,
        PRIMARY KEY (id) INCLUDE (name, owner_id)
    );

    CREATE INDEX product_teams_by_owner ON product_teams (owner_id, id);

    CREATE TABLE product_memberships (
        user_id text COLLATE "C" NOT NULL,
        team_id text COLLATE "C" NOT NULL,
        role text NOT NULL DEFAULT 'member',
        since date,
        PRIMARY KEY (user_id, team_id) INCLUDE (role, since)
    );

    CREATE INDEX product_memberships_by_team ON product_memberships (team_id, user_id);
END
$product$;
