-- A letter that comes back hours later is found by its Message-ID, and one notice counts once however often it arrives.

CREATE INDEX delivery_message ON delivery (message_id) WHERE message_id <> '';
CREATE INDEX audit_bounced ON audit_event (subject) WHERE action = 'delivery.bounced';
