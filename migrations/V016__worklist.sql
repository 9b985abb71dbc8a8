-- Open tasks are read a page at a time, by when they are due; each kind for itself where that is asked.
CREATE INDEX task_open ON task (due_at, id) WHERE state = 'open';
CREATE INDEX task_open_kind ON task (kind, due_at, id) WHERE state = 'open';
