-- A refusal that is about us is a verdict of its own: no letter fails by it. While the server refuses us, one row says so, since
-- when and in which words; and the letters refused in a row in the same words are known, so that those who were thought dead
-- through it can be put right again.

CREATE TABLE attempt_anew (
  delivery_id INTEGER NOT NULL REFERENCES delivery (id),
  number      INTEGER NOT NULL,
  ended_at    INTEGER NOT NULL,
  verdict     TEXT NOT NULL CHECK (verdict = 'accepted' OR verdict = 'later' OR verdict = 'overloaded' OR verdict = 'refused'
                   OR verdict = 'bad-address' OR verdict = 'unknown' OR verdict = 'returned' OR verdict = 'refuses-us'
                   OR verdict = 'unreached'),
  code        INTEGER,
  enhanced    TEXT,
  reply       TEXT NOT NULL,
  PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;
INSERT INTO attempt_anew SELECT delivery_id, number, ended_at, verdict, code, enhanced, reply
  FROM attempt;
DROP TABLE attempt;
ALTER TABLE attempt_anew RENAME TO attempt;
CREATE TRIGGER attempt_kept BEFORE DELETE ON attempt BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;

-- At most one row: the server refuses us, and letters to patients wait but for one that asks from time to time.
CREATE TABLE mail_refusal (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  since    INTEGER NOT NULL,
  audience TEXT NOT NULL CHECK (audience = 'patient' OR audience = 'staff'),
  cause    TEXT NOT NULL,
  likeness TEXT NOT NULL,
  code     INTEGER,
  reply    TEXT NOT NULL,
  probes   INTEGER NOT NULL DEFAULT 0,
  probe_at INTEGER NOT NULL
) STRICT;

-- Letters refused for good in a row, all in the same words; and how those stood whom that took their letters from.
CREATE TABLE refused_alike (
  delivery_id INTEGER PRIMARY KEY REFERENCES delivery (id),
  likeness    TEXT NOT NULL,
  at          INTEGER NOT NULL
) STRICT;
CREATE TABLE refused_alike_status (
  delivery_id  INTEGER NOT NULL REFERENCES delivery (id),
  patient_id   INTEGER NOT NULL REFERENCES patient (id),
  status       TEXT NOT NULL,
  paused_until TEXT,
  PRIMARY KEY (delivery_id, patient_id)
) STRICT, WITHOUT ROWID;
