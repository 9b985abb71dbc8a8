-- Who owes an answer is asked of checklists that nobody answered, not of every follow-up there ever was.
CREATE INDEX follow_up_unanswered ON follow_up (due_on) WHERE kind = 'checklist' AND state IN ('planned', 'missed');
