-- +goose Up
CREATE TABLE classifications (
    day           integer NOT NULL, -- of the id, counted from 1970
    id            text    NOT NULL, -- a UUID of version 7
    tenant        text    NOT NULL,
    state         text    NOT NULL, -- queued, running, completed, failed, canceled
    source        text    NOT NULL, -- sync, async, batch
    batch         text    NOT NULL,
    created_at    bigint NOT NULL, -- microseconds from 1970, as are all moments
    started_at    bigint NOT NULL,
    finished_at   bigint NOT NULL, -- 0: not yet
    sha256        text    NOT NULL,
    filename      text    NOT NULL,
    mime          text    NOT NULL,
    bytes         bigint NOT NULL,
    request       text    NOT NULL, -- JSON
    category      text    NOT NULL,
    confidence    double precision,
    provider      text    NOT NULL,
    model         text    NOT NULL,
    taxonomy      text    NOT NULL,
    policy        text    NOT NULL,
    review        text    NOT NULL, -- why a person should look; '' when nobody need
    error         text    NOT NULL, -- its code; '' when there is none
    upgraded      boolean NOT NULL,
    backup        boolean NOT NULL,
    degraded      boolean NOT NULL,
    cached        boolean NOT NULL,
    cost_nano     bigint NOT NULL, -- 10⁻⁹ US dollars, at the best estimate
    cost_known    boolean NOT NULL,
    guide_nano    bigint NOT NULL,
    saved_nano    bigint NOT NULL, -- what a cached answer had cost
    duration_us   bigint NOT NULL, -- of the classification itself
    result        text    NOT NULL, -- JSON; '' until there is one
    PRIMARY KEY (day, id)
) PARTITION BY RANGE (day);
CREATE TABLE classifications_other PARTITION OF classifications DEFAULT;
CREATE INDEX classifications_tenant ON classifications (tenant, day, id);
CREATE INDEX classifications_review ON classifications (tenant, review, day, id) WHERE review <> '';
CREATE INDEX classifications_batch ON classifications (batch, state) WHERE batch <> '';
CREATE INDEX classifications_digest ON classifications (tenant, sha256, day, id);

CREATE TABLE jobs (
    kind       text    NOT NULL,
    id         text    NOT NULL,
    tenant     text    NOT NULL,
    priority   bigint NOT NULL, -- the lowest goes first
    visible_at bigint NOT NULL, -- when it may be taken: of one that runs, when its lease ends
    attempt    bigint NOT NULL, -- how often it was taken
    kills      bigint NOT NULL, -- how often a lease ended with it
    worker     text    NOT NULL, -- who has it; '' for nobody
    deadline   bigint NOT NULL, -- 0 for none
    created_at bigint NOT NULL,
    payload    text    NOT NULL,
    PRIMARY KEY (kind, id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX jobs_ready ON jobs (kind, tenant, priority, visible_at, id);
CREATE INDEX jobs_worker ON jobs (worker) WHERE worker <> '';
