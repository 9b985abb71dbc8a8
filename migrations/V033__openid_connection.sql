-- Staff may sign in through the hospital's OpenID Connect provider: an account that its owner connected with her sign-in there.

-- Whom the provider means stands here as a digest only: enough to know her again, and nothing that names her elsewhere.
CREATE TABLE openid_connection (
  staff_id     INTEGER PRIMARY KEY REFERENCES staff (id),
  issuer       TEXT NOT NULL,
  identity     BLOB NOT NULL UNIQUE CHECK (length(identity) = 32),
  connected_at INTEGER NOT NULL
) STRICT;
