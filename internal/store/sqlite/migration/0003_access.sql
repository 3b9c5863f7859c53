-- +goose Up
CREATE TABLE api_keys (
    id         TEXT    NOT NULL PRIMARY KEY, -- its public part
    hash       TEXT    NOT NULL, -- hex SHA-256 of the whole key
    name       TEXT    NOT NULL,
    tenant     TEXT    NOT NULL,
    scopes     TEXT    NOT NULL, -- parted by commas
    budget     INTEGER NOT NULL, -- a day, in 10⁻⁹ US dollars; 0 for none
    limits     TEXT    NOT NULL, -- such as 100/m,1000/h, or off; '' for the server's
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, -- 0 for never
    revoked_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX api_keys_tenant ON api_keys (tenant, created_at);

CREATE TABLE audit (
    id     TEXT   NOT NULL PRIMARY KEY, -- a UUID of version 7
    at     INTEGER NOT NULL,
    tenant TEXT   NOT NULL, -- whose affairs it was about
    actor  TEXT   NOT NULL,
    action TEXT   NOT NULL, -- such as key.create
    target TEXT   NOT NULL,
    detail TEXT   NOT NULL
) WITHOUT ROWID;
CREATE INDEX audit_tenant ON audit (tenant, id);
