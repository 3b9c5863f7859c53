-- +goose Up
CREATE TABLE uploads (
    id       TEXT    NOT NULL PRIMARY KEY, -- a UUID
    tenant   TEXT    NOT NULL,
    state    TEXT    NOT NULL, -- announced, received
    sha256   TEXT    NOT NULL, -- '' while it is not known
    bytes    INTEGER NOT NULL,
    filename TEXT    NOT NULL,
    token    TEXT    NOT NULL, -- SHA-256 of what its address holds; '' when it is brought elsewhere
    expires  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX uploads_digest ON uploads (tenant, sha256);
CREATE INDEX uploads_expires ON uploads (expires);
