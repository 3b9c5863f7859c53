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

CREATE TABLE stats_tail ( -- what is finished and not yet in the hours below
    id          text NOT NULL PRIMARY KEY,
    hour        bigint NOT NULL, -- in which it was finished, counted from 1970
    tenant      text NOT NULL,
    source      text NOT NULL,
    provider    text NOT NULL,
    model       text NOT NULL,
    category    text NOT NULL,
    policy      text NOT NULL,
    error       text NOT NULL,
    cached      integer NOT NULL, -- 1 or 0, as are the others that are counted
    review      integer NOT NULL,
    upgraded    integer NOT NULL,
    backup      integer NOT NULL,
    degraded    integer NOT NULL,
    unpriced    integer NOT NULL,
    cost_nano   bigint NOT NULL,
    guide_nano  bigint NOT NULL,
    saved_nano  bigint NOT NULL,
    bucket      integer NOT NULL -- of the duration: its logarithm to the base 1.1, from 1 µs on
);

CREATE TABLE stats_hours (
    hour        bigint NOT NULL, -- in which it was finished, counted from 1970
    tenant      text NOT NULL,
    source      text NOT NULL,
    provider    text NOT NULL,
    model       text NOT NULL,
    category    text NOT NULL,
    policy      text NOT NULL,
    error       text NOT NULL,
    documents   bigint NOT NULL,
    cached      bigint NOT NULL,
    review      bigint NOT NULL,
    upgraded    bigint NOT NULL,
    backup      bigint NOT NULL,
    degraded    bigint NOT NULL,
    unpriced    bigint NOT NULL,
    cost_nano   bigint NOT NULL,
    guide_nano  bigint NOT NULL,
    saved_nano  bigint NOT NULL,
    PRIMARY KEY (tenant, hour, source, provider, model, category, policy, error)
);

CREATE TABLE stats_durations (
    hour        bigint NOT NULL,
    tenant      text NOT NULL,
    source      text NOT NULL,
    provider    text NOT NULL,
    model       text NOT NULL,
    bucket      integer NOT NULL,
    documents   bigint NOT NULL,
    PRIMARY KEY (tenant, hour, source, provider, model, bucket)
);

CREATE TABLE stats_calls ( -- requests to providers, by the hour in which they ended
    hour          bigint NOT NULL,
    tenant        text NOT NULL,
    model         text NOT NULL,
    error         text NOT NULL, -- '' for an answer
    calls         bigint NOT NULL,
    unknown       bigint NOT NULL,
    cost_nano     bigint NOT NULL,
    input_tokens  bigint NOT NULL,
    cached_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    PRIMARY KEY (tenant, hour, model, error)
);

-- For tools of one's own: names and columns stay as they are.
CREATE VIEW docsift_classifications AS SELECT
    day, id, tenant, state, source, batch, to_timestamp(nullif(created_at, 0) / 1e6) AS created_at, to_timestamp(nullif(started_at, 0) / 1e6) AS started_at, to_timestamp(nullif(finished_at, 0) / 1e6) AS finished_at,
    sha256, filename, mime, bytes, category, confidence, provider, model, taxonomy, policy, review, error, upgraded, backup, degraded, cached,
    cost_nano / 1e9::numeric AS cost_usd, cost_known, guide_nano / 1e9::numeric AS guide_usd, saved_nano / 1e9::numeric AS saved_usd, duration_us / 1e3 AS duration_ms
    FROM classifications;

CREATE VIEW docsift_attempts AS SELECT
    day, id, tenant, to_timestamp(nullif(at, 0) / 1e6) AS sent_at, to_timestamp(nullif(closed_at, 0) / 1e6) AS closed_at, document, run, policy, stage, model, key_name, client, state,
    estimate_nano / 1e9::numeric AS estimate_usd, cost_nano / 1e9::numeric AS cost_usd, priced, input_tokens, cached_tokens, output_tokens, served, request_id, error
    FROM attempts;

CREATE VIEW docsift_stats_hour AS SELECT
    to_timestamp(hour * 3600::double precision) AS hour, tenant, source, provider, model, category, policy, error,
    sum(documents) AS documents, sum(cached) AS cached, sum(review) AS review, sum(upgraded) AS upgraded, sum(backup) AS backup,
    sum(degraded) AS degraded, sum(unpriced) AS unpriced,
    sum(cost_nano) / 1e9::numeric AS cost_usd, sum(guide_nano) / 1e9::numeric AS guide_usd, sum(saved_nano) / 1e9::numeric AS saved_usd
    FROM (
        SELECT hour, tenant, source, provider, model, category, policy, error,
            documents, cached, review, upgraded, backup, degraded, unpriced, cost_nano, guide_nano, saved_nano FROM stats_hours
        UNION ALL
        SELECT hour, tenant, source, provider, model, category, policy, error,
            1, cached, review, upgraded, backup, degraded, unpriced, cost_nano, guide_nano, saved_nano FROM stats_tail
    ) every
    GROUP BY hour, tenant, source, provider, model, category, policy, error;
