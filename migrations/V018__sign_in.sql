-- How often somebody may try to sign in is counted by account and place while the process lives. The count in the account's
-- row let a stranger rest every account with twenty posts.

ALTER TABLE staff DROP COLUMN failures;
ALTER TABLE staff DROP COLUMN locked_until;
