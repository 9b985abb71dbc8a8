-- What retention allows is erased by two people: one asks, another agrees. Of the record a husk stays, so that counts, the ledger
-- and the audit hold, and a digest of its case code, so that no list takes her in anew and nothing is ever sent to her again.

CREATE TABLE erasure (
  id         INTEGER PRIMARY KEY,
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  -- Whether her record was given out before, or nobody wants that.
  export     TEXT NOT NULL CHECK (export IN ('made', 'not-wanted')),
  asked_by   TEXT NOT NULL,
  asked_at   INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('asked', 'erased', 'declined', 'expired')),
  ended_by   TEXT,
  ended_at   INTEGER,
  CHECK ((state = 'asked') = (ended_at IS NULL)),
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX erasure_open ON erasure (patient_id) WHERE state = 'asked';
CREATE INDEX erasure_asked ON erasure (id) WHERE state = 'asked';
CREATE TRIGGER erasure_kept BEFORE DELETE ON erasure BEGIN SELECT raise(ABORT, 'what was asked stays on record'); END;

-- Whose record is a husk; those that were merged into it as well. The digest of the case code is made with a key of this
-- database's own (fact `erasure-key`): one that lies beside it could be lost or replaced, and she would come back.
CREATE TABLE erased_patient (
  patient_id INTEGER PRIMARY KEY REFERENCES patient (id),
  erasure_id INTEGER NOT NULL REFERENCES erasure (id),
  digest     BLOB NOT NULL UNIQUE,
  erased_at  INTEGER NOT NULL
) STRICT;
CREATE TRIGGER erased_patient_kept BEFORE DELETE ON erased_patient
  BEGIN SELECT raise(ABORT, 'that a record was erased stays on record'); END;
CREATE TRIGGER erased_patient_fixed BEFORE UPDATE ON erased_patient
  BEGIN SELECT raise(ABORT, 'that a record was erased stays as it is'); END;

-- Records that are nobody's any more: merged with another, or erased.
CREATE VIEW ended_record (patient_id) AS
  SELECT patient_id FROM patient_merge UNION ALL SELECT patient_id FROM erased_patient;

-- Whatever forgets to ask writes nothing to a husk, and nothing to her.
CREATE TRIGGER patient_erased_fixed BEFORE UPDATE ON patient
  WHEN old.reference = 'erased-' || old.id AND EXISTS (SELECT 1 FROM erased_patient e WHERE e.patient_id = old.id)
  BEGIN SELECT raise(ABORT, 'this record was erased'); END;
CREATE TRIGGER delivery_to_erased BEFORE INSERT ON delivery
  WHEN EXISTS (SELECT 1 FROM erased_patient e WHERE e.patient_id = new.patient_id)
  BEGIN SELECT raise(ABORT, 'this record was erased'); END;
CREATE TRIGGER enrolment_of_erased BEFORE INSERT ON enrolment
  WHEN EXISTS (SELECT 1 FROM erased_patient e WHERE e.patient_id = new.patient_id)
  BEGIN SELECT raise(ABORT, 'this record was erased'); END;
CREATE TRIGGER contact_of_erased BEFORE INSERT ON contact
  WHEN EXISTS (SELECT 1 FROM erased_patient e WHERE e.patient_id = new.patient_id)
  BEGIN SELECT raise(ABORT, 'this record was erased'); END;
CREATE TRIGGER response_of_erased BEFORE INSERT ON response
  WHEN EXISTS (SELECT 1 FROM erased_patient e WHERE e.patient_id = new.patient_id)
  BEGIN SELECT raise(ABORT, 'this record was erased'); END;

-- What is never changed or deleted is so until the record is erased.
DROP TRIGGER sealed_kept;
CREATE TRIGGER sealed_kept BEFORE DELETE ON sealed
  WHEN NOT EXISTS (SELECT 1 FROM delivery d JOIN erased_patient e ON e.patient_id = d.patient_id WHERE d.id = old.delivery_id)
  BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
DROP TRIGGER bone_spread_withdrawal_kept;
CREATE TRIGGER bone_spread_withdrawal_kept BEFORE DELETE ON bone_spread_withdrawal
  WHEN NOT EXISTS (SELECT 1 FROM erased_patient e WHERE e.patient_id = old.patient_id)
  BEGIN SELECT raise(ABORT, 'what was withdrawn stays on record'); END;
DROP TRIGGER contact_log_fixed;
CREATE TRIGGER contact_log_fixed BEFORE UPDATE ON contact_log
  WHEN NOT EXISTS (SELECT 1 FROM erased_patient e WHERE e.patient_id = old.patient_id)
  BEGIN SELECT raise(ABORT, 'an entry is not changed: write another'); END;

-- Who may be due is asked of those who left, not of everybody; and when somebody last spoke with her, of her own entries.
CREATE INDEX patient_left ON patient (id, status, status_at, created_at)
  WHERE status IN ('transferred', 'opted_out_email', 'deceased');
CREATE INDEX contact_log_patient ON contact_log (patient_id, logged_at) WHERE patient_id IS NOT NULL;

-- A name that is taken off the search goes from its pages at once, and those taken off earlier go now.
INSERT INTO patient_words (patient_words, rank) VALUES ('secure-delete', 1);
INSERT INTO patient_words (patient_words) VALUES ('rebuild');
