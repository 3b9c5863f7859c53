-- +goose Up
CREATE TABLE batches (
    id          text    NOT NULL PRIMARY KEY, -- a UUID of version 7
    tenant      text    NOT NULL,
    name        text    NOT NULL,
    state       text    NOT NULL, -- open: more may come; closed; canceled
    created_at  bigint  NOT NULL,
    closed_at   bigint  NOT NULL,
    finished_at bigint  NOT NULL, -- 0: not all of it is done
    request     text    NOT NULL  -- JSON
);
CREATE INDEX batches_tenant ON batches (tenant, id);
CREATE INDEX batches_unfinished ON batches (id) WHERE finished_at = 0;

CREATE TABLE feedback (
    id             text    NOT NULL PRIMARY KEY,
    tenant         text    NOT NULL,
    classification text    NOT NULL,
    category       text    NOT NULL, -- what it really is
    was            text    NOT NULL, -- what it was classified as
    by             text    NOT NULL,
    note           text    NOT NULL,
    at             bigint  NOT NULL
);
CREATE INDEX feedback_classification ON feedback (classification, id);
CREATE INDEX feedback_tenant ON feedback (tenant, id);

-- When a person last looked at it; 0: nobody has.
ALTER TABLE classifications ADD COLUMN reviewed_at bigint  NOT NULL DEFAULT 0;
CREATE INDEX classifications_open_review ON classifications (tenant, day, id) WHERE review <> '' AND reviewed_at = 0;
