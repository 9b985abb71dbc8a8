-- Staff add visits that no protocol asks for. What one is for stands beside its date, in staff's words and for staff alone.
ALTER TABLE appointment ADD COLUMN note TEXT NOT NULL DEFAULT '';
