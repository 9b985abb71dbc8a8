-- What a person says of an alert or of bone spread has consequences, and a way back: which steps followed from a closed alert,
-- and which notes of known bone spread were withdrawn, by whom and why.

-- One row a step that was chosen as an alert ended, or later; until_on is the last day of a pause.
CREATE TABLE alert_closure_step (
  alert_id INTEGER NOT NULL REFERENCES alert (id),
  step     TEXT NOT NULL CHECK (step IN ('bone-spread', 'pause', 'recurrence', 'tell-team', 'book-treatment', 'tell-gp')),
  until_on TEXT,
  taken_at INTEGER NOT NULL,
  taken_by TEXT NOT NULL,
  PRIMARY KEY (alert_id, step),
  CHECK ((step = 'pause') = (until_on IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- bone_spread holds what is known now; a note that was withdrawn moves here, so that the record keeps both.
CREATE TABLE bone_spread_withdrawal (
  id           INTEGER PRIMARY KEY,
  patient_id   INTEGER NOT NULL REFERENCES patient (id),
  noted_by     TEXT NOT NULL,
  noted_at     INTEGER NOT NULL,
  withdrawn_by TEXT NOT NULL,
  withdrawn_at INTEGER NOT NULL,
  reason       TEXT NOT NULL
) STRICT;
CREATE INDEX bone_spread_withdrawal_patient ON bone_spread_withdrawal (patient_id, id);
CREATE TRIGGER bone_spread_withdrawal_kept BEFORE DELETE ON bone_spread_withdrawal
  BEGIN SELECT raise(ABORT, 'what was withdrawn stays on record'); END;
