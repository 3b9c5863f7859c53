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

CREATE TABLE stats_tail ( -- what is finished and not yet in the hours below
    id          TEXT NOT NULL PRIMARY KEY,
    hour        INTEGER NOT NULL, -- in which it was finished, counted from 1970
    tenant      TEXT NOT NULL,
    source      TEXT NOT NULL,
    provider    TEXT NOT NULL,
    model       TEXT NOT NULL,
    category    TEXT NOT NULL,
    policy      TEXT NOT NULL,
    error       TEXT NOT NULL,
    cached      INTEGER NOT NULL, -- 1 or 0, as are the others that are counted
    review      INTEGER NOT NULL,
    upgraded    INTEGER NOT NULL,
    backup      INTEGER NOT NULL,
    degraded    INTEGER NOT NULL,
    unpriced    INTEGER NOT NULL,
    cost_nano   INTEGER NOT NULL,
    guide_nano  INTEGER NOT NULL,
    saved_nano  INTEGER NOT NULL,
    bucket      INTEGER NOT NULL -- of the duration: its logarithm to the base 1.1, from 1 µs on
) WITHOUT ROWID;

CREATE TABLE stats_hours (
    hour        INTEGER NOT NULL, -- in which it was finished, counted from 1970
    tenant      TEXT NOT NULL,
    source      TEXT NOT NULL,
    provider    TEXT NOT NULL,
    model       TEXT NOT NULL,
    category    TEXT NOT NULL,
    policy      TEXT NOT NULL,
    error       TEXT NOT NULL,
    documents   INTEGER NOT NULL,
    cached      INTEGER NOT NULL,
    review      INTEGER NOT NULL,
    upgraded    INTEGER NOT NULL,
    backup      INTEGER NOT NULL,
    degraded    INTEGER NOT NULL,
    unpriced    INTEGER NOT NULL,
    cost_nano   INTEGER NOT NULL,
    guide_nano  INTEGER NOT NULL,
    saved_nano  INTEGER NOT NULL,
    PRIMARY KEY (tenant, hour, source, provider, model, category, policy, error)
) WITHOUT ROWID;

CREATE TABLE stats_durations (
    hour        INTEGER NOT NULL,
    tenant      TEXT NOT NULL,
    source      TEXT NOT NULL,
    provider    TEXT NOT NULL,
    model       TEXT NOT NULL,
    bucket      INTEGER NOT NULL,
    documents   INTEGER NOT NULL,
    PRIMARY KEY (tenant, hour, source, provider, model, bucket)
) WITHOUT ROWID;

CREATE TABLE stats_calls ( -- requests to providers, by the hour in which they ended
    hour          INTEGER NOT NULL,
    tenant        TEXT NOT NULL,
    model         TEXT NOT NULL,
    error         TEXT NOT NULL, -- '' for an answer
    calls         INTEGER NOT NULL,
    unknown       INTEGER NOT NULL,
    cost_nano     INTEGER NOT NULL,
    input_tokens  INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    PRIMARY KEY (tenant, hour, model, error)
) WITHOUT ROWID;

-- For tools of one's own: names and columns stay as they are.
CREATE VIEW docsift_classifications AS SELECT
    day, id, tenant, state, source, batch, strftime('%Y-%m-%dT%H:%M:%fZ', nullif(created_at, 0) / 1e6, 'unixepoch') AS created_at, strftime('%Y-%m-%dT%H:%M:%fZ', nullif(started_at, 0) / 1e6, 'unixepoch') AS started_at, strftime('%Y-%m-%dT%H:%M:%fZ', nullif(finished_at, 0) / 1e6, 'unixepoch') AS finished_at,
    sha256, filename, mime, bytes, category, confidence, provider, model, taxonomy, policy, review, error, upgraded, backup, degraded, cached,
    cost_nano / 1e9 AS cost_usd, cost_known, guide_nano / 1e9 AS guide_usd, saved_nano / 1e9 AS saved_usd, duration_us / 1e3 AS duration_ms
    FROM classifications;

CREATE VIEW docsift_attempts AS SELECT
    day, id, tenant, strftime('%Y-%m-%dT%H:%M:%fZ', nullif(at, 0) / 1e6, 'unixepoch') AS sent_at, strftime('%Y-%m-%dT%H:%M:%fZ', nullif(closed_at, 0) / 1e6, 'unixepoch') AS closed_at, document, run, policy, stage, model, key_name, client, state,
    estimate_nano / 1e9 AS estimate_usd, cost_nano / 1e9 AS cost_usd, priced, input_tokens, cached_tokens, output_tokens, served, request_id, error
    FROM attempts;

CREATE VIEW docsift_stats_hour AS SELECT
    strftime('%Y-%m-%dT%H:00:00Z', hour * 3600, 'unixepoch') AS hour, tenant, source, provider, model, category, policy, error,
    sum(documents) AS documents, sum(cached) AS cached, sum(review) AS review, sum(upgraded) AS upgraded, sum(backup) AS backup,
    sum(degraded) AS degraded, sum(unpriced) AS unpriced,
    sum(cost_nano) / 1e9 AS cost_usd, sum(guide_nano) / 1e9 AS guide_usd, sum(saved_nano) / 1e9 AS saved_usd
    FROM (
        SELECT hour, tenant, source, provider, model, category, policy, error,
            documents, cached, review, upgraded, backup, degraded, unpriced, cost_nano, guide_nano, saved_nano FROM stats_hours
        UNION ALL
        SELECT hour, tenant, source, provider, model, category, policy, error,
            1, cached, review, upgraded, backup, degraded, unpriced, cost_nano, guide_nano, saved_nano FROM stats_tail
    ) every
    GROUP BY hour, tenant, source, provider, model, category, policy, error;
