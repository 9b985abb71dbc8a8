-- An answer that somebody changes before she sends the form off was overwritten: staff saw an emergency and only "no". What it said
-- first stays beside it, as a list of field, word and the instant at which it was saved.
ALTER TABLE response ADD COLUMN replaced TEXT NOT NULL DEFAULT '[]';
