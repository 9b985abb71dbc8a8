-- The ladder knows its rungs by who they are; an alert that was taken on and left has a clock; a call knows its receiver and
-- its alert; a recorded death is undone by two people. Tables are built anew where a rule of theirs changes.

-- round counts the times the ladder began anew: at a higher tier, and when the one who took the alert on let its clock run
-- out. climbed_at is when a rung was last told for the first time; everyone_at when everyone was; owner_told_at when the one
-- who took it on was; left_by who had taken it on before it was raised again. next_notice_at of an acknowledged alert is its
-- clock; without one its answer was read, and nothing more is asked.
CREATE TABLE alert_anew (
  id              INTEGER PRIMARY KEY,
  patient_id      INTEGER NOT NULL REFERENCES patient (id),
  audience        TEXT NOT NULL CHECK (audience IN ('ladder', 'canary')),
  tier            TEXT CHECK (tier IN ('emergency', 'urgent', 'soon')),
  state           TEXT NOT NULL CHECK (state IN ('raised', 'acknowledged', 'closed')),
  raised_at       INTEGER NOT NULL,
  due_at          INTEGER NOT NULL,
  ringing_since   INTEGER NOT NULL,
  round           INTEGER NOT NULL DEFAULT 0,
  climbed_at      INTEGER,
  everyone_at     INTEGER,
  notices         INTEGER NOT NULL DEFAULT 0,
  last_notice_at  INTEGER,
  next_notice_at  INTEGER,
  acknowledged_by TEXT,
  acknowledged_at INTEGER,
  owner_told_at   INTEGER,
  left_by         TEXT,
  closed_by       TEXT,
  closed_at       INTEGER,
  dispositions    TEXT,
  outcome         TEXT CHECK (outcome IN ('spinal-spread', 'other-recurrence', 'other-cause', 'false-alarm')),
  note            TEXT,
  CHECK (state <> 'raised' OR next_notice_at IS NOT NULL),
  CHECK (state <> 'closed' OR next_notice_at IS NULL),
  CHECK ((state = 'raised') = (acknowledged_at IS NULL)),
  CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
  CHECK (owner_told_at IS NULL OR state <> 'raised'),
  CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
  CHECK ((state = 'closed') = (closed_by IS NOT NULL)),
  CHECK ((state = 'closed') = (outcome IS NOT NULL)),
  CHECK ((state = 'closed') = (dispositions IS NOT NULL))
) STRICT;
-- An alert that was sorted, taken on and left open comes under the clock.
INSERT INTO alert_anew (id, patient_id, audience, tier, state, raised_at, due_at, ringing_since, climbed_at, notices,
  last_notice_at, next_notice_at, acknowledged_by, acknowledged_at, closed_by, closed_at, dispositions, outcome, note,
  everyone_at)
  SELECT id, patient_id, audience, tier, state, raised_at, due_at, ringing_since, last_notice_at, notices, last_notice_at,
    CASE WHEN state = 'acknowledged' AND tier IS NOT NULL THEN max(due_at, acknowledged_at) ELSE next_notice_at END,
    acknowledged_by, acknowledged_at, closed_by, closed_at, dispositions, outcome, note,
    (SELECT max(n.told_at) FROM alert_notice n WHERE n.alert_id = alert.id AND n.why = 'everyone'
     AND n.told_at >= alert.ringing_since)
  FROM alert;
DROP TABLE alert;
ALTER TABLE alert_anew RENAME TO alert;
CREATE INDEX alert_next ON alert (next_notice_at) WHERE next_notice_at IS NOT NULL;
CREATE INDEX alert_open ON alert (patient_id) WHERE state <> 'closed';
CREATE TRIGGER alert_kept BEFORE DELETE ON alert BEGIN SELECT raise(ABORT, 'an alert ends with a person'); END;

-- A call for an alert, to one receiver (scheme, host and port of the address). A newer call of the same alert to the same
-- address takes the place of one that waits.
CREATE TABLE webhook_call_anew (
  id         INTEGER PRIMARY KEY,
  alert_id   INTEGER REFERENCES alert (id),
  receiver   TEXT NOT NULL,
  url        TEXT NOT NULL,
  body       TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed', 'superseded', 'withdrawn')),
  attempt    INTEGER NOT NULL DEFAULT 0,
  next_at    INTEGER,
  expires_at INTEGER NOT NULL,
  reply      TEXT,
  created_at INTEGER NOT NULL,
  ended_at   INTEGER,
  CHECK ((state = 'pending') = (next_at IS NOT NULL)),
  CHECK ((state = 'pending') = (ended_at IS NULL))
) STRICT;
INSERT INTO webhook_call_anew SELECT w.id, (SELECT min(n.alert_id) FROM alert_notice n WHERE n.webhook_id = w.id), w.url,
  w.url, w.body, w.state, w.attempt, w.next_at, w.expires_at, w.reply, w.created_at, w.ended_at FROM webhook_call w;
-- Of the calls that wait, the newest of each alert and address stays.
UPDATE webhook_call_anew SET state = 'superseded', next_at = NULL, ended_at = created_at
  WHERE state = 'pending' AND EXISTS (SELECT 1 FROM webhook_call_anew newer WHERE newer.state = 'pending'
    AND newer.alert_id = webhook_call_anew.alert_id AND newer.url = webhook_call_anew.url AND newer.id > webhook_call_anew.id);
DROP TABLE webhook_call;
ALTER TABLE webhook_call_anew RENAME TO webhook_call;
CREATE INDEX webhook_due ON webhook_call (receiver, next_at) WHERE state = 'pending';
CREATE UNIQUE INDEX webhook_once ON webhook_call (alert_id, url) WHERE state = 'pending';

-- Whom an alert told, and when. Append-only. rung_id, rung and address are who it was at that time.
CREATE TABLE alert_notice_anew (
  id          INTEGER PRIMARY KEY,
  alert_id    INTEGER NOT NULL REFERENCES alert (id),
  round       INTEGER NOT NULL DEFAULT 0,
  why         TEXT NOT NULL CHECK (why IN ('rung', 'everyone', 'again', 'owner')),
  channel     TEXT NOT NULL CHECK (channel IN ('email', 'webhook', 'patient', 'canary')),
  rung_id     TEXT,
  rung        TEXT,
  address     TEXT,
  delivery_id INTEGER REFERENCES delivery (id),
  webhook_id  INTEGER REFERENCES webhook_call (id),
  told_at     INTEGER NOT NULL
) STRICT;
INSERT INTO alert_notice_anew SELECT n.id, n.alert_id, 0, n.why, n.channel, NULL, n.rung,
  (SELECT s.recipient FROM sealed s WHERE s.delivery_id = n.delivery_id AND n.channel = 'email'), n.delivery_id,
  n.webhook_id, n.told_at FROM alert_notice n;
DROP TABLE alert_notice;
ALTER TABLE alert_notice_anew RENAME TO alert_notice;
CREATE INDEX alert_notice_alert ON alert_notice (alert_id, round);
CREATE INDEX alert_notice_delivery ON alert_notice (delivery_id) WHERE delivery_id IS NOT NULL;

-- Who was told of an alert since its ladder last began, as they are called now: a rung that is renamed, moved or taken off
-- while the alert is open is neither skipped nor told twice for it.
CREATE TABLE alert_rung (
  alert_id INTEGER NOT NULL REFERENCES alert (id),
  place    INTEGER NOT NULL,
  rung_id  TEXT,
  name     TEXT NOT NULL,
  address  TEXT NOT NULL,
  PRIMARY KEY (alert_id, place)
) STRICT, WITHOUT ROWID;
INSERT INTO alert_rung SELECT alert_id, row_number() OVER (PARTITION BY alert_id ORDER BY first), NULL, rung, address FROM
  (SELECT n.alert_id, min(n.id) AS first, n.rung, coalesce(max(n.address), '') AS address FROM alert_notice n
   JOIN alert a ON a.id = n.alert_id WHERE n.rung IS NOT NULL AND n.told_at >= a.ringing_since GROUP BY n.alert_id, n.rung);

-- Which rung a letter to staff is for: an alert's, or a test alert's.
CREATE TABLE rung_letter (
  delivery_id INTEGER PRIMARY KEY REFERENCES delivery (id),
  rung_id     TEXT NOT NULL
) STRICT;

-- A rung whose address does not take letters. learned is how we know: the server's own reply, or a notice that came back
-- later; a letter that is taken ends the first at once, the second once a day has passed without another notice.
CREATE TABLE rung_fault (
  rung_id  TEXT NOT NULL,
  address  TEXT NOT NULL,
  learned  TEXT NOT NULL CHECK (learned IN ('reply', 'notice')),
  reply    TEXT NOT NULL,
  since    INTEGER NOT NULL,
  taken_at INTEGER,
  PRIMARY KEY (rung_id, address)
) STRICT, WITHOUT ROWID;

-- Somebody says that a recorded death is a mistake; a second person agrees or does not.
CREATE TABLE death_reversal (
  id         INTEGER PRIMARY KEY,
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  asked_by   TEXT NOT NULL,
  asked_at   INTEGER NOT NULL,
  to_status  TEXT NOT NULL,
  reason     TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('asked', 'agreed', 'declined', 'expired')),
  ended_by   TEXT,
  ended_at   INTEGER,
  CHECK ((state = 'asked') = (ended_at IS NULL)),
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX death_reversal_open ON death_reversal (patient_id) WHERE state = 'asked';
CREATE TRIGGER death_reversal_kept BEFORE DELETE ON death_reversal
  BEGIN SELECT raise(ABORT, 'what was asked stays on record'); END;
