-- Whoever rang, or is to be rung back, is looked for by the number on the display: found through an index, however many patients
-- there are.
CREATE INDEX contact_phone ON contact (phone) WHERE phone IS NOT NULL;
CREATE INDEX contact_phone_2 ON contact (phone_2) WHERE phone_2 IS NOT NULL;
CREATE INDEX contact_other_phone ON contact (other_phone) WHERE other_phone IS NOT NULL;
