-- What is usual on a weekday is counted within the writer's turn, over the letters of eight weeks; without an index it read every
-- letter ever written. Days come in order, so each letter that leaves adds to the same last page.
CREATE INDEX delivery_sent_day ON delivery (local_on) WHERE purpose = 'reminders' AND state = 'sent';
