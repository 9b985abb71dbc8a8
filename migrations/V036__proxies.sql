-- A record may leave to the clinic how much letters say, and goes with it when the clinic decides anew.

-- 1: the record says nothing, and the clinic's level counts; `detail` holds it, so that whoever reads the row reads one word.
ALTER TABLE patient ADD COLUMN detail_follows INTEGER NOT NULL DEFAULT 0 CHECK (detail_follows IN (0, 1));
CREATE INDEX patient_detail_follows ON patient (detail) WHERE detail_follows = 1;
