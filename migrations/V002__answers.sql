-- Answers come back, and a worrying one reaches a person. An answer, its verdict and its alert are rows of one
-- transaction (P5); an alert rings from its row until a signed-in person takes it on (P6), across restarts.
-- Answers stand here as JSON of field and word, under the version of the checklist they were asked under.

-- A published checklist never changes: the version is the hash of structure and words, the content is both.
CREATE TABLE checklist_version (
  id           INTEGER PRIMARY KEY,
  checklist    TEXT NOT NULL,
  version      TEXT NOT NULL,
  content      TEXT NOT NULL,
  published_at INTEGER NOT NULL,
  UNIQUE (checklist, version)
) STRICT;

-- How things stood, confirmed by a clinician. The newest counts; history stays.
CREATE TABLE baseline (
  id                   INTEGER PRIMARY KEY,
  patient_id           INTEGER NOT NULL REFERENCES patient (id),
  checklist_version_id INTEGER NOT NULL REFERENCES checklist_version (id),
  answers              TEXT NOT NULL,
  marks                TEXT NOT NULL,
  confirmed_by         TEXT NOT NULL,
  confirmed_on         TEXT NOT NULL
) STRICT;
CREATE INDEX baseline_patient ON baseline (patient_id);

-- A clinician's mark that a reason is known until a date (M1); S2 and S3 only.
CREATE TABLE known_mark (
  id         INTEGER PRIMARY KEY,
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  code       TEXT NOT NULL CHECK (code IN ('S2', 'S3')),
  from_on    TEXT NOT NULL,
  until_on   TEXT NOT NULL,
  marked_by  TEXT NOT NULL
) STRICT;
CREATE INDEX known_mark_patient ON known_mark (patient_id);

-- Bone spread that was known before (K1): every reason weighs one step more.
CREATE TABLE bone_spread (
  patient_id INTEGER PRIMARY KEY REFERENCES patient (id),
  noted_by   TEXT NOT NULL,
  noted_at   INTEGER NOT NULL
) STRICT;

-- An alert climbs the ladder from here. tier is NULL in education mode: the answer is to be read, unsorted.
-- told and last_notice_at are how far it got; ringing_since starts anew when a worse answer raises the tier.
CREATE TABLE alert (
  id              INTEGER PRIMARY KEY,
  patient_id      INTEGER NOT NULL REFERENCES patient (id),
  audience        TEXT NOT NULL CHECK (audience IN ('ladder', 'canary')),
  tier            TEXT CHECK (tier IN ('emergency', 'urgent', 'soon')),
  state           TEXT NOT NULL CHECK (state IN ('raised', 'acknowledged', 'closed')),
  raised_at       INTEGER NOT NULL,
  due_at          INTEGER NOT NULL,
  ringing_since   INTEGER NOT NULL,
  told            INTEGER NOT NULL DEFAULT 0,
  notices         INTEGER NOT NULL DEFAULT 0,
  last_notice_at  INTEGER,
  next_notice_at  INTEGER,
  acknowledged_by TEXT,
  acknowledged_at INTEGER,
  closed_by       TEXT,
  closed_at       INTEGER,
  dispositions    TEXT,
  outcome         TEXT CHECK (outcome IN ('spinal-spread', 'other-recurrence', 'other-cause', 'false-alarm')),
  note            TEXT,
  CHECK ((state = 'raised') = (next_notice_at IS NOT NULL)),
  CHECK ((state = 'raised') = (acknowledged_at IS NULL)),
  CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
  CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
  CHECK ((state = 'closed') = (closed_by IS NOT NULL)),
  CHECK ((state = 'closed') = (outcome IS NOT NULL)),
  CHECK ((state = 'closed') = (dispositions IS NOT NULL))
) STRICT;
CREATE INDEX alert_next ON alert (next_notice_at) WHERE state = 'raised';
CREATE INDEX alert_open ON alert (patient_id) WHERE state <> 'closed';
CREATE TRIGGER alert_kept BEFORE DELETE ON alert BEGIN SELECT raise(ABORT, 'an alert ends with a person'); END;

-- One filled-in form. The nonce comes with the form: sent twice, it is one response; another form is another response.
-- tier is what the rules said at worst while the form was filled in; NULL in education mode and before judging.
CREATE TABLE response (
  id                   INTEGER PRIMARY KEY,
  patient_id           INTEGER NOT NULL REFERENCES patient (id),
  follow_up_id         INTEGER REFERENCES follow_up (id),
  link_id              INTEGER REFERENCES link (id),
  checklist_version_id INTEGER NOT NULL REFERENCES checklist_version (id),
  who                  TEXT NOT NULL CHECK (who IN ('self', 'carer', 'canary')),
  nonce                TEXT NOT NULL UNIQUE,
  state                TEXT NOT NULL CHECK (state IN ('partial', 'submitted')),
  pages                INTEGER NOT NULL,
  answers              TEXT NOT NULL,
  mode                 TEXT NOT NULL CHECK (mode IN ('education', 'triage')),
  began_at             INTEGER NOT NULL,
  answered_at          INTEGER NOT NULL,
  answered_on          TEXT NOT NULL,
  judged_at            INTEGER,
  tier                 TEXT CHECK (tier IN ('emergency', 'urgent', 'soon', 'routine')),
  reasons              TEXT NOT NULL DEFAULT '[]',
  alert_id             INTEGER REFERENCES alert (id),
  reviewed_at          INTEGER,
  CHECK ((tier IS NOT NULL) = (mode = 'triage' AND judged_at IS NOT NULL))
) STRICT;
CREATE INDEX response_patient ON response (patient_id, answered_at);
CREATE INDEX response_follow_up ON response (follow_up_id) WHERE follow_up_id IS NOT NULL;
CREATE INDEX response_alert ON response (alert_id) WHERE alert_id IS NOT NULL;
CREATE INDEX response_unjudged ON response (id) WHERE judged_at IS NULL;
CREATE INDEX response_begun ON response (link_id) WHERE state = 'partial';
CREATE TRIGGER response_kept BEFORE DELETE ON response BEGIN SELECT raise(ABORT, 'an answer is never deleted'); END;

-- A signed call to another system. A row is tried again with back-off until it is taken or of no use any more.
CREATE TABLE webhook_call (
  id         INTEGER PRIMARY KEY,
  url        TEXT NOT NULL,
  body       TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),
  attempt    INTEGER NOT NULL DEFAULT 0,
  next_at    INTEGER,
  expires_at INTEGER NOT NULL,
  reply      TEXT,
  created_at INTEGER NOT NULL,
  ended_at   INTEGER,
  CHECK ((state = 'pending') = (next_at IS NOT NULL)),
  CHECK ((state = 'pending') = (ended_at IS NULL))
) STRICT;
CREATE INDEX webhook_due ON webhook_call (next_at) WHERE state = 'pending';

-- Whom an alert told, and when. Append-only.
CREATE TABLE alert_notice (
  id          INTEGER PRIMARY KEY,
  alert_id    INTEGER NOT NULL REFERENCES alert (id),
  why         TEXT NOT NULL CHECK (why IN ('rung', 'everyone', 'again')),
  channel     TEXT NOT NULL CHECK (channel IN ('email', 'webhook', 'patient', 'canary')),
  rung        TEXT,
  delivery_id INTEGER REFERENCES delivery (id),
  webhook_id  INTEGER REFERENCES webhook_call (id),
  told_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX alert_notice_alert ON alert_notice (alert_id);

-- A test alert down the ladder: acknowledged, it proves that somebody is there.
CREATE TABLE test_alert (
  id              INTEGER PRIMARY KEY,
  sent_at         INTEGER NOT NULL,
  acknowledged_at INTEGER,
  acknowledged_by TEXT,
  CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL))
) STRICT;

-- Console accounts. The password is kept as argon2id hash; a code of the authenticator is taken once.
CREATE TABLE staff (
  id           INTEGER PRIMARY KEY,
  name         TEXT NOT NULL UNIQUE,
  email        TEXT NOT NULL,
  role         TEXT NOT NULL CHECK (role IN ('nurse', 'doctor', 'lead', 'admin')),
  password     TEXT NOT NULL,
  totp_secret  TEXT NOT NULL,
  totp_step    INTEGER NOT NULL DEFAULT 0,
  failures     INTEGER NOT NULL DEFAULT 0,
  locked_until INTEGER,
  disabled_at  INTEGER,
  created_at   INTEGER NOT NULL
) STRICT;

-- Who is signed in. Only the digest of the session's token is kept.
CREATE TABLE session (
  digest     BLOB PRIMARY KEY,
  staff_id   INTEGER NOT NULL REFERENCES staff (id),
  opened_at  INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Kinds of letters a patient does not want. A row is a no; taking it back removes the row, the audit keeps both.
CREATE TABLE opt_out (
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  kind       TEXT NOT NULL CHECK (kind IN ('visits', 'checklists', 'leaflets')),
  at         INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  PRIMARY KEY (patient_id, kind)
) STRICT, WITHOUT ROWID;

-- A new link she asked for: counted, so that nobody can flood her inbox.
CREATE TABLE link_request (
  id           INTEGER PRIMARY KEY,
  patient_id   INTEGER NOT NULL REFERENCES patient (id),
  follow_up_id INTEGER REFERENCES follow_up (id),
  generation   INTEGER NOT NULL,
  asked_at     INTEGER NOT NULL,
  delivery_id  INTEGER NOT NULL REFERENCES delivery (id)
) STRICT;
CREATE INDEX link_request_patient ON link_request (patient_id, asked_at);

-- The daily walk of the canary, step by step.
CREATE TABLE canary_walk (
  on_date     TEXT PRIMARY KEY,
  delivery_id INTEGER REFERENCES delivery (id),
  state       TEXT NOT NULL CHECK (state IN ('letter', 'done', 'broken')),
  began_at    INTEGER NOT NULL,
  reason      TEXT,
  CHECK ((state = 'broken') = (reason IS NOT NULL))
) STRICT, WITHOUT ROWID;
