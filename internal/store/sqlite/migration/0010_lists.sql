-- +goose Up
-- What lists are filtered by, so that the answers, which are large, are read only of what is listed.
DROP INDEX classifications_tenant;
CREATE INDEX classifications_tenant ON classifications (tenant, day, id, created_at, state, source, category, provider, error, reviewed_at, filename);

-- What may be rare is found without looking at all the rest.
CREATE INDEX classifications_category ON classifications (tenant, category, day, id, created_at, provider) WHERE category <> '';
CREATE INDEX classifications_provider ON classifications (tenant, provider, day, id, created_at) WHERE provider <> '';
CREATE INDEX classifications_error ON classifications (tenant, day, id, created_at, error, state, category) WHERE error <> '';
CREATE INDEX classifications_queued ON classifications (tenant, day, id, created_at) WHERE state = 'queued';
CREATE INDEX classifications_batch_order ON classifications (batch, day, id, tenant, created_at) WHERE batch <> '';
DROP INDEX classifications_review;
DROP INDEX classifications_open_review;
CREATE INDEX classifications_reviews ON classifications (tenant, day, id, created_at, review, reviewed_at, category) WHERE review <> '';
