-- +goose Up
CREATE TABLE attempts (
    day           integer NOT NULL, -- on which it began, counted from 1970
    id            text NOT NULL,
    at            bigint NOT NULL,
    tenant        text NOT NULL,
    document      text NOT NULL, -- hex SHA-256
    run           text NOT NULL, -- the id of the answer that it is part of
    policy        text NOT NULL,
    stage         text NOT NULL,
    model         text NOT NULL,
    key_name      text NOT NULL, -- of the setting that holds the provider's key
    client        text NOT NULL, -- the id of the API key that brought the document
    estimate_nano bigint NOT NULL,
    state         text NOT NULL, -- open, settled, free, unknown
    cost_nano     bigint NOT NULL, -- what it counts for: of one that is open, the estimate
    priced        boolean NOT NULL,
    input_tokens  bigint NOT NULL,
    cached_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    served        text NOT NULL,
    request_id    text NOT NULL,
    error         text NOT NULL,
    closed_at     bigint NOT NULL, -- 0: nobody has told how it ended
    PRIMARY KEY (day, id)
) PARTITION BY RANGE (day);
CREATE TABLE attempts_other PARTITION OF attempts DEFAULT;
CREATE INDEX attempts_open ON attempts (run) WHERE closed_at = 0;

CREATE TABLE spend (
    day     integer NOT NULL, -- that it is the sum of; of a month, its first
    scope   text NOT NULL, -- day, month, key:NAME, model:NAME, client:ID
    nano    bigint NOT NULL,
    sent    bigint NOT NULL,
    unknown bigint NOT NULL, -- of those sent: how many have a bill that is not known
    PRIMARY KEY (day, scope)
) WITH (fillfactor = 50);

CREATE TABLE answers (
    run      text NOT NULL, -- a UUID of version 7
    key      text NOT NULL, -- what was asked
    response text NOT NULL, -- JSON
    PRIMARY KEY (run, key)
);
