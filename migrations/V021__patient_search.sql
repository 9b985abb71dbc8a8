-- Whoever answers the telephone finds the caller among 100,000 by any word of her name or case code, by status, by protocol.

CREATE VIRTUAL TABLE patient_words USING fts5 (
  reference, preferred_name, content = 'patient', content_rowid = 'id',
  tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
INSERT INTO patient_words (patient_words) VALUES ('rebuild');

CREATE TRIGGER patient_words_new AFTER INSERT ON patient BEGIN
  INSERT INTO patient_words (rowid, reference, preferred_name) VALUES (new.id, new.reference, new.preferred_name);
END;
CREATE TRIGGER patient_words_gone AFTER DELETE ON patient BEGIN
  INSERT INTO patient_words (patient_words, rowid, reference, preferred_name)
    VALUES ('delete', old.id, old.reference, old.preferred_name);
END;
CREATE TRIGGER patient_words_changed AFTER UPDATE OF reference, preferred_name ON patient
  WHEN old.reference IS NOT new.reference OR old.preferred_name IS NOT new.preferred_name BEGIN
  INSERT INTO patient_words (patient_words, rowid, reference, preferred_name)
    VALUES ('delete', old.id, old.reference, old.preferred_name);
  INSERT INTO patient_words (rowid, reference, preferred_name) VALUES (new.id, new.reference, new.preferred_name);
END;

CREATE INDEX patient_status ON patient (status);
CREATE INDEX enrolment_protocol ON enrolment (protocol, patient_id) WHERE state = 'active';
-- Who has nothing ahead of her is asked of every patient in follow-up: one look into a small index each.
CREATE INDEX follow_up_ahead ON follow_up (patient_id) WHERE next_at IS NOT NULL;
