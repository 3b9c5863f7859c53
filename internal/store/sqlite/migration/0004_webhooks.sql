-- +goose Up
CREATE TABLE webhooks (
    id          TEXT    NOT NULL, -- a UUID of version 7
    tenant      TEXT    NOT NULL,
    url         TEXT    NOT NULL,
    events      TEXT    NOT NULL, -- JSON: the types that are wanted
    description TEXT    NOT NULL,
    secrets     TEXT    NOT NULL, -- JSON: sealed, the one that signs from now on first
    enabled     BOOLEAN NOT NULL,
    reason      TEXT    NOT NULL, -- why it is not; '' for one that is
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;
CREATE INDEX webhooks_tenant ON webhooks (tenant, id);

CREATE TABLE deliveries (
    day         INTEGER NOT NULL, -- of the id, which is that of the subject
    id          TEXT    NOT NULL, -- of the event at this webhook: a UUID made of the two
    webhook     TEXT    NOT NULL,
    tenant      TEXT    NOT NULL,
    type        TEXT    NOT NULL, -- of the event
    subject     TEXT    NOT NULL, -- the id of the classification or batch
    state       TEXT    NOT NULL, -- waiting, delivered, dead
    attempts    INTEGER NOT NULL, -- how often it was sent since it was last asked for
    status      INTEGER NOT NULL, -- the HTTP status of the last answer; 0 for none
    error       TEXT    NOT NULL, -- why the last attempt failed, as the tenant may know it
    next_at     INTEGER NOT NULL, -- when it is sent again; 0 when it is not
    created_at  INTEGER NOT NULL,
    finished_at INTEGER NOT NULL, -- 0: not yet
    payload     TEXT    NOT NULL, -- JSON
    PRIMARY KEY (day, id)
) WITHOUT ROWID;
CREATE INDEX deliveries_webhook ON deliveries (webhook, id);
CREATE INDEX deliveries_waiting ON deliveries (webhook, id) WHERE state = 'waiting';
CREATE INDEX deliveries_dead ON deliveries (webhook, id) WHERE state = 'dead';
