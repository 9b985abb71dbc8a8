-- The first screen reads a page at a time: alerts in the order in which they press, tasks by who works on them, letters that
-- failed by when they did, and what falls due by its kind.

-- Where an open alert stands in the list: what rings comes first, by how urgent it is. An answer that nobody sorted counts as
-- urgent.
ALTER TABLE alert ADD COLUMN list_rank INTEGER GENERATED ALWAYS AS
  (CASE state WHEN 'acknowledged' THEN 3 ELSE 0 END + CASE tier WHEN 'emergency' THEN 0 WHEN 'soon' THEN 2 ELSE 1 END) VIRTUAL;
CREATE INDEX alert_list ON alert (list_rank, due_at, id) WHERE state <> 'closed' AND audience = 'ladder';

-- Whose a task is, and whether it is anybody's, is asked without reading its row.
DROP INDEX task_open;
DROP INDEX task_open_kind;
CREATE INDEX task_open ON task (due_at, id, snoozed_until, owner) WHERE state = 'open';
CREATE INDEX task_open_kind ON task (kind, due_at, id, snoozed_until, owner) WHERE state = 'open';
CREATE INDEX task_owner ON task (owner, due_at, id, snoozed_until) WHERE state = 'open' AND owner IS NOT NULL;

CREATE INDEX delivery_failed ON delivery (ended_at) WHERE state = 'failed';

-- What falls due is counted by kind without reading its rows.
DROP INDEX follow_up_next;
CREATE INDEX follow_up_next ON follow_up (next_at, id, kind) WHERE next_at IS NOT NULL;
