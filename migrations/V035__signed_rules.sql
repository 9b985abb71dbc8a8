-- The rules that judge answers are signed at a page or by a command, and a signature is taken back with a reason. What the rules
-- would have raised on answers of before is counted with what was known when each came: so a baseline and a mark keep their hour.

ALTER TABLE setting_version ADD COLUMN reason TEXT;
CREATE TRIGGER setting_version_reason_fixed BEFORE UPDATE OF reason ON setting_version
  BEGIN SELECT raise(ABORT, 'a version is not changed: write another'); END;

-- Nothing for one of before: it counts from the day after it was written down.
ALTER TABLE baseline ADD COLUMN confirmed_at INTEGER;
ALTER TABLE known_mark ADD COLUMN marked_at INTEGER;
