-- What staff word themselves, letter by letter and language by language: one row a version, with the texts of that letter that
-- are the clinic's own. A version is never changed; the newest counts, and one without texts means the shipped words again.

CREATE TABLE own_wording_version (
  id       INTEGER PRIMARY KEY,
  letter   TEXT NOT NULL,
  language TEXT NOT NULL,
  -- A JSON object: the name of a text, and what it says.
  texts    TEXT NOT NULL,
  set_at   INTEGER NOT NULL,
  set_by   TEXT NOT NULL,
  -- The version that was taken again, where this is a copy of one.
  again_of INTEGER REFERENCES own_wording_version (id)
) STRICT;
CREATE INDEX own_wording_version_of ON own_wording_version (letter, language, id);
CREATE TRIGGER own_wording_version_kept BEFORE DELETE ON own_wording_version
  BEGIN SELECT raise(ABORT, 'what was worded stays on record'); END;
CREATE TRIGGER own_wording_version_fixed BEFORE UPDATE ON own_wording_version
  BEGIN SELECT raise(ABORT, 'a version is not changed: write another'); END;
