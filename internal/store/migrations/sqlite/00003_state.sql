-- +goose Up

-- What the one who writes a resource must know of it and FHIR has no place for: who said what of
-- it, and when. It belongs to the current version alone.
ALTER TABLE resource ADD COLUMN state BLOB;
