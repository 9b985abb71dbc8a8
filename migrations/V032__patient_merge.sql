-- Two records of one woman become one: the record that ended leads to the one that stays, and nothing is written to it again.
CREATE TABLE patient_merge (
  patient_id INTEGER PRIMARY KEY REFERENCES patient (id),
  into_id    INTEGER NOT NULL REFERENCES patient (id),
  merged_at  INTEGER NOT NULL,
  merged_by  TEXT NOT NULL,
  CHECK (patient_id <> into_id)
) STRICT;
CREATE INDEX patient_merge_into ON patient_merge (into_id);

CREATE TRIGGER patient_merge_kept BEFORE DELETE ON patient_merge BEGIN SELECT raise(ABORT, 'a merge stays on record'); END;

-- Whatever forgets to ask writes nothing to a record that ended: it has no address and stands nowhere.
CREATE TRIGGER patient_merged_fixed BEFORE UPDATE OF status, email ON patient
  WHEN EXISTS (SELECT 1 FROM patient_merge m WHERE m.patient_id = old.id)
    AND (new.status <> old.status OR new.email IS NOT NULL)
  BEGIN SELECT raise(ABORT, 'this record was merged with another'); END;
