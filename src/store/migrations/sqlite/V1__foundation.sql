-- Our side. Times are RFC 3339 in UTC with six decimals, so that they sort as text.

CREATE TABLE sso_audit_log (
    seq INTEGER NOT NULL PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    ticket TEXT,
    team_id TEXT,
    connection_id TEXT,
    details TEXT NOT NULL CHECK (json_valid(details)),
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE INDEX sso_audit_log_by_team ON sso_audit_log (team_id);
CREATE INDEX sso_audit_log_by_ticket ON sso_audit_log (ticket);

CREATE TRIGGER sso_audit_log_no_update BEFORE UPDATE ON sso_audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER sso_audit_log_no_delete BEFORE DELETE ON sso_audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

-- Also bars INSERT OR REPLACE, which would delete a row without asking the trigger above.
CREATE TRIGGER sso_audit_log_no_gap BEFORE INSERT ON sso_audit_log
BEGIN
    SELECT RAISE(ABORT, 'an audit row must follow from the last one')
    WHERE NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM sso_audit_log)
       OR NEW.previous_hash IS NOT coalesce(
            (SELECT hash FROM sso_audit_log ORDER BY seq DESC LIMIT 1),
            '0000000000000000000000000000000000000000000000000000000000000000');
END;

CREATE TABLE sso_connections (
    id TEXT NOT NULL PRIMARY KEY,
    team_id TEXT NOT NULL UNIQUE,
    -- NULL while the connection is only reserved.
    protocol TEXT CHECK (protocol IN ('oidc', 'saml')),
    status TEXT NOT NULL CHECK (status IN ('prepared', 'staged', 'active', 'suspended')),
    issuer TEXT,
    client_id TEXT,
    -- Compact JWE (RFC 7516), bound to this row.
    client_secret_jwe TEXT,
    token_endpoint_auth_method TEXT CHECK (token_endpoint_auth_method IN ('client_secret_basic', 'client_secret_post')),
    -- JSON list of JWS algorithm names.
    id_token_algorithms TEXT CHECK (id_token_algorithms IS NULL OR json_valid(id_token_algorithms)),
    redirect_uri TEXT,
    -- In the assertion consumer service URL and the SCIM base URL; stays with the team's connection for good.
    account_token TEXT NOT NULL UNIQUE,
    entity_id TEXT UNIQUE,
    -- JSON lists of {"binding", "location"}.
    sso_services TEXT CHECK (sso_services IS NULL OR json_valid(sso_services)),
    slo_services TEXT CHECK (slo_services IS NULL OR json_valid(slo_services)),
    -- JSON list of URIs.
    name_id_formats TEXT CHECK (name_id_formats IS NULL OR json_valid(name_id_formats)),
    -- JSON list of {"sha256", "not_before", "not_after", "key", "der"}; `der` is base64.
    signing_certificates TEXT CHECK (signing_certificates IS NULL OR json_valid(signing_certificates)),
    want_authn_requests_signed INTEGER CHECK (want_authn_requests_signed IN (0, 1)),
    acs_url TEXT,
    metadata_url TEXT,
    -- Of the metadata's bytes as they came.
    metadata_sha256 TEXT,
    domain_challenge TEXT NOT NULL,
    ticket TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    -- The audit row of the latest change. Checked at the commit: a change without its audit row cannot be committed.
    audit_seq INTEGER NOT NULL REFERENCES sso_audit_log (seq) DEFERRABLE INITIALLY DEFERRED,
    CHECK (protocol IS NOT NULL OR status = 'prepared'),
    CHECK (
        protocol IS NOT 'oidc' OR (
            issuer IS NOT NULL AND client_id IS NOT NULL AND client_secret_jwe IS NOT NULL
            AND token_endpoint_auth_method IS NOT NULL AND id_token_algorithms IS NOT NULL
        )
    ),
    CHECK (
        protocol IS NOT 'saml' OR (
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
    domain TEXT NOT NULL PRIMARY KEY,
    connection_id TEXT NOT NULL REFERENCES sso_connections (id) ON DELETE CASCADE,
    proof TEXT NOT NULL CHECK (proof IN ('owner', 'dns', 'operator')),
    claimed_at TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX sso_domains_by_connection ON sso_domains (connection_id);

CREATE TABLE scim_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    connection_id TEXT NOT NULL REFERENCES sso_connections (id) ON DELETE CASCADE,
    -- Of the whole bearer token as it was shown, lower-case hexadecimal. The token itself is nowhere.
    sha256 TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    -- The token works until the earliest of these three; NULL is no end.
    expires_at TEXT,
    retires_at TEXT,
    revoked_at TEXT,
    -- The audit row of the latest change, as with connections.
    audit_seq INTEGER NOT NULL REFERENCES sso_audit_log (seq) DEFERRABLE INITIALLY DEFERRED
) WITHOUT ROWID;

CREATE INDEX scim_tokens_by_connection ON scim_tokens (connection_id, created_at);
CREATE INDEX scim_tokens_by_audit_seq ON scim_tokens (audit_seq);
