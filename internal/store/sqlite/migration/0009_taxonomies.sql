-- +goose Up
-- Categories that tenants made. A version never changes.
CREATE TABLE taxonomies (
    tenant     TEXT NOT NULL,
    id         TEXT NOT NULL,
    version    TEXT NOT NULL,
    source     TEXT NOT NULL, -- YAML, as it was written
    whole      TEXT NOT NULL, -- JSON, with what was known of its categories when it was saved
    actor      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id, version)
);
-- Which version an id means. Without a row it means what it means to everybody.
CREATE TABLE taxonomies_used (
    tenant  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- What waits for a person, what is most risky to leave as it is first.
ALTER TABLE classifications ADD COLUMN risk REAL NOT NULL DEFAULT 0;
UPDATE classifications SET risk = 1 - coalesce(confidence, 0) WHERE review <> '' AND reviewed_at = 0;
DROP INDEX classifications_review_order;
CREATE INDEX classifications_review_order ON classifications (tenant, risk DESC, id, review, reviewed_at, state)
    WHERE review <> '' AND reviewed_at = 0 AND state <> 'canceled';
