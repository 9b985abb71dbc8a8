-- Who acts for a patient is on record with her consent and its end, and gets her letters in her place.

CREATE TABLE patient_proxy (
  id             INTEGER PRIMARY KEY,
  patient_id     INTEGER NOT NULL REFERENCES patient (id),
  name           TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  relation       TEXT NOT NULL CHECK (length(relation) BETWEEN 1 AND 100),
  -- Her letters go here, and nowhere else.
  email          TEXT NOT NULL,
  language       TEXT NOT NULL,
  -- Who agreed to it, in words, and on which day.
  consent_by     TEXT NOT NULL CHECK (length(consent_by) BETWEEN 1 AND 100),
  consent_on     TEXT NOT NULL,
  -- The last day on which letters go to the proxy; nothing where it goes on until somebody ends it.
  until          TEXT,
  recorded_at    INTEGER NOT NULL,
  recorded_by    TEXT NOT NULL,
  -- When the address was refused for good; no letter leaves to it any more.
  refused_at     INTEGER,
  ended_at       INTEGER,
  ended_by       TEXT,
  end_reason     TEXT,
  CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT;
CREATE UNIQUE INDEX patient_proxy_open ON patient_proxy (patient_id) WHERE ended_at IS NULL;
CREATE INDEX patient_proxy_of ON patient_proxy (patient_id, id);
CREATE INDEX patient_proxy_mailbox ON patient_proxy (email COLLATE NOCASE) WHERE ended_at IS NULL;
CREATE INDEX patient_proxy_until ON patient_proxy (until) WHERE ended_at IS NULL AND until IS NOT NULL;
CREATE TRIGGER patient_proxy_fixed
  BEFORE UPDATE OF id, patient_id, name, relation, email, language, consent_by, consent_on, until, recorded_at, recorded_by
  ON patient_proxy
  BEGIN SELECT raise(ABORT, 'a proxy is not changed: end it and record another'); END;
CREATE TRIGGER patient_proxy_ended BEFORE UPDATE ON patient_proxy WHEN old.ended_at IS NOT NULL
  BEGIN SELECT raise(ABORT, 'this proxy ended already'); END;

-- Who acted for her when somebody else filled the form in.
ALTER TABLE response ADD COLUMN proxy_id INTEGER REFERENCES patient_proxy (id) ON DELETE SET NULL;
