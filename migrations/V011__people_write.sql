-- What people and their programs write to a mailbox of ours: her words are kept for staff until the record goes, stand in no log and no
-- letter, and each message that asks for a person has a task (cause 'inbound/ID'). One message counts once, however often it is read.

CREATE TABLE inbound (
  id             INTEGER PRIMARY KEY,
  digest         BLOB NOT NULL UNIQUE,
  received_at    INTEGER NOT NULL,
  kind           TEXT NOT NULL CHECK (kind = 'wrote' OR kind = 'declined' OR kind = 'tentative' OR kind = 'proposed'
                   OR kind = 'accepted' OR kind = 'absence' OR kind = 'challenge' OR kind = 'server' OR kind = 'unknown'),
  patient_id     INTEGER REFERENCES patient (id),
  delivery_id    INTEGER REFERENCES delivery (id),
  appointment_id INTEGER REFERENCES appointment (id),
  sender         TEXT,
  subject        TEXT NOT NULL,
  text           TEXT NOT NULL,
  -- The automatic answer to it, a letter of the outbox like any other.
  answer_id      INTEGER REFERENCES delivery (id)
) STRICT;
CREATE INDEX inbound_patient ON inbound (patient_id, id) WHERE patient_id IS NOT NULL;
CREATE INDEX inbound_answer ON inbound (answer_id) WHERE answer_id IS NOT NULL;
CREATE INDEX inbound_delivery ON inbound (delivery_id) WHERE delivery_id IS NOT NULL;
