-- +goose Up
CREATE TABLE classifications (
    day           INTEGER NOT NULL, -- of the id, counted from 1970
    id            TEXT    NOT NULL, -- a UUID of version 7
    tenant        TEXT    NOT NULL,
    state         TEXT    NOT NULL, -- queued, running, completed, failed, canceled
    source        TEXT    NOT NULL, -- sync, async, batch
    batch         TEXT    NOT NULL,
    created_at    INTEGER NOT NULL, -- microseconds from 1970, as are all moments
    started_at    INTEGER NOT NULL,
    finished_at   INTEGER NOT NULL, -- 0: not yet
    sha256        TEXT    NOT NULL,
    filename      TEXT    NOT NULL,
    mime          TEXT    NOT NULL,
    bytes         INTEGER NOT NULL,
    request       TEXT    NOT NULL, -- JSON
    category      TEXT    NOT NULL,
    confidence    REAL,
    provider      TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    taxonomy      TEXT    NOT NULL,
    policy        TEXT    NOT NULL,
    review        TEXT    NOT NULL, -- why a person should look; '' when nobody need
    error         TEXT    NOT NULL, -- its code; '' when there is none
    upgraded      BOOLEAN NOT NULL,
    backup        BOOLEAN NOT NULL,
    degraded      BOOLEAN NOT NULL,
    cached        BOOLEAN NOT NULL,
    cost_nano     INTEGER NOT NULL, -- 10⁻⁹ US dollars, at the best estimate
    cost_known    BOOLEAN NOT NULL,
    guide_nano    INTEGER NOT NULL,
    saved_nano    INTEGER NOT NULL, -- what a cached answer had cost
    duration_us   INTEGER NOT NULL, -- of the classification itself
    result        TEXT    NOT NULL, -- JSON; '' until there is one
    PRIMARY KEY (day, id)
) WITHOUT ROWID;
CREATE INDEX classifications_tenant ON classifications (tenant, day, id);
CREATE INDEX classifications_review ON classifications (tenant, review, day, id) WHERE review <> '';
CREATE INDEX classifications_batch ON classifications (batch, state) WHERE batch <> '';
CREATE INDEX classifications_digest ON classifications (tenant, sha256, day, id);

CREATE TABLE jobs (
    kind       TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    tenant     TEXT    NOT NULL,
    priority   INTEGER NOT NULL, -- the lowest goes first
    visible_at INTEGER NOT NULL, -- when it may be taken: of one that runs, when its lease ends
    attempt    INTEGER NOT NULL, -- how often it was taken
    kills      INTEGER NOT NULL, -- how often a lease ended with it
    worker     TEXT    NOT NULL, -- who has it; '' for nobody
    deadline   INTEGER NOT NULL, -- 0 for none
    created_at INTEGER NOT NULL,
    payload    TEXT    NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX jobs_ready ON jobs (kind, tenant, priority, visible_at, id);
CREATE INDEX jobs_worker ON jobs (worker) WHERE worker <> '';
