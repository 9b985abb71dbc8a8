-- Who wants no letters, or whose address is dead, is followed all the same: people ask for what her plan owes. Her plan stood still
-- until now. It goes on from the last instant on record, as after any stop: what passed meanwhile becomes a task, never a burst.
UPDATE follow_up SET promised_from = max(promised_from, (SELECT coalesce(max(at), 0) FROM audit_event)),
       next_at = (SELECT coalesce(max(at), 0) FROM audit_event)
 WHERE state IN ('planned', 'booked') AND next_at IS NULL
   AND patient_id IN (SELECT id FROM patient WHERE status IN ('opted_out_email', 'address_bad'));
