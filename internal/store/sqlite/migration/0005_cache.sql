-- +goose Up
CREATE TABLE cached (
    key    TEXT    NOT NULL PRIMARY KEY, -- a digest of the tenant, the document and all that decides its answer
    answer TEXT    NOT NULL,
    until  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX cached_until ON cached (until);

-- Which process is asking about what has no answer yet.
CREATE TABLE flights (
    key   TEXT    NOT NULL PRIMARY KEY,
    owner TEXT    NOT NULL,
    until INTEGER NOT NULL -- when others may ask
) WITHOUT ROWID;
CREATE INDEX flights_until ON flights (until);

CREATE TABLE idempotency (
    tenant TEXT    NOT NULL,
    key    TEXT    NOT NULL, -- as the caller chose it
    sum    TEXT    NOT NULL, -- a digest of the request
    owner  TEXT    NOT NULL, -- who works on it
    until  INTEGER NOT NULL, -- of one without an answer, when another may work on it
    status INTEGER NOT NULL, -- 0: there is no answer yet
    kind   TEXT    NOT NULL, -- of the body
    location   TEXT    NOT NULL, -- where what was accepted will be found, or none
    body   BLOB NOT NULL,
    PRIMARY KEY (tenant, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_until ON idempotency (until);
