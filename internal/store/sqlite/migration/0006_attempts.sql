-- +goose Up
CREATE TABLE attempts (
    day           INTEGER NOT NULL, -- on which it began, counted from 1970
    id            TEXT NOT NULL,
    at            INTEGER NOT NULL,
    tenant        TEXT NOT NULL,
    document      TEXT NOT NULL, -- hex SHA-256
    run           TEXT NOT NULL, -- the id of the answer that it is part of
    policy        TEXT NOT NULL,
    stage         TEXT NOT NULL,
    model         TEXT NOT NULL,
    key_name      TEXT NOT NULL, -- of the setting that holds the provider's key
    client        TEXT NOT NULL, -- the id of the API key that brought the document
    estimate_nano INTEGER NOT NULL,
    state         TEXT NOT NULL, -- open, settled, free, unknown
    cost_nano     INTEGER NOT NULL, -- what it counts for: of one that is open, the estimate
    priced        BOOLEAN NOT NULL,
    input_tokens  INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    served        TEXT NOT NULL,
    request_id    TEXT NOT NULL,
    error         TEXT NOT NULL,
    closed_at     INTEGER NOT NULL, -- 0: nobody has told how it ended
    PRIMARY KEY (day, id)
) WITHOUT ROWID;
CREATE INDEX attempts_open ON attempts (run) WHERE closed_at = 0;

CREATE TABLE spend (
    day     INTEGER NOT NULL, -- that it is the sum of; of a month, its first
    scope   TEXT NOT NULL, -- day, month, key:NAME, model:NAME, client:ID
    nano    INTEGER NOT NULL,
    sent    INTEGER NOT NULL,
    unknown INTEGER NOT NULL, -- of those sent: how many have a bill that is not known
    PRIMARY KEY (day, scope)
) WITHOUT ROWID;

CREATE TABLE answers (
    run      TEXT NOT NULL, -- a UUID of version 7
    key      TEXT NOT NULL, -- what was asked
    response TEXT NOT NULL, -- JSON
    PRIMARY KEY (run, key)
) WITHOUT ROWID;
