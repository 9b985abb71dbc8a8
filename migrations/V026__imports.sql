-- An import is a record: what it brought can be undone until the first letter, and those of it for whom a person must book a
-- date are one list behind one task instead of hundreds of tasks. On screen it is staged: the file as it came, then its rows,
-- until they are taken in or a day has passed.

CREATE TABLE roster_import (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  imported_at    INTEGER NOT NULL,
  imported_by    TEXT NOT NULL,
  added          INTEGER NOT NULL,
  changed        INTEGER NOT NULL,
  -- How many dates of its list are to be booked a working day.
  bookings_a_day INTEGER NOT NULL CHECK (bookings_a_day > 0),
  undone_at      INTEGER,
  undone_by      TEXT,
  removed        INTEGER,
  CHECK ((undone_at IS NULL) = (undone_by IS NULL) AND (undone_at IS NULL) = (removed IS NULL))
) STRICT;

-- Whom it brought. Someone who is removed again leaves this list with her record.
CREATE TABLE import_patient (
  patient_id INTEGER PRIMARY KEY REFERENCES patient (id),
  import_id  INTEGER NOT NULL REFERENCES roster_import (id)
) STRICT;
CREATE INDEX import_patient_import ON import_patient (import_id, patient_id);

-- A date that a person books for somebody who came in mid-course. position is its place by urgency when it was taken in.
CREATE TABLE import_booking (
  follow_up_id INTEGER PRIMARY KEY REFERENCES follow_up (id),
  import_id    INTEGER NOT NULL REFERENCES roster_import (id),
  patient_id   INTEGER NOT NULL REFERENCES patient (id),
  position     INTEGER NOT NULL,
  book_by      TEXT NOT NULL,
  due_at       INTEGER NOT NULL,
  outcome      TEXT CHECK (outcome IN ('booked', 'done', 'cancelled', 'settled', 'left')),
  ended_at     INTEGER,
  ended_by     TEXT,
  note         TEXT,
  CHECK ((outcome IS NULL) = (ended_at IS NULL) AND (outcome IS NULL) = (ended_by IS NULL)),
  CHECK ((outcome IS 'settled') = (note IS NOT NULL))
) STRICT;
CREATE INDEX import_booking_open ON import_booking (import_id, position) WHERE outcome IS NULL;
CREATE INDEX import_booking_patient ON import_booking (patient_id) WHERE outcome IS NULL;

-- Row numbers that were given out once and must not come back: links and the audit name rows by them. Whoever is removed leaves
-- the highest here.
CREATE TABLE id_floor (
  name    TEXT PRIMARY KEY CHECK (name IN ('patient', 'enrolment', 'follow_up')),
  highest INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A file that came by the console. content is the file itself, until it is known which of its columns is which; columns and
-- matched are lists in JSON.
CREATE TABLE staged_import (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  staged_at      INTEGER NOT NULL,
  staged_by      TEXT NOT NULL,
  sheet          TEXT,
  dates          TEXT,
  bookings_a_day INTEGER NOT NULL CHECK (bookings_a_day > 0),
  columns        TEXT NOT NULL,
  matched        TEXT,
  content        BLOB,
  checked_at     INTEGER,
  CHECK ((matched IS NULL) = (content IS NOT NULL)),
  CHECK (checked_at IS NULL OR matched IS NOT NULL)
) STRICT;
CREATE INDEX staged_import_age ON staged_import (staged_at);

-- Its rows with the columns of a roster. cells and faults are lists in JSON.
CREATE TABLE staged_row (
  staged_id INTEGER NOT NULL REFERENCES staged_import (id),
  line      INTEGER NOT NULL,
  cells     TEXT NOT NULL,
  verdict   TEXT CHECK (verdict IN ('new', 'changed', 'same', 'faulty')),
  faults    TEXT,
  PRIMARY KEY (staged_id, line),
  CHECK ((verdict IS 'faulty') = (faults IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX staged_row_verdict ON staged_row (staged_id, verdict, line);
