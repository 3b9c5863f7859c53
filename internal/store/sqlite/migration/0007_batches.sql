-- +goose Up
CREATE TABLE batches (
    id          TEXT    NOT NULL PRIMARY KEY, -- a UUID of version 7
    tenant      TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    state       TEXT    NOT NULL, -- open: more may come; closed; canceled
    created_at  INTEGER NOT NULL,
    closed_at   INTEGER NOT NULL,
    finished_at INTEGER NOT NULL, -- 0: not all of it is done
    request     TEXT    NOT NULL  -- JSON
);
CREATE INDEX batches_tenant ON batches (tenant, id);
CREATE INDEX batches_unfinished ON batches (id) WHERE finished_at = 0;

CREATE TABLE feedback (
    id             TEXT    NOT NULL PRIMARY KEY,
    tenant         TEXT    NOT NULL,
    classification TEXT    NOT NULL,
    category       TEXT    NOT NULL, -- what it really is
    was            TEXT    NOT NULL, -- what it was classified as
    by             TEXT    NOT NULL,
    note           TEXT    NOT NULL,
    at             INTEGER NOT NULL
);
CREATE INDEX feedback_classification ON feedback (classification, id);
CREATE INDEX feedback_tenant ON feedback (tenant, id);

-- When a person last looked at it; 0: nobody has.
ALTER TABLE classifications ADD COLUMN reviewed_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX classifications_open_review ON classifications (tenant, day, id) WHERE review <> '' AND reviewed_at = 0;
