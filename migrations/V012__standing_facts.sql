-- A task may stand for a lasting condition: ticked off too early it must come back while the condition lasts, and close
-- itself when it ends. What cannot be read from the rest of the record (a fact, a patient's status) is written down here.

CREATE TABLE standing (
  kind         TEXT NOT NULL,
  cause        TEXT NOT NULL,
  patient_id   INTEGER REFERENCES patient (id),
  follow_up_id INTEGER REFERENCES follow_up (id),
  reason       TEXT NOT NULL,
  since        INTEGER NOT NULL,
  PRIMARY KEY (kind, cause)
) STRICT, WITHOUT ROWID;
CREATE INDEX standing_patient ON standing (patient_id) WHERE patient_id IS NOT NULL;

INSERT INTO standing (kind, cause, patient_id, follow_up_id, reason, since)
  SELECT kind, cause, patient_id, follow_up_id, reason, opened_at FROM task
  WHERE state = 'open' AND kind IN ('backup-failed', 'mail-refused', 'record-unreadable', 'rung-unreachable');

-- Each pass asks who stands so.
CREATE INDEX patient_address_bad ON patient (id) WHERE status = 'address_bad';
CREATE INDEX patient_without_address ON patient (id) WHERE email IS NULL;
