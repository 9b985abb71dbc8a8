-- Alerts and tasks say "ring her": the number, when to ring, and who else may be rung belong to the record. A table of its
-- own, so that whoever writes a letter never has them in hand. Numbers stand as they are dialled (RFC 3966).

CREATE TABLE contact (
  patient_id    INTEGER PRIMARY KEY REFERENCES patient (id),
  phone         TEXT CHECK (phone GLOB '+[0-9]*'),
  phone_2       TEXT CHECK (phone_2 GLOB '+[0-9]*'),
  best_time     TEXT CHECK (best_time <> ''),
  other_contact TEXT CHECK (other_contact <> ''),
  other_phone   TEXT CHECK (other_phone GLOB '+[0-9]*'),
  -- Grows with each change: whoever saves an older look is told instead of overwriting.
  revision      INTEGER NOT NULL DEFAULT 1,
  CHECK (other_phone IS NULL OR other_contact IS NOT NULL)
) STRICT;
