-- That she may have died was read from the end of the sentence that stands as the reason of her pause. A restore that knew the pause
-- from the sent journal alone had no sentence, and she was paused like anybody who travels. It is a word now.
ALTER TABLE patient ADD COLUMN suspected_death TEXT
  CHECK (suspected_death IN ('message', 'address', 'alike', 'untold'))
  CHECK (suspected_death IS NULL OR status = 'paused');

UPDATE patient SET suspected_death = CASE
  WHEN status_reason LIKE '%a message says that she may have died: ask with care before letters go on' THEN 'message'
  WHEN status_reason LIKE '%a message from the address on record says that she may have died: ask with care before letters go on'
    THEN 'address'
  WHEN status_reason LIKE
    '%a record with the same name and birth date is that of a woman who has died: ask with care before letters go on' THEN 'alike'
  END
WHERE status = 'paused';

-- Where somebody stood whom a backup does not have: if she is put on record again, the same is asked of her as before.
ALTER TABLE prior_status ADD COLUMN suspected_death TEXT CHECK (suspected_death IN ('message', 'address', 'alike', 'untold'));
