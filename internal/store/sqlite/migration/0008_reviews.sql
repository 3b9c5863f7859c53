-- +goose Up
-- Who looks at what, so that nobody else does.
CREATE TABLE review_claims (
    classification TEXT    NOT NULL PRIMARY KEY,
    day            INTEGER NOT NULL, -- of the id
    tenant         TEXT    NOT NULL,
    owner          TEXT    NOT NULL, -- '': it is set aside for a while
    until          INTEGER NOT NULL
);
CREATE INDEX review_claims_owner ON review_claims (tenant, owner);
CREATE INDEX review_claims_until ON review_claims (until);

-- What waits for a person, what is most likely wrong first.
CREATE INDEX classifications_review_order ON classifications (tenant, coalesce(confidence, -1), id, review, reviewed_at, state)
    WHERE review <> '' AND reviewed_at = 0 AND state <> 'canceled';

-- What lists are filtered by, so that the answers, which are large, are read only of what is listed.
DROP INDEX classifications_tenant;
CREATE INDEX classifications_tenant ON classifications (tenant, day, id, state, category, provider, error, review, filename);
