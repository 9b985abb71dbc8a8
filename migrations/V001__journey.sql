-- The memory of the journey: who is cared for, what is owed, what was promised, what became of each letter.
-- Instants are INTEGER milliseconds since 1970 UTC; civil dates and zone names are TEXT; offsets are never stored.
-- CHECKs repeat the state machines of src/care; tests/architecture.rs holds the two together.

-- One row per fact about this database itself (last instant seen, zone database version, ...).
CREATE TABLE fact (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A published protocol never changes: the version is the hash of its content.
CREATE TABLE protocol_version (
  id           INTEGER PRIMARY KEY,
  protocol     TEXT NOT NULL,
  version      TEXT NOT NULL,
  content      TEXT NOT NULL,
  published_at INTEGER NOT NULL,
  UNIQUE (protocol, version)
) STRICT;

CREATE TABLE patient (
  id             INTEGER PRIMARY KEY,
  reference      TEXT NOT NULL UNIQUE,
  preferred_name TEXT NOT NULL,
  birth_on       TEXT NOT NULL,
  email          TEXT,
  language       TEXT NOT NULL,
  zone           TEXT NOT NULL,
  detail         TEXT NOT NULL DEFAULT 'standard' CHECK (detail IN ('minimal', 'standard', 'full')),
  shared_inbox   INTEGER NOT NULL DEFAULT 0 CHECK (shared_inbox IN (0, 1)),
  status         TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'recurrence_suspected',
                   'recurrence_confirmed', 'palliative', 'transferred', 'opted_out_email', 'address_bad', 'deceased')),
  status_reason  TEXT,
  status_at      INTEGER NOT NULL,
  paused_until   TEXT CHECK (paused_until IS NULL OR status = 'paused'),
  created_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX patient_email ON patient (email) WHERE email IS NOT NULL;
CREATE INDEX patient_paused ON patient (paused_until) WHERE status = 'paused';

-- A patient on a protocol from an anchor date. A change of anchor or protocol closes one and opens the next: history stays.
CREATE TABLE enrolment (
  id                  INTEGER PRIMARY KEY,
  patient_id          INTEGER NOT NULL REFERENCES patient (id),
  protocol_version_id INTEGER NOT NULL REFERENCES protocol_version (id),
  protocol            TEXT NOT NULL,
  anchor_on           TEXT NOT NULL,
  state               TEXT NOT NULL CHECK (state IN ('active', 'closed')),
  closed_reason       TEXT,
  opened_at           INTEGER NOT NULL,
  CHECK ((state = 'closed') = (closed_reason IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX enrolment_once ON enrolment (patient_id, protocol) WHERE state = 'active';

-- Per series only the next follow-up stands here, and whatever staff or a letter touched; the years are computed.
-- next_at is the instant at which something happens to it next; NULL when nothing will by itself.
-- promised_from: steps before this instant were never promised (she was not enrolled, booked or active yet).
CREATE TABLE follow_up (
  id            INTEGER PRIMARY KEY,
  enrolment_id  INTEGER NOT NULL REFERENCES enrolment (id),
  patient_id    INTEGER NOT NULL,
  series        TEXT NOT NULL,
  number        INTEGER NOT NULL CHECK (number >= 1),
  kind          TEXT NOT NULL CHECK (kind IN ('visit', 'test', 'checklist', 'leaflet')),
  due_on        TEXT NOT NULL,
  opens_on      TEXT NOT NULL,
  closes_on     TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('planned', 'booked', 'done', 'missed', 'cancelled')),
  next_at       INTEGER,
  promised_from INTEGER NOT NULL,
  closed_on     TEXT,
  closed_reason TEXT,
  UNIQUE (enrolment_id, series, number),
  CHECK (next_at IS NULL OR state IN ('planned', 'booked')),
  CHECK ((state IN ('done', 'missed', 'cancelled')) = (closed_on IS NOT NULL))
) STRICT;
CREATE INDEX follow_up_next ON follow_up (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX follow_up_patient ON follow_up (patient_id);

-- A concrete date at the clinic. The UID survives a move; the sequence counts the moves (RFC 5545, RFC 5546).
CREATE TABLE appointment (
  id           INTEGER PRIMARY KEY,
  follow_up_id INTEGER NOT NULL REFERENCES follow_up (id),
  patient_id   INTEGER NOT NULL,
  on_date      TEXT NOT NULL,
  at_time      TEXT NOT NULL,
  zone         TEXT NOT NULL,
  place        TEXT NOT NULL DEFAULT '',
  uid          TEXT NOT NULL UNIQUE,
  sequence     INTEGER NOT NULL DEFAULT 0,
  state        TEXT NOT NULL CHECK (state IN ('booked', 'kept', 'missed', 'cancelled'))
) STRICT;
CREATE UNIQUE INDEX appointment_live ON appointment (follow_up_id) WHERE state = 'booked';

-- The words in force when a letter was written: templates, strings and clinic facts, by the hash of their content.
CREATE TABLE wording (
  id      INTEGER PRIMARY KEY,
  hash    TEXT NOT NULL UNIQUE,
  content TEXT NOT NULL
) STRICT;

-- The outbox and the ledger in one. A row is never deleted. At most one letter a patient and local day, but for
-- letters she or staff asked for just now (purpose 'notice').
CREATE TABLE delivery (
  id             INTEGER PRIMARY KEY,
  audience       TEXT NOT NULL CHECK (audience IN ('patient', 'staff')),
  purpose        TEXT NOT NULL CHECK (purpose IN ('reminders', 'notice', 'alert', 'digest', 'canary')),
  patient_id     INTEGER REFERENCES patient (id),
  local_on       TEXT NOT NULL,
  priority       INTEGER NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('pending', 'claimed', 'sent', 'skipped', 'lapsed', 'failed', 'unknown')),
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
  CHECK (state IN ('pending', 'claimed', 'sent') OR reason IS NOT NULL),
  CHECK (state NOT IN ('claimed', 'sent', 'unknown') OR message_id IS NOT NULL)
) STRICT;
CREATE INDEX delivery_due ON delivery (priority, next_at) WHERE state = 'pending';
CREATE INDEX delivery_leased ON delivery (lease_until) WHERE state = 'claimed';
CREATE INDEX delivery_unknown ON delivery (ended_at) WHERE state = 'unknown';
CREATE INDEX delivery_patient ON delivery (patient_id, local_on) WHERE patient_id IS NOT NULL;
CREATE UNIQUE INDEX delivery_day ON delivery (patient_id, local_on)
  WHERE purpose = 'reminders' AND state IN ('pending', 'claimed', 'sent', 'unknown');

-- What the server said, each time. Append-only.
CREATE TABLE attempt (
  delivery_id INTEGER NOT NULL REFERENCES delivery (id),
  number      INTEGER NOT NULL,
  ended_at    INTEGER NOT NULL,
  verdict     TEXT NOT NULL CHECK (verdict IN ('accepted', 'later', 'overloaded', 'refused', 'bad-address', 'unknown', 'returned')),
  code        INTEGER,
  enhanced    TEXT,
  reply       TEXT NOT NULL,
  PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;

-- A promise that has come due, and what became of it. The natural key stops doubles: one step of one follow-up,
-- counted from one date, exists once, whatever runs again.
CREATE TABLE reminder (
  id           INTEGER PRIMARY KEY,
  follow_up_id INTEGER NOT NULL REFERENCES follow_up (id),
  patient_id   INTEGER NOT NULL,
  trigger      TEXT NOT NULL CHECK (trigger IN ('remind', 'booked', 'missed')),
  step         TEXT NOT NULL,
  basis_on     TEXT NOT NULL,
  send_on      TEXT NOT NULL,
  send_at      INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('due', 'sent', 'answered', 'lapsed', 'cancelled', 'undeliverable')),
  reason       TEXT,
  delivery_id  INTEGER REFERENCES delivery (id),
  UNIQUE (follow_up_id, trigger, step, basis_on),
  CHECK (state <> 'due' OR delivery_id IS NOT NULL),
  CHECK (state NOT IN ('lapsed', 'cancelled', 'undeliverable') OR reason IS NOT NULL)
) STRICT;
CREATE INDEX reminder_delivery ON reminder (delivery_id) WHERE delivery_id IS NOT NULL;
CREATE INDEX reminder_patient ON reminder (patient_id);

-- Something a person must do. The key stops the same cause from opening twice while it is open.
CREATE TABLE task (
  id           INTEGER PRIMARY KEY,
  kind         TEXT NOT NULL,
  cause        TEXT NOT NULL,
  patient_id   INTEGER REFERENCES patient (id),
  follow_up_id INTEGER REFERENCES follow_up (id),
  reason       TEXT NOT NULL,
  opened_at    INTEGER NOT NULL,
  due_at       INTEGER NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('open', 'done')),
  closed_at    INTEGER,
  closed_by    TEXT,
  note         TEXT,
  CHECK ((state = 'done') = (closed_at IS NOT NULL)),
  CHECK (state = 'open' OR closed_by IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX task_once ON task (kind, cause) WHERE state = 'open';
CREATE INDEX task_patient ON task (patient_id) WHERE state = 'open';
CREATE INDEX task_follow_up ON task (follow_up_id) WHERE state = 'open' AND follow_up_id IS NOT NULL;

-- A door to one page for one patient. Only the digest of its token is kept; the token itself can be made again from
-- the key beside the database (needed to replay a letter byte for byte).
CREATE TABLE link (
  id           INTEGER PRIMARY KEY,
  digest       BLOB NOT NULL UNIQUE,
  purpose      TEXT NOT NULL CHECK (purpose IN ('checklist', 'opt-out', 'changed')),
  patient_id   INTEGER NOT NULL REFERENCES patient (id),
  follow_up_id INTEGER REFERENCES follow_up (id),
  generation   INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('open', 'used', 'locked', 'dead')),
  tries        INTEGER NOT NULL DEFAULT 0,
  opened_at    INTEGER
) STRICT;
CREATE UNIQUE INDEX link_subject ON link (patient_id, purpose, coalesce(follow_up_id, 0), generation);

-- Every change has one event, chained by hash, so that an auditor can see that none was altered or removed (P12).
CREATE TABLE audit_event (
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  action  TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail  TEXT NOT NULL,
  hash    BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_event_stays BEFORE UPDATE ON audit_event BEGIN SELECT raise(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_event_kept BEFORE DELETE ON audit_event BEGIN SELECT raise(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER delivery_kept BEFORE DELETE ON delivery BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER reminder_kept BEFORE DELETE ON reminder BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER attempt_kept BEFORE DELETE ON attempt BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
