-- Letters to patients can be stopped by kind: they wait, and go on when somebody starts the kind again.

-- One row a stop; who started it again stands with it. Why is in words of a person, so it stands here and not in the audit.
CREATE TABLE letter_stop (
  id         INTEGER PRIMARY KEY,
  kind       TEXT NOT NULL,
  stopped_at INTEGER NOT NULL,
  stopped_by TEXT NOT NULL,
  reason     TEXT NOT NULL,
  started_at INTEGER,
  started_by TEXT,
  CHECK ((started_at IS NULL) = (started_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX letter_stop_in_force ON letter_stop (kind) WHERE started_at IS NULL;
CREATE TRIGGER letter_stop_kept BEFORE DELETE ON letter_stop BEGIN SELECT raise(ABORT, 'a stop stays on record'); END;

-- Letters that wait for a kind to be started again; until then each is looked at only when its use is over.
CREATE TABLE held_back (
  delivery_id INTEGER PRIMARY KEY REFERENCES delivery (id)
) STRICT;

-- How many letters of the plan left on a day of the clinic's, what is usual, and whether the rest waits until a person agrees.
CREATE TABLE letter_volume (
  local_on  TEXT PRIMARY KEY,
  -- The median of that weekday, and the most that is not unusual; none where nothing is normal yet.
  normal    INTEGER,
  most      INTEGER,
  -- Letters taken in hand for the first time on that day.
  taken     INTEGER NOT NULL DEFAULT 0,
  held_at   INTEGER,
  -- How many letters of that day a person has agreed to.
  agreed    INTEGER,
  CHECK ((normal IS NULL) = (most IS NULL))
) STRICT, WITHOUT ROWID;

-- What the time zone data said when it was taken on last: a fingerprint of the rules of each zone, no offset.
CREATE TABLE zone_rules (
  zone        TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Follow-ups that are worked out anew because the rules of their zone changed, and when they would have been looked at; gone once
-- what moved is told.
CREATE TABLE zone_move (
  follow_up_id INTEGER PRIMARY KEY REFERENCES follow_up (id),
  zone         TEXT NOT NULL,
  was_at       INTEGER NOT NULL
) STRICT;
