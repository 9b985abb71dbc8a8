-- Whether a link is dead is asked of the one it belongs to, each time. It stood in the link's own row as well, and there it
-- stayed after a death recorded in error was undone: she could neither stop her letters nor send an answer.

UPDATE link SET state = CASE WHEN EXISTS (SELECT 1 FROM response r WHERE r.follow_up_id = link.follow_up_id
  AND r.link_id = link.id AND r.state = 'submitted') THEN 'used' ELSE 'open' END WHERE state = 'dead';
