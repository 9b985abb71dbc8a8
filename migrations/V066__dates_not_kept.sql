-- A booked date that has passed counts as not booked: whoever missed it is overdue until somebody says what became of it.
DROP INDEX follow_up_overdue;
CREATE INDEX follow_up_overdue ON follow_up (due_on, id, state, patient_id, enrolment_id)
  WHERE state IN ('planned', 'booked') AND kind IN ('visit', 'test');

-- A task about a missed date stands from now on until that is said. Those that are open stand; of those that were marked as done
-- the ones come back whose date still stands as booked.
INSERT OR IGNORE INTO standing (kind, cause, patient_id, follow_up_id, reason, since)
SELECT t.kind, t.cause, t.patient_id, t.follow_up_id, t.reason, t.opened_at
FROM task t
WHERE t.kind = 'missed' AND t.state = 'open';

INSERT OR IGNORE INTO standing (kind, cause, patient_id, follow_up_id, reason, since)
SELECT t.kind, t.cause, t.patient_id, t.follow_up_id, t.reason, t.opened_at
FROM appointment a
JOIN follow_up f ON f.id = a.follow_up_id AND f.state = 'booked'
JOIN patient p ON p.id = f.patient_id AND p.status IN ('active', 'paused', 'address_bad', 'opted_out_email')
JOIN task t ON t.follow_up_id = f.id AND t.kind = 'missed' AND t.state = 'done'
WHERE a.state = 'booked' AND a.on_date < date(t.opened_at / 1000, 'unixepoch')
ORDER BY t.id DESC;
