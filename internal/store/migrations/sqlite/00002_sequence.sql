-- +goose Up

-- Numbers of the sequence number protocol (HL7 v2.9 2.10.1), one row for each pair of applications.
CREATE TABLE sequence (
    channel TEXT    NOT NULL,
    link    TEXT    NOT NULL, -- MSH-3 to MSH-6
    next    INTEGER NOT NULL, -- the number that is expected; -1: any
    last    BLOB    NOT NULL, -- SHA-256 of the message that was accepted last
    PRIMARY KEY (channel, link)
) WITHOUT ROWID;
