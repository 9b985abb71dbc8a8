-- A test alert asks each rung for itself: whoever confirms it gives the code that its letter or call brought, and proves that
-- rung and no other. Until now "I am here" from any account proved the whole ladder, also with nothing sent to anybody.

-- Who was asked, as the ladder stood then, and through what. The code is made from the link key and never stored. test_alert
-- keeps who confirmed it first; what was confirmed before this table proves nothing, so a new test leaves at once.
CREATE TABLE test_alert_rung (
  test_id      INTEGER NOT NULL REFERENCES test_alert (id),
  place        INTEGER NOT NULL,
  rung_id      TEXT,
  rung         TEXT NOT NULL,
  address      TEXT NOT NULL,
  delivery_id  INTEGER NOT NULL REFERENCES delivery (id),
  webhook_id   INTEGER REFERENCES webhook_call (id),
  confirmed_at INTEGER,
  confirmed_by TEXT,
  PRIMARY KEY (test_id, place),
  CHECK ((confirmed_at IS NULL) = (confirmed_by IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX test_alert_rung_confirmed ON test_alert_rung (confirmed_at) WHERE confirmed_at IS NOT NULL;
CREATE TRIGGER test_alert_rung_kept BEFORE DELETE ON test_alert_rung
  BEGIN SELECT raise(ABORT, 'who was asked stays on record'); END;

-- What somebody without a code wrote: it proves nothing, and is there for whoever mends the ladder.
CREATE TABLE test_alert_note (
  id       INTEGER PRIMARY KEY,
  test_id  INTEGER NOT NULL REFERENCES test_alert (id),
  noted_at INTEGER NOT NULL,
  noted_by TEXT NOT NULL,
  note     TEXT NOT NULL
) STRICT;
CREATE INDEX test_alert_note_test ON test_alert_note (test_id, id);
CREATE TRIGGER test_alert_note_kept BEFORE DELETE ON test_alert_note
  BEGIN SELECT raise(ABORT, 'what was noted stays on record'); END;
