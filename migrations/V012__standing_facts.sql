-- Kept free for a change that is under way.

SELECT 1;
