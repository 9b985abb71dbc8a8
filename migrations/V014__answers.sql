-- A form sent once more with other answers is an answer of its own: one nonce may stand in several rows, told apart by their
-- revision. Locked forms belong to the patient, not to the links she had that day: the next letter's link was open again. And a
-- mark of what is known remembers how bad the pain was when it was made.

CREATE TABLE form_lock (
  patient_id INTEGER PRIMARY KEY REFERENCES patient (id),
  locked_at  INTEGER NOT NULL
) STRICT;
INSERT INTO form_lock (patient_id, locked_at)
  SELECT l.patient_id, coalesce((SELECT max(t.opened_at) FROM task t WHERE t.patient_id = l.patient_id AND t.kind = 'link-locked'), 0)
  FROM link l WHERE l.state = 'locked' GROUP BY l.patient_id;
UPDATE link SET state = CASE WHEN EXISTS (SELECT 1 FROM response r WHERE r.follow_up_id = link.follow_up_id
  AND r.link_id = link.id AND r.state = 'submitted') THEN 'used' ELSE 'open' END WHERE state = 'locked';

ALTER TABLE known_mark ADD COLUMN score INTEGER CHECK (score IS NULL OR (score >= 0 AND score <= 10));

CREATE TABLE response_anew (
  id                   INTEGER PRIMARY KEY,
  patient_id           INTEGER NOT NULL REFERENCES patient (id),
  follow_up_id         INTEGER REFERENCES follow_up (id),
  link_id              INTEGER REFERENCES link (id),
  checklist_version_id INTEGER NOT NULL REFERENCES checklist_version (id),
  who                  TEXT NOT NULL CHECK (who IN ('self', 'carer', 'canary')),
  nonce                TEXT NOT NULL,
  -- 0 for a form as it was sent first; counts up each time it comes again with other answers.
  revision             INTEGER NOT NULL DEFAULT 0 CHECK (revision >= 0),
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
  UNIQUE (nonce, revision),
  CHECK ((tier IS NOT NULL) = (mode = 'triage' AND judged_at IS NOT NULL))
) STRICT;
INSERT INTO response_anew (id, patient_id, follow_up_id, link_id, checklist_version_id, who, nonce, state, pages, answers, mode,
  began_at, answered_at, answered_on, judged_at, tier, reasons, alert_id, reviewed_at)
  SELECT id, patient_id, follow_up_id, link_id, checklist_version_id, who, nonce, state, pages, answers, mode,
  began_at, answered_at, answered_on, judged_at, tier, reasons, alert_id, reviewed_at
  FROM response;
DROP TABLE response;
ALTER TABLE response_anew RENAME TO response;
CREATE INDEX response_patient ON response (patient_id, answered_at);
CREATE INDEX response_follow_up ON response (follow_up_id) WHERE follow_up_id IS NOT NULL;
CREATE INDEX response_alert ON response (alert_id) WHERE alert_id IS NOT NULL;
CREATE INDEX response_unjudged ON response (id) WHERE judged_at IS NULL;
CREATE INDEX response_begun ON response (link_id) WHERE state = 'partial';
CREATE TRIGGER response_kept BEFORE DELETE ON response BEGIN SELECT raise(ABORT, 'an answer is never deleted'); END;
