-- What left, or may have left, after the backup was made that took the database's place, as the sent journal or the database
-- that was there before tells it: nobody gets a letter twice.
CREATE TABLE prior_letter (
  id          INTEGER PRIMARY KEY,
  -- The number it had there; a row of ours only up to the fence of that restore.
  delivery_id INTEGER NOT NULL,
  certainty   TEXT NOT NULL CHECK (certainty IN ('sent', 'in-doubt')),
  left_at     INTEGER NOT NULL,
  restored_at INTEGER NOT NULL REFERENCES fence (at)
) STRICT;
CREATE INDEX prior_letter_delivery ON prior_letter (delivery_id);

-- The promises it held, each as a digest of case code, protocol, series, step and day under the key of the journal.
CREATE TABLE prior_promise (
  promise         TEXT NOT NULL,
  prior_letter_id INTEGER NOT NULL REFERENCES prior_letter (id),
  PRIMARY KEY (promise, prior_letter_id)
) STRICT, WITHOUT ROWID;

-- Where somebody stood whom the backup does not have: if she is put on record again she is not written to.
CREATE TABLE prior_status (
  who         TEXT PRIMARY KEY,
  status      TEXT NOT NULL,
  restored_at INTEGER NOT NULL REFERENCES fence (at)
) STRICT, WITHOUT ROWID;

-- Letters that a person lets leave although they may have left before a backup was restored.
CREATE TABLE prior_release (
  delivery_id INTEGER PRIMARY KEY REFERENCES delivery (id),
  released_at INTEGER NOT NULL
) STRICT;

-- The key under which the journal names patients and promises: who has the journal alone reads neither from it.
INSERT INTO fact (name, value) VALUES ('journal-key', lower(hex(randomblob(32))));
