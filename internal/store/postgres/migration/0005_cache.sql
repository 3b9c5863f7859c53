-- +goose Up
CREATE TABLE cached (
    key    text    NOT NULL PRIMARY KEY, -- a digest of the tenant, the document and all that decides its answer
    answer text    NOT NULL,
    until  bigint NOT NULL
);
CREATE INDEX cached_until ON cached (until);

-- Which process is asking about what has no answer yet.
CREATE TABLE flights (
    key   text    NOT NULL PRIMARY KEY,
    owner text    NOT NULL,
    until bigint NOT NULL -- when others may ask
);
CREATE INDEX flights_until ON flights (until);

CREATE TABLE idempotency (
    tenant text    NOT NULL,
    key    text    NOT NULL, -- as the caller chose it
    sum    text    NOT NULL, -- a digest of the request
    owner  text    NOT NULL, -- who works on it
    until  bigint NOT NULL, -- of one without an answer, when another may work on it
    status bigint NOT NULL, -- 0: there is no answer yet
    kind   text    NOT NULL, -- of the body
    location   text    NOT NULL, -- where what was accepted will be found, or none
    body   bytea NOT NULL,
    PRIMARY KEY (tenant, key)
);
CREATE INDEX idempotency_until ON idempotency (until);
