-- A form that came back sooner than a person can read it is kept and judged, and is no answer: perhaps a machine filled it in.
ALTER TABLE response ADD COLUMN hurried INTEGER NOT NULL DEFAULT 0 CHECK (hurried IN (0, 1));
