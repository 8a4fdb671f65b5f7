-- +goose Up

-- Words that many rows share: destinations, resource types, "Patient.identifier".
CREATE TABLE name (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);

-- What came in, as it came. Rows are never changed. Times are microseconds since 1970.
CREATE TABLE message (
    id          INTEGER PRIMARY KEY,
    channel     TEXT    NOT NULL,
    lane        TEXT    NOT NULL,
    received    INTEGER NOT NULL,
    peer        TEXT    NOT NULL,
    control_id  TEXT    NOT NULL,
    sending_app TEXT    NOT NULL,
    sending_fac TEXT    NOT NULL,
    type        TEXT    NOT NULL,
    version     TEXT    NOT NULL,
    reused      INTEGER NOT NULL, -- 1: the control id came before with other content
    refused     INTEGER NOT NULL, -- 1: dead on arrival
    ack_code    TEXT    NOT NULL,
    ack         BLOB    NOT NULL,
    sha         BLOB    NOT NULL, -- SHA-256 of the body
    body        BLOB    NOT NULL  -- zstd
);

-- Finds earlier copies of a message: h is a hash of channel, MSH-3, MSH-4 and MSH-10, sha the
-- first 8 bytes of the body's SHA-256. Equality is checked again on the message itself.
CREATE TABLE twin (
    h       INTEGER NOT NULL,
    sha     INTEGER NOT NULL,
    message INTEGER NOT NULL,
    PRIMARY KEY (h, sha, message)
) WITHOUT ROWID;

-- What became of a message at one destination. The numbers of the states are those of message.State;
-- "claimed" is never written, for a claim does not outlive the process.
CREATE TABLE delivery (
    message     INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    state       INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    changed     INTEGER NOT NULL,
    retry_at    INTEGER NOT NULL,
    kind        TEXT    NOT NULL, -- kind, place and text: why it is retrying or dead
    place       TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    steps       TEXT    NOT NULL, -- one line a step: microseconds, name, note; tabs between
    PRIMARY KEY (message, destination)
) WITHOUT ROWID;

-- All but the delivered (3), which are the many.
CREATE INDEX delivery_other ON delivery (state, message) WHERE state <> 3;

-- The work still to do, in the order in which each lane must do it. The one small table that shrinks.
CREATE TABLE pending (
    destination INTEGER NOT NULL,
    lane        INTEGER NOT NULL, -- hash of the lane's key
    message     INTEGER NOT NULL,
    PRIMARY KEY (destination, lane, message)
) WITHOUT ROWID;

-- How many deliveries are in each state.
CREATE TABLE tally (
    destination INTEGER NOT NULL,
    state       INTEGER NOT NULL,
    n           INTEGER NOT NULL,
    PRIMARY KEY (destination, state)
) WITHOUT ROWID;

-- The current version of each FHIR resource. pk is given out in order and never changes.
CREATE TABLE resource (
    pk      INTEGER PRIMARY KEY,
    type    INTEGER NOT NULL,
    id      TEXT    NOT NULL,
    version INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    message INTEGER NOT NULL, -- the message that wrote it, or 0
    body    BLOB    NOT NULL  -- zstd with dictionary; JSON without meta.versionId and meta.lastUpdated
);
CREATE UNIQUE INDEX resource_id ON resource (type, id);
CREATE INDEX resource_live ON resource (type, updated, pk) WHERE deleted = 0;

-- Earlier versions.
CREATE TABLE version (
    pk      INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    message INTEGER NOT NULL,
    body    BLOB    NOT NULL,
    PRIMARY KEY (pk, version)
);

-- Which versions of which resources a message wrote.
CREATE TABLE produced (
    message INTEGER NOT NULL,
    pk      INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (message, pk, version)
) WITHOUT ROWID;

-- The search index. sp is the name of type and parameter; a row is its own key, so that what
-- belongs together lies together. It finds candidates; the body decides.
CREATE TABLE ix_hash ( -- tokens (40 bits of the code, 24 of the system), references, URIs
    sp INTEGER NOT NULL,
    h  INTEGER NOT NULL,
    pk INTEGER NOT NULL,
    PRIMARY KEY (sp, h, pk)
) WITHOUT ROWID;
CREATE TABLE ix_date ( -- from lo to before hi
    sp INTEGER NOT NULL,
    lo INTEGER NOT NULL,
    hi INTEGER NOT NULL,
    pk INTEGER NOT NULL,
    PRIMARY KEY (sp, lo, hi, pk)
) WITHOUT ROWID;
CREATE TABLE ix_string ( -- the beginning of the normalised text
    sp   INTEGER NOT NULL,
    norm TEXT    NOT NULL,
    pk   INTEGER NOT NULL,
    PRIMARY KEY (sp, norm, pk)
) WITHOUT ROWID;
