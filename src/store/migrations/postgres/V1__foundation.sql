-- Our side. Ids and domains compare byte by byte on every server.

-- Empty for good. Whoever is about to write locks it first, before the transaction takes its snapshot: so writers decide one
-- after the other, on what the one before has left.
CREATE TABLE sso_write_lock ();

CREATE TABLE sso_audit_log (
    seq bigint NOT NULL PRIMARY KEY,
    -- As it was written: the hash covers exactly these characters, and the same holds for `details`.
    at text NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    ticket text,
    team_id text COLLATE "C",
    connection_id text COLLATE "C",
    details text NOT NULL CHECK (details::json IS NOT NULL),
    previous_hash text NOT NULL,
    hash text NOT NULL
);

CREATE INDEX sso_audit_log_by_team ON sso_audit_log (team_id);
CREATE INDEX sso_audit_log_by_ticket ON sso_audit_log (ticket);

CREATE FUNCTION sso_audit_log_no_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END
$$;

CREATE TRIGGER sso_audit_log_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON sso_audit_log
FOR EACH STATEMENT EXECUTE FUNCTION sso_audit_log_no_change();

-- The search path stays that of the migration, whoever inserts.
CREATE FUNCTION sso_audit_log_no_gap() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    last_seq bigint := 0;
    last_hash text := '0000000000000000000000000000000000000000000000000000000000000000';
    found_seq bigint;
    found_hash text;
BEGIN
    SELECT seq, hash INTO found_seq, found_hash FROM sso_audit_log ORDER BY seq DESC LIMIT 1;
    IF found_seq IS NOT NULL THEN
        last_seq := found_seq;
        last_hash := found_hash;
    END IF;
    IF NEW.seq IS DISTINCT FROM last_seq + 1 OR NEW.previous_hash IS DISTINCT FROM last_hash THEN
        RAISE EXCEPTION 'an audit row must follow from the last one';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER sso_audit_log_no_gap BEFORE INSERT ON sso_audit_log
FOR EACH ROW EXECUTE FUNCTION sso_audit_log_no_gap();

CREATE TABLE sso_connections (
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    team_id text COLLATE "C" NOT NULL UNIQUE,
    -- NULL while the connection is only reserved.
    protocol text CHECK (protocol IN ('oidc', 'saml')),
    status text NOT NULL CHECK (status IN ('prepared', 'staged', 'active', 'suspended')),
    issuer text COLLATE "C",
    client_id text COLLATE "C",
    -- Compact JWE (RFC 7516), bound to this row.
    client_secret_jwe text,
    token_endpoint_auth_method text CHECK (token_endpoint_auth_method IN ('client_secret_basic', 'client_secret_post')),
    -- List of JWS algorithm names.
    id_token_algorithms jsonb,
    redirect_uri text,
    -- In the assertion consumer service URL and the SCIM base URL; stays with the team's connection for good.
    account_token text COLLATE "C" NOT NULL UNIQUE,
    entity_id text COLLATE "C" UNIQUE,
    -- Lists of {"binding", "location"}.
    sso_services jsonb,
    slo_services jsonb,
    -- List of URIs.
    name_id_formats jsonb,
    -- List of {"sha256", "not_before", "not_after", "key", "der"}; `der` is base64.
    signing_certificates jsonb,
    want_authn_requests_signed boolean,
    acs_url text,
    metadata_url text,
    -- Of the metadata's bytes as they came.
    metadata_sha256 text,
    domain_challenge text NOT NULL,
    ticket text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- The audit row of the latest change. Checked at the commit: a change without its audit row cannot be committed.
    audit_seq bigint NOT NULL REFERENCES sso_audit_log (seq) DEFERRABLE INITIALLY DEFERRED,
    CHECK (protocol IS NOT NULL OR status = 'prepared'),
    CHECK (
        protocol IS DISTINCT FROM 'oidc' OR (
            issuer IS NOT NULL AND client_id IS NOT NULL AND client_secret_jwe IS NOT NULL
            AND token_endpoint_auth_method IS NOT NULL AND id_token_algorithms IS NOT NULL
        )
    ),
    CHECK (
        protocol IS DISTINCT FROM 'saml' OR (
            entity_id IS NOT NULL AND sso_services IS NOT NULL AND slo_services IS NOT NULL
            AND name_id_formats IS NOT NULL AND signing_certificates IS NOT NULL
            AND want_authn_requests_signed IS NOT NULL AND acs_url IS NOT NULL AND metadata_sha256 IS NOT NULL
        )
    )
);

CREATE INDEX sso_connections_by_client ON sso_connections (issuer, client_id, created_at, id);
CREATE INDEX sso_connections_by_audit_seq ON sso_connections (audit_seq);

CREATE TABLE sso_domains (
    -- A-labels, lower case.
    domain text COLLATE "C" NOT NULL PRIMARY KEY,
    connection_id text COLLATE "C" NOT NULL REFERENCES sso_connections (id) ON DELETE CASCADE,
    proof text NOT NULL CHECK (proof IN ('owner', 'dns', 'operator')),
    claimed_at timestamptz NOT NULL
);

CREATE INDEX sso_domains_by_connection ON sso_domains (connection_id);

CREATE TABLE scim_tokens (
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    connection_id text COLLATE "C" NOT NULL REFERENCES sso_connections (id) ON DELETE CASCADE,
    -- Of the whole bearer token as it was shown, lower-case hexadecimal. The token itself is nowhere.
    sha256 text COLLATE "C" NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    -- The token works until the earliest of these three; NULL is no end.
    expires_at timestamptz,
    retires_at timestamptz,
    revoked_at timestamptz,
    -- The audit row of the latest change, as with connections.
    audit_seq bigint NOT NULL REFERENCES sso_audit_log (seq) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX scim_tokens_by_connection ON scim_tokens (connection_id, created_at);
CREATE INDEX scim_tokens_by_audit_seq ON scim_tokens (audit_seq);
