-- Who works here is kept by an administrator at the console: a role that only reads, accounts made by an invitation, recovery
-- codes, sessions that are seen. What somebody looked at is on record, apart from the audit: a page that is read changes nothing
-- but what stands about the reader's own session.

-- The list of roles grows. The column is made anew, not the table, so that whatever else stands in the table stays.
ALTER TABLE staff ADD COLUMN role_now TEXT NOT NULL DEFAULT 'viewer'
  CHECK (role_now IN ('viewer', 'nurse', 'doctor', 'lead', 'admin'));
UPDATE staff SET role_now = role;
ALTER TABLE staff DROP COLUMN role;
ALTER TABLE staff RENAME COLUMN role_now TO role;

ALTER TABLE staff ADD COLUMN signed_in_at INTEGER;
-- Where a session was opened, and in which browser: for its owner to know it by.
ALTER TABLE session ADD COLUMN opened_from TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN browser TEXT NOT NULL DEFAULT '';
CREATE INDEX session_staff ON session (staff_id);

-- A link by which a colleague opens an account, or comes back into one of hers (staff_id). Used once, within some days; only
-- the digest of its token is kept. At most one is open for a name.
CREATE TABLE staff_invitation (
  id           INTEGER PRIMARY KEY,
  digest       BLOB NOT NULL UNIQUE,
  staff_id     INTEGER REFERENCES staff (id),
  name         TEXT NOT NULL,
  email        TEXT NOT NULL,
  role         TEXT NOT NULL CHECK (role IN ('viewer', 'nurse', 'doctor', 'lead', 'admin')),
  invited_by   TEXT NOT NULL,
  invited_at   INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  used_at      INTEGER,
  withdrawn_at INTEGER,
  CHECK (used_at IS NULL OR withdrawn_at IS NULL)
) STRICT;
CREATE UNIQUE INDEX staff_invitation_open ON staff_invitation (name) WHERE used_at IS NULL AND withdrawn_at IS NULL;

-- Codes for a lost authenticator, each good for one sign-in.
CREATE TABLE recovery_code (
  digest   BLOB PRIMARY KEY,
  staff_id INTEGER NOT NULL REFERENCES staff (id),
  used_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX recovery_code_staff ON recovery_code (staff_id);

-- Who looked at which record: one row for an account, a patient, a kind of page and an hour.
CREATE TABLE record_view (
  id         INTEGER PRIMARY KEY,
  staff_id   INTEGER NOT NULL REFERENCES staff (id),
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  page       TEXT NOT NULL CHECK (page IN ('patient', 'answers', 'alert', 'task', 'letter')),
  hour       INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  UNIQUE (patient_id, staff_id, page, hour)
) STRICT;
CREATE INDEX record_view_patient ON record_view (patient_id, id);
CREATE INDEX record_view_staff ON record_view (staff_id, id);
CREATE TRIGGER record_view_kept BEFORE DELETE ON record_view BEGIN SELECT raise(ABORT, 'what was looked at stays on record'); END;
CREATE TRIGGER record_view_fixed BEFORE UPDATE ON record_view BEGIN SELECT raise(ABORT, 'what was looked at stays as it was'); END;
