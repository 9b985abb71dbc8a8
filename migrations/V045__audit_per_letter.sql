-- One event for each letter and one for each commit that takes letters in hand made up most of the audit, and kept two indexes
-- growing in their middle: a third of the pages that a burst of letters wrote. They are found by their hour, and those of a letter
-- by its attempts, which stand at the same instant.
DROP INDEX audit_action;
CREATE INDEX audit_action ON audit_event (action, at) WHERE action <> 'delivery.sent' AND action <> 'delivery.claimed';
DROP INDEX audit_subject;
CREATE INDEX audit_subject ON audit_event (subject, at) WHERE action <> 'delivery.sent' AND action <> 'delivery.claimed';
