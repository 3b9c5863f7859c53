-- +goose Up
-- Who looks at what, so that nobody else does.
CREATE TABLE review_claims (
    classification text    NOT NULL PRIMARY KEY,
    day            integer NOT NULL, -- of the id
    tenant         text    NOT NULL,
    owner          text    NOT NULL, -- '': it is set aside for a while
    until          bigint  NOT NULL
);
CREATE INDEX review_claims_owner ON review_claims (tenant, owner);
CREATE INDEX review_claims_until ON review_claims (until);

-- What waits for a person, what is most likely wrong first.
CREATE INDEX classifications_review_order ON classifications (tenant, coalesce(confidence, -1), id, review, reviewed_at, state)
    WHERE review <> '' AND reviewed_at = 0 AND state <> 'canceled';
