-- The same tables, cheaper to write to. SQLite builds a table of its own for every list of more than two words each time it
-- checks one, which costs more than writing a row; the same rules as alternatives cost next to nothing.
-- Tokens and Message-IDs name their row under a veil (journey/link.rs), so no index over random bytes is kept: each letter
-- touched pages of them that no other letter touched.
-- And what belongs to one patient, follow-up or cause is found without reading what belongs to everybody else, or what she was
-- sent over the years.

CREATE TABLE patient_anew (
  id             INTEGER PRIMARY KEY,
  reference      TEXT NOT NULL UNIQUE,
  preferred_name TEXT NOT NULL,
  birth_on       TEXT NOT NULL,
  email          TEXT,
  language       TEXT NOT NULL,
  zone           TEXT NOT NULL,
  detail         TEXT NOT NULL DEFAULT 'standard' CHECK (detail = 'minimal' OR detail = 'standard' OR detail = 'full'),
  shared_inbox   INTEGER NOT NULL DEFAULT 0 CHECK (shared_inbox IN (0, 1)),
  status         TEXT NOT NULL DEFAULT 'active' CHECK (status = 'active' OR status = 'paused'
                   OR status = 'recurrence_suspected' OR status = 'recurrence_confirmed' OR status = 'palliative'
                   OR status = 'transferred' OR status = 'opted_out_email' OR status = 'address_bad' OR status = 'deceased'),
  status_reason  TEXT,
  status_at      INTEGER NOT NULL,
  paused_until   TEXT CHECK (paused_until IS NULL OR status = 'paused'),
  created_at     INTEGER NOT NULL
) STRICT;
INSERT INTO patient_anew SELECT id, reference, preferred_name, birth_on, email, language, zone, detail, shared_inbox,
  status, status_reason, status_at, paused_until, created_at
  FROM patient;
DROP TABLE patient;
ALTER TABLE patient_anew RENAME TO patient;
CREATE INDEX patient_email ON patient (email) WHERE email IS NOT NULL;
CREATE INDEX patient_paused ON patient (paused_until) WHERE status = 'paused';

CREATE TABLE follow_up_anew (
  id            INTEGER PRIMARY KEY,
  enrolment_id  INTEGER NOT NULL REFERENCES enrolment (id),
  patient_id    INTEGER NOT NULL,
  series        TEXT NOT NULL,
  number        INTEGER NOT NULL CHECK (number >= 1),
  kind          TEXT NOT NULL CHECK (kind = 'visit' OR kind = 'test' OR kind = 'checklist' OR kind = 'leaflet'),
  due_on        TEXT NOT NULL,
  opens_on      TEXT NOT NULL,
  closes_on     TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state = 'planned' OR state = 'booked' OR state = 'done' OR state = 'missed'
                   OR state = 'cancelled'),
  next_at       INTEGER,
  promised_from INTEGER NOT NULL,
  closed_on     TEXT,
  closed_reason TEXT,
  UNIQUE (enrolment_id, series, number),
  CHECK (next_at IS NULL OR state IN ('planned', 'booked')),
  CHECK ((state = 'done' OR state = 'missed' OR state = 'cancelled') = (closed_on IS NOT NULL))
) STRICT;
INSERT INTO follow_up_anew SELECT id, enrolment_id, patient_id, series, number, kind, due_on, opens_on, closes_on, state,
  next_at, promised_from, closed_on, closed_reason
  FROM follow_up;
DROP TABLE follow_up;
ALTER TABLE follow_up_anew RENAME TO follow_up;
CREATE INDEX follow_up_next ON follow_up (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX follow_up_patient ON follow_up (patient_id);

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
  reason         TEXT,
  next_at        INTEGER,
  expires_at     INTEGER NOT NULL,
  lease_until    INTEGER,
  attempt        INTEGER NOT NULL DEFAULT 0,
  doubts         INTEGER NOT NULL DEFAULT 0,
  on_unknown     TEXT NOT NULL DEFAULT 'resend' CHECK (on_unknown IN ('resend', 'hold')),
  message_id     TEXT,
  recipient      TEXT,
  wording_id     INTEGER REFERENCES wording (id),
  inputs         TEXT,
  digest         BLOB,
  created_at     INTEGER NOT NULL,
  first_tried_at INTEGER,
  ended_at       INTEGER,
  reply_code     INTEGER,
  reply_text     TEXT,
  CHECK ((audience = 'patient') = (patient_id IS NOT NULL)),
  CHECK ((state = 'pending') = (next_at IS NOT NULL)),
  CHECK ((state = 'claimed') = (lease_until IS NOT NULL)),
  CHECK ((state IN ('pending', 'claimed')) = (ended_at IS NULL)),
  CHECK (reason IS NOT NULL OR state = 'pending' OR state = 'claimed' OR state = 'sent'),
  CHECK (message_id IS NOT NULL OR (state <> 'claimed' AND state <> 'sent' AND state <> 'unknown'))
) STRICT;
INSERT INTO delivery_anew SELECT id, audience, purpose, patient_id, local_on, priority, state, reason, next_at, expires_at,
  lease_until, attempt, doubts, on_unknown, message_id, recipient, wording_id, inputs, digest, created_at, first_tried_at,
  ended_at, reply_code, reply_text
  FROM delivery;
DROP TABLE delivery;
ALTER TABLE delivery_anew RENAME TO delivery;
CREATE INDEX delivery_due ON delivery (priority, next_at) WHERE state = 'pending';
CREATE INDEX delivery_leased ON delivery (lease_until) WHERE state = 'claimed';
CREATE INDEX delivery_unknown ON delivery (ended_at) WHERE state = 'unknown';
CREATE INDEX delivery_patient ON delivery (patient_id, local_on) WHERE patient_id IS NOT NULL;
CREATE INDEX delivery_waiting ON delivery (patient_id) WHERE state = 'pending';
CREATE UNIQUE INDEX delivery_day ON delivery (patient_id, local_on)
  WHERE purpose = 'reminders' AND state <> 'skipped' AND state <> 'lapsed' AND state <> 'failed';
CREATE TRIGGER delivery_kept BEFORE DELETE ON delivery BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;

CREATE TABLE attempt_anew (
  delivery_id INTEGER NOT NULL REFERENCES delivery (id),
  number      INTEGER NOT NULL,
  ended_at    INTEGER NOT NULL,
  verdict     TEXT NOT NULL CHECK (verdict = 'accepted' OR verdict = 'later' OR verdict = 'overloaded' OR verdict = 'refused'
                   OR verdict = 'bad-address' OR verdict = 'unknown' OR verdict = 'returned'),
  code        INTEGER,
  enhanced    TEXT,
  reply       TEXT NOT NULL,
  PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;
INSERT INTO attempt_anew SELECT delivery_id, number, ended_at, verdict, code, enhanced, reply
  FROM attempt;
DROP TABLE attempt;
ALTER TABLE attempt_anew RENAME TO attempt;
CREATE TRIGGER attempt_kept BEFORE DELETE ON attempt BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;

CREATE TABLE reminder_anew (
  id           INTEGER PRIMARY KEY,
  follow_up_id INTEGER NOT NULL REFERENCES follow_up (id),
  patient_id   INTEGER NOT NULL,
  trigger      TEXT NOT NULL CHECK (trigger = 'remind' OR trigger = 'booked' OR trigger = 'missed'),
  step         TEXT NOT NULL,
  basis_on     TEXT NOT NULL,
  send_on      TEXT NOT NULL,
  send_at      INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  state        TEXT NOT NULL CHECK (state = 'due' OR state = 'sent' OR state = 'answered' OR state = 'lapsed'
                   OR state = 'cancelled' OR state = 'undeliverable'),
  reason       TEXT,
  delivery_id  INTEGER REFERENCES delivery (id),
  UNIQUE (follow_up_id, trigger, step, basis_on),
  CHECK (state <> 'due' OR delivery_id IS NOT NULL),
  CHECK (reason IS NOT NULL OR (state <> 'lapsed' AND state <> 'cancelled' AND state <> 'undeliverable'))
) STRICT;
INSERT INTO reminder_anew SELECT id, follow_up_id, patient_id, trigger, step, basis_on, send_on, send_at, expires_at,
  state, reason, delivery_id
  FROM reminder;
DROP TABLE reminder;
ALTER TABLE reminder_anew RENAME TO reminder;
CREATE INDEX reminder_delivery ON reminder (delivery_id) WHERE delivery_id IS NOT NULL;
CREATE INDEX reminder_patient ON reminder (patient_id);
CREATE TRIGGER reminder_kept BEFORE DELETE ON reminder BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;

CREATE TABLE link_anew (
  id           INTEGER PRIMARY KEY,
  digest       BLOB NOT NULL,
  purpose      TEXT NOT NULL CHECK (purpose = 'checklist' OR purpose = 'opt-out' OR purpose = 'changed'),
  patient_id   INTEGER NOT NULL REFERENCES patient (id),
  follow_up_id INTEGER REFERENCES follow_up (id),
  generation   INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  state        TEXT NOT NULL CHECK (state = 'open' OR state = 'used' OR state = 'locked' OR state = 'dead'),
  tries        INTEGER NOT NULL DEFAULT 0,
  opened_at    INTEGER
) STRICT;
INSERT INTO link_anew SELECT id, digest, purpose, patient_id, follow_up_id, generation, expires_at, state, tries, opened_at
  FROM link;
DROP TABLE link;
ALTER TABLE link_anew RENAME TO link;
CREATE UNIQUE INDEX link_subject ON link (patient_id, purpose, coalesce(follow_up_id, 0), generation);

CREATE INDEX appointment_follow_up ON appointment (follow_up_id);
CREATE INDEX enrolment_patient ON enrolment (patient_id);
DROP INDEX task_patient;
CREATE INDEX task_patient ON task (patient_id);
CREATE INDEX task_done ON task (cause) WHERE state = 'done';
