-- What staff decide at a page or by a command: one row a version of one setting, in the words of aftercare.toml, so that one
-- parser judges both. A version is never changed; a number to ring counts only after somebody rang it.

CREATE TABLE setting_version (
  id         INTEGER PRIMARY KEY,
  setting    TEXT NOT NULL,
  value      TEXT NOT NULL,
  set_at     INTEGER NOT NULL,
  set_by     TEXT NOT NULL,
  -- The version that was taken again, where this is a copy of one.
  again_of   INTEGER REFERENCES setting_version (id),
  -- Since when it counts, and who said that it may; nothing while it is only proposed.
  counts_at  INTEGER,
  counts_by  TEXT,
  -- A proposal that was taken back, or that another took the place of.
  dropped_at INTEGER,
  dropped_by TEXT,
  CHECK ((counts_at IS NULL) = (counts_by IS NULL)),
  CHECK ((dropped_at IS NULL) = (dropped_by IS NULL)),
  CHECK (counts_at IS NULL OR dropped_at IS NULL)
) STRICT;
CREATE INDEX setting_version_counts ON setting_version (setting, id) WHERE counts_at IS NOT NULL;
CREATE INDEX setting_version_of ON setting_version (setting, id);
CREATE TRIGGER setting_version_kept BEFORE DELETE ON setting_version
  BEGIN SELECT raise(ABORT, 'what was decided stays on record'); END;
CREATE TRIGGER setting_version_fixed BEFORE UPDATE OF id, setting, value, set_at, set_by, again_of ON setting_version
  BEGIN SELECT raise(ABORT, 'a version is not changed: write another'); END;
CREATE TRIGGER setting_version_ended BEFORE UPDATE ON setting_version
  WHEN old.counts_at IS NOT NULL OR old.dropped_at IS NOT NULL
  BEGIN SELECT raise(ABORT, 'this version was decided about already'); END;

-- What a day that becomes a holiday touches is looked up by that day.
CREATE INDEX appointment_booked_on ON appointment (on_date) WHERE state = 'booked';
