-- One person under two case codes gets every letter twice, and after her death one of the two still writes to her family. Whoever
-- has the same name and birth date is found through this index, at every enrolment and every death.

CREATE INDEX patient_alike ON patient (birth_on, preferred_name COLLATE NOCASE);

-- A restored copy gives row numbers out again. What was made for the lost rows (links, Message-IDs, return paths) must not
-- open, or stop, anything of the rows that come after: a fence says up to where the numbers are the old ones.
CREATE TABLE fence (
  at        INTEGER PRIMARY KEY,
  patient   INTEGER NOT NULL,
  follow_up INTEGER NOT NULL,
  delivery  INTEGER NOT NULL
) STRICT;
