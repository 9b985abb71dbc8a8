-- Which key makes the links was known to nobody but the key itself: another one in its place, or a new one after a loss, killed
-- every link in silence. The database keeps the fingerprint of each key it was used with, and since when; and of links whose
-- key was replaced it keeps the old digests, so that an old link says that it is too old and can be asked for anew.

CREATE TABLE link_key (
  id          INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  since       INTEGER NOT NULL
) STRICT;

CREATE TABLE replaced_link (
  digest      BLOB PRIMARY KEY,
  link_id     INTEGER NOT NULL REFERENCES link (id),
  replaced_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
