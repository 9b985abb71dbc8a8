-- What a letter says and to whom stands beside its row, not in it: rows that grew as their letters were claimed split the pages
-- of the whole table, a third of what a letter wrote to disk. And that her day is taken stands in a column of its own: an
-- index whose rule names the state is written anew at every move.

CREATE TABLE sealed (
  delivery_id INTEGER PRIMARY KEY REFERENCES delivery (id),
  recipient   TEXT,
  inputs      TEXT,
  CHECK (recipient IS NOT NULL OR inputs IS NOT NULL)
) STRICT;
CREATE TABLE delivery_anew (
  id             INTEGER PRIMARY KEY,
  audience       TEXT NOT NULL CHECK (audience IN ('patient', 'staff')),
  purpose        TEXT NOT NULL CHECK (purpose = 'reminders' OR purpose = 'notice' OR purpose = 'alert' OR purpose = 'digest'
                   OR purpose = 'canary'),
  patient_id     INTEGER REFERENCES patient (id),
  local_on       TEXT NOT NULL,
  priority       INTEGER NOT NULL,
  state          TEXT NOT NULL CHECK (state = 'pending' OR state = 'claimed' OR state = 'sent' OR state = 'skipped'
                   OR state = 'lapsed' OR state = 'failed' OR state = 'unknown'),
  -- Set with an end that leaves her day free for another letter.
  frees_day      INTEGER NOT NULL DEFAULT 0,
  reason         TEXT,
  next_at        INTEGER,
  expires_at     INTEGER NOT NULL,
  lease_until    INTEGER,
  attempt        INTEGER NOT NULL DEFAULT 0,
  doubts         INTEGER NOT NULL DEFAULT 0,
  on_unknown     TEXT NOT NULL DEFAULT 'resend' CHECK (on_unknown IN ('resend', 'hold')),
  message_id     TEXT,
  wording_id     INTEGER REFERENCES wording (id),
  digest         BLOB,
  created_at     INTEGER NOT NULL,
  first_tried_at INTEGER,
  ended_at       INTEGER,
  reply_code     INTEGER,
  reply_text     TEXT,
  CHECK (frees_day = (state = 'skipped' OR state = 'lapsed' OR state = 'failed')),
  CHECK ((audience = 'patient') = (patient_id IS NOT NULL)),
  CHECK ((state = 'pending') = (next_at IS NOT NULL)),
  CHECK ((state = 'claimed') = (lease_until IS NOT NULL)),
  CHECK ((state IN ('pending', 'claimed')) = (ended_at IS NULL)),
  CHECK (reason IS NOT NULL OR state = 'pending' OR state = 'claimed' OR state = 'sent'),
  CHECK (message_id IS NOT NULL OR (state <> 'claimed' AND state <> 'sent' AND state <> 'unknown'))
) STRICT;
INSERT INTO sealed SELECT id, recipient, inputs FROM delivery WHERE recipient IS NOT NULL OR inputs IS NOT NULL;
INSERT INTO delivery_anew SELECT id, audience, purpose, patient_id, local_on, priority, state,
  state = 'skipped' OR state = 'lapsed' OR state = 'failed', reason, next_at, expires_at, lease_until, attempt, doubts,
  on_unknown, message_id, wording_id, digest, created_at, first_tried_at, ended_at, reply_code, reply_text
  FROM delivery;
DROP TABLE delivery;
ALTER TABLE delivery_anew RENAME TO delivery;
CREATE INDEX delivery_due ON delivery (priority, next_at) WHERE state = 'pending';
CREATE INDEX delivery_leased ON delivery (lease_until) WHERE state = 'claimed';
CREATE INDEX delivery_unknown ON delivery (ended_at) WHERE state = 'unknown';
CREATE INDEX delivery_patient ON delivery (patient_id, local_on) WHERE patient_id IS NOT NULL;
CREATE INDEX delivery_waiting ON delivery (patient_id) WHERE state = 'pending';
CREATE UNIQUE INDEX delivery_day ON delivery (patient_id, local_on) WHERE purpose = 'reminders' AND frees_day = 0;
CREATE TRIGGER delivery_kept BEFORE DELETE ON delivery BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER sealed_kept BEFORE DELETE ON sealed BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
