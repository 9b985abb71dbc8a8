-- Protocols that staff write in the console: drafts with their revision, publications that wait for a second person or for a
-- day and whom they move, which version new patients are put on, and who signed which version.

CREATE TABLE protocol_draft (
  id         INTEGER PRIMARY KEY,
  protocol   TEXT NOT NULL,
  content    TEXT NOT NULL,
  revision   INTEGER NOT NULL CHECK (revision >= 1),
  begun_from TEXT NOT NULL,
  begun_at   INTEGER NOT NULL,
  begun_by   TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  ended_at   INTEGER
) STRICT;
CREATE INDEX protocol_draft_open ON protocol_draft (protocol, id) WHERE ended_at IS NULL;

-- What is published is the text that was asked for, whatever becomes of the draft. publish_on is the day it waits for; NULL
-- is at once.
CREATE TABLE publication (
  id           INTEGER PRIMARY KEY,
  draft_id     INTEGER NOT NULL REFERENCES protocol_draft (id),
  protocol     TEXT NOT NULL,
  content      TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('asked', 'planned', 'moving', 'done', 'withdrawn')),
  publish_on   TEXT,
  asked_at     INTEGER NOT NULL,
  asked_by     TEXT NOT NULL,
  signed_at    INTEGER,
  signed_by    TEXT,
  role         TEXT CHECK (role IN ('doctor', 'lead')),
  version_id   INTEGER REFERENCES protocol_version (id),
  ended_at     INTEGER,
  ended_reason TEXT,
  CHECK ((signed_at IS NULL) = (signed_by IS NULL) AND (signed_at IS NULL) = (role IS NULL)),
  CHECK (state NOT IN ('planned', 'moving', 'done') OR signed_at IS NOT NULL),
  CHECK ((version_id IS NOT NULL) = (state IN ('moving', 'done'))),
  CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'withdrawn')))
) STRICT;
CREATE UNIQUE INDEX publication_open ON publication (draft_id) WHERE state IN ('asked', 'planned', 'moving');
CREATE INDEX publication_due ON publication (state, publish_on) WHERE state IN ('planned', 'moving');

-- Whom a publication moves. Neither moved nor kept: she waits.
CREATE TABLE publication_move (
  publication_id INTEGER NOT NULL REFERENCES publication (id),
  enrolment_id   INTEGER NOT NULL REFERENCES enrolment (id),
  moved_at       INTEGER,
  kept_reason    TEXT,
  PRIMARY KEY (publication_id, enrolment_id),
  CHECK (moved_at IS NULL OR kept_reason IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX publication_move_waiting ON publication_move (publication_id, enrolment_id)
  WHERE moved_at IS NULL AND kept_reason IS NULL;

-- The version of a protocol of the clinic's own that new patients are put on.
CREATE TABLE protocol_in_force (
  protocol            TEXT PRIMARY KEY,
  protocol_version_id INTEGER NOT NULL REFERENCES protocol_version (id),
  since               INTEGER NOT NULL
) STRICT;

CREATE TABLE protocol_sign_off (
  id                  INTEGER PRIMARY KEY,
  protocol_version_id INTEGER NOT NULL REFERENCES protocol_version (id),
  signed_at           INTEGER NOT NULL,
  signed_by           TEXT NOT NULL,
  role                TEXT NOT NULL CHECK (role IN ('doctor', 'lead')),
  UNIQUE (protocol_version_id, signed_by)
) STRICT;
CREATE TRIGGER protocol_sign_off_kept BEFORE DELETE ON protocol_sign_off
  BEGIN SELECT raise(ABORT, 'a signature stays on record'); END;
CREATE TRIGGER protocol_sign_off_fixed BEFORE UPDATE ON protocol_sign_off
  BEGIN SELECT raise(ABORT, 'a signature is not changed'); END;

CREATE INDEX enrolment_on ON enrolment (protocol, id) WHERE state = 'active';
