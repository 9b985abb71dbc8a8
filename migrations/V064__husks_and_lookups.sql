-- Of records that were erased already goes what nobody had thought of: answers she had taken back, and her case code in signed calls
-- and in letters to staff.
UPDATE response SET replaced = '[]' WHERE replaced <> '[]' AND patient_id IN (SELECT patient_id FROM erased_patient);
UPDATE webhook_call SET body = '{}', reply = iif(reply IS NULL, NULL, 'erased') WHERE state <> 'pending'
  AND alert_id IN (SELECT a.id FROM alert a JOIN erased_patient e ON e.patient_id = a.patient_id);
UPDATE sealed SET inputs = NULL WHERE recipient IS NOT NULL
  AND EXISTS (SELECT 1 FROM delivery d WHERE d.id = sealed.delivery_id AND d.ended_at IS NOT NULL)
  AND delivery_id IN (SELECT n.delivery_id FROM alert_notice n JOIN alert a ON a.id = n.alert_id
    JOIN erased_patient e ON e.patient_id = a.patient_id WHERE n.channel = 'email');

-- What was asked by a walk through a whole table, at a page that staff look at all day or within the writer's turn.
CREATE INDEX task_open_cause ON task (cause) WHERE state = 'open';
CREATE INDEX inbound_nobody ON inbound (received_at) WHERE patient_id IS NULL;
CREATE INDEX prior_promise_letter ON prior_promise (prior_letter_id);
CREATE INDEX enrolment_opened ON enrolment (opened_at);
CREATE INDEX publication_moved ON publication_move (moved_at) WHERE moved_at IS NOT NULL;
