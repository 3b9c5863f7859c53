-- +goose Up
CREATE TABLE uploads (
    id       text    NOT NULL PRIMARY KEY, -- a UUID
    tenant   text    NOT NULL,
    state    text    NOT NULL, -- announced, received
    sha256   text    NOT NULL, -- '' while it is not known
    bytes    bigint  NOT NULL,
    filename text    NOT NULL,
    token    text    NOT NULL, -- SHA-256 of what its address holds; '' when it is brought elsewhere
    expires  bigint  NOT NULL
);
CREATE INDEX uploads_digest ON uploads (tenant, sha256);
CREATE INDEX uploads_expires ON uploads (expires);
