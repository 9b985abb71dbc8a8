-- One person under two case codes gets every letter twice, and after her death one of the two still writes to her family. Whoever
-- has the same name and birth date is found through this index, at every enrolment and every death.

CREATE INDEX patient_alike ON patient (birth_on, preferred_name COLLATE NOCASE);
