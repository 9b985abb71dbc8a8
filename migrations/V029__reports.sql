-- How fast people act must not be forgotten when an alert is raised again; and reports ask for checklists by their day, and
-- for visits that are due and not booked.
ALTER TABLE alert ADD COLUMN first_acted_at INTEGER;
-- What was done about a milder alert says nothing of the graver one that came of it.
ALTER TABLE alert ADD COLUMN lifted_at INTEGER;
WITH lifted AS (SELECT subject, max(at) AS at FROM audit_event WHERE action = 'alert.lifted' GROUP BY subject)
  UPDATE alert SET lifted_at = lifted.at FROM lifted WHERE lifted.subject = 'alert/' || alert.id;
WITH lifted AS (SELECT subject, max(at) AS at FROM audit_event WHERE action = 'alert.lifted' GROUP BY subject),
  acted AS (SELECT e.subject AS subject, min(e.at) AS at FROM audit_event e LEFT JOIN lifted l ON l.subject = e.subject
    WHERE e.action = 'alert.acknowledged' AND e.at >= coalesce(l.at, e.at) GROUP BY e.subject)
  UPDATE alert SET first_acted_at = acted.at FROM acted WHERE acted.subject = 'alert/' || alert.id;
UPDATE alert SET first_acted_at = acknowledged_at
  WHERE first_acted_at IS NULL AND acknowledged_at >= coalesce(lifted_at, acknowledged_at);
CREATE INDEX follow_up_asked ON follow_up (due_on, state, enrolment_id, next_at) WHERE kind = 'checklist';
CREATE INDEX follow_up_overdue ON follow_up (due_on, id, patient_id, enrolment_id)
  WHERE state = 'planned' AND kind IN ('visit', 'test');
-- Whether a checklist was answered is asked of each one: the answer stands in the index.
DROP INDEX response_follow_up;
CREATE INDEX response_follow_up ON response (follow_up_id, state) WHERE follow_up_id IS NOT NULL;
