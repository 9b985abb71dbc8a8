-- A letter that may have left before a backup was restored, and that the outbox of the copy does not hold yet, is decided about
-- by itself: an instant here says that a person lets it leave once it is owed again, as a second copy under its old Message-ID.
ALTER TABLE prior_letter ADD COLUMN released_at INTEGER;
