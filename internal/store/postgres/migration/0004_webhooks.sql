-- +goose Up
CREATE TABLE webhooks (
    id          text    NOT NULL, -- a UUID of version 7
    tenant      text    NOT NULL,
    url         text    NOT NULL,
    events      text    NOT NULL, -- JSON: the types that are wanted
    description text    NOT NULL,
    secrets     text    NOT NULL, -- JSON: sealed, the one that signs from now on first
    enabled     boolean NOT NULL,
    reason      text    NOT NULL, -- why it is not; '' for one that is
    created_at  bigint  NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX webhooks_tenant ON webhooks (tenant, id);

CREATE TABLE deliveries (
    day         integer NOT NULL, -- of the id, which is that of the subject
    id          text    NOT NULL, -- of the event at this webhook: a UUID made of the two
    webhook     text    NOT NULL,
    tenant      text    NOT NULL,
    type        text    NOT NULL, -- of the event
    subject     text    NOT NULL, -- the id of the classification or batch
    state       text    NOT NULL, -- waiting, delivered, dead
    attempts    bigint  NOT NULL, -- how often it was sent since it was last asked for
    status      bigint  NOT NULL, -- the HTTP status of the last answer; 0 for none
    error       text    NOT NULL, -- why the last attempt failed, as the tenant may know it
    next_at     bigint  NOT NULL, -- when it is sent again; 0 when it is not
    created_at  bigint  NOT NULL,
    finished_at bigint  NOT NULL, -- 0: not yet
    payload     text    NOT NULL, -- JSON
    PRIMARY KEY (day, id)
) PARTITION BY RANGE (day);
CREATE TABLE deliveries_other PARTITION OF deliveries DEFAULT;
CREATE INDEX deliveries_webhook ON deliveries (webhook, id);
CREATE INDEX deliveries_waiting ON deliveries (webhook, id) WHERE state = 'waiting';
CREATE INDEX deliveries_dead ON deliveries (webhook, id) WHERE state = 'dead';
