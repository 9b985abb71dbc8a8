-- What was tried before an alert or a task ends (rang, nobody answered, handed over), who works on a task, and until when it
-- is put off. An entry is written once: it says what somebody knew then.

CREATE TABLE contact_log (
  id         INTEGER PRIMARY KEY,
  patient_id INTEGER REFERENCES patient (id),
  alert_id   INTEGER REFERENCES alert (id),
  task_id    INTEGER REFERENCES task (id),
  logged_at  INTEGER NOT NULL,
  logged_by  TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('no-answer', 'spoke-with-her', 'spoke-with-other', 'will-ring-back',
    'message-left', 'handed-over', 'note', 'snoozed')),
  handed_to  TEXT,
  note       TEXT,
  again_at   INTEGER,
  CHECK ((alert_id IS NULL) <> (task_id IS NULL)),
  CHECK (alert_id IS NULL OR patient_id IS NOT NULL),
  CHECK ((kind = 'handed-over') = (handed_to IS NOT NULL)),
  CHECK (kind NOT IN ('note', 'snoozed') OR note IS NOT NULL),
  CHECK (kind <> 'snoozed' OR (task_id IS NOT NULL AND again_at IS NOT NULL))
) STRICT;
CREATE INDEX contact_log_alert ON contact_log (alert_id, id) WHERE alert_id IS NOT NULL;
CREATE INDEX contact_log_task ON contact_log (task_id, id) WHERE task_id IS NOT NULL;
CREATE TRIGGER contact_log_kept BEFORE DELETE ON contact_log BEGIN SELECT raise(ABORT, 'what was tried stays on record'); END;
CREATE TRIGGER contact_log_fixed BEFORE UPDATE ON contact_log
  BEGIN SELECT raise(ABORT, 'an entry is not changed: write another'); END;

-- owner is the account that works on it. snoozed_until is when the worklist shows it again; nothing has to happen then.
ALTER TABLE task ADD COLUMN owner TEXT;
ALTER TABLE task ADD COLUMN snoozed_until INTEGER;

-- The worklist passes over what is put off without reading its row.
DROP INDEX task_open;
DROP INDEX task_open_kind;
CREATE INDEX task_open ON task (due_at, id, snoozed_until) WHERE state = 'open';
CREATE INDEX task_open_kind ON task (kind, due_at, id, snoozed_until) WHERE state = 'open';
CREATE INDEX task_snoozed ON task (due_at, id, snoozed_until) WHERE state = 'open' AND snoozed_until IS NOT NULL;
