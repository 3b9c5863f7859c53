-- +goose Up
-- Categories that tenants made. A version never changes.
CREATE TABLE taxonomies (
    tenant     text NOT NULL,
    id         text NOT NULL,
    version    text NOT NULL,
    source     text NOT NULL, -- YAML, as it was written
    whole      text NOT NULL, -- JSON, with what was known of its categories when it was saved
    actor      text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant, id, version)
);
-- Which version an id means. Without a row it means what it means to everybody.
CREATE TABLE taxonomies_used (
    tenant  text NOT NULL,
    id      text NOT NULL,
    version text NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- What waits for a person, what is most risky to leave as it is first.
ALTER TABLE classifications ADD COLUMN risk double precision NOT NULL DEFAULT 0;
UPDATE classifications SET risk = 1 - coalesce(confidence, 0) WHERE review <> '' AND reviewed_at = 0;
DROP INDEX classifications_review_order;
CREATE INDEX classifications_review_order ON classifications (tenant, risk DESC, id, review, reviewed_at, state)
    WHERE review <> '' AND reviewed_at = 0 AND state <> 'canceled';
