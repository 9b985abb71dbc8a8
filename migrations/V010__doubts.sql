-- A letter in doubt goes again once. Until now nothing counted: a server that answered the final dot late was handed the same
-- letter every quarter of an hour, and the ledger forgot that any of them may have arrived. Now it is on record when a letter
-- was first in doubt, and one that was in doubt twice can neither wait in the outbox nor be taken in hand again.

UPDATE delivery SET state = 'unknown', doubts = doubts + (state = 'claimed'),
  reason = 'it was in doubt more than once before there was an end to it', ended_at = coalesce(next_at, lease_until),
  next_at = NULL, lease_until = NULL
  WHERE doubts >= 2 AND (state = 'pending' OR state = 'claimed') AND message_id IS NOT NULL;
INSERT OR IGNORE INTO task (kind, cause, patient_id, reason, opened_at, due_at, state)
  SELECT 'letter-unknown', 'delivery/' || d.id, d.patient_id,
    'Letter ' || d.id || ': it was in doubt more than once and does not go again', d.ended_at, d.ended_at, 'open'
  FROM delivery d JOIN patient p ON p.id = d.patient_id
  WHERE d.state = 'unknown' AND d.doubts >= 2 AND d.purpose <> 'canary' AND p.status <> 'deceased'
    AND EXISTS (SELECT 1 FROM reminder r WHERE r.delivery_id = d.id AND r.state = 'due')
    AND NOT EXISTS (SELECT 1 FROM task t WHERE t.kind = 'letter-unknown' AND t.cause = 'delivery/' || d.id);
ALTER TABLE delivery ADD COLUMN in_doubt_at INTEGER CHECK (doubts < 2 OR ended_at IS NOT NULL);
UPDATE delivery SET in_doubt_at = coalesce((SELECT min(a.ended_at) FROM attempt a
  WHERE a.delivery_id = delivery.id AND a.verdict = 'unknown'), ended_at, first_tried_at) WHERE doubts > 0;
