-- Whoever watches the daemon asks every few seconds how many letters came to which end, and how fast people act: both are
-- answered without reading the ledger or the alerts.

-- Letters that came to an end, by why they exist and how it ended. A letter that goes again is counted back. Those that wait
-- or are in hand have an index of their own.
CREATE TABLE letter_count (
  purpose TEXT NOT NULL,
  fate    TEXT NOT NULL,
  letters INTEGER NOT NULL,
  PRIMARY KEY (purpose, fate)
) STRICT, WITHOUT ROWID;
INSERT INTO letter_count (purpose, fate, letters)
  SELECT purpose, state, count(*) FROM delivery WHERE state <> 'pending' AND state <> 'claimed' GROUP BY purpose, state;
CREATE TRIGGER letter_count_new AFTER INSERT ON delivery WHEN NEW.state <> 'pending' AND NEW.state <> 'claimed' BEGIN
  INSERT INTO letter_count (purpose, fate, letters) VALUES (NEW.purpose, NEW.state, 1)
    ON CONFLICT (purpose, fate) DO UPDATE SET letters = letters + 1;
END;
CREATE TRIGGER letter_count_ended AFTER UPDATE OF state ON delivery
  WHEN NEW.state <> OLD.state AND NEW.state <> 'pending' AND NEW.state <> 'claimed' BEGIN
  INSERT INTO letter_count (purpose, fate, letters) VALUES (NEW.purpose, NEW.state, 1)
    ON CONFLICT (purpose, fate) DO UPDATE SET letters = letters + 1;
END;
CREATE TRIGGER letter_count_again AFTER UPDATE OF state ON delivery
  WHEN NEW.state <> OLD.state AND OLD.state <> 'pending' AND OLD.state <> 'claimed' BEGIN
  UPDATE letter_count SET letters = letters - 1 WHERE purpose = OLD.purpose AND fate = OLD.state;
END;

-- How long a person took, from the answer (or the last that lifted the alert) to the first hand on it.
CREATE INDEX alert_first_act ON alert (tier, first_acted_at, lifted_at, raised_at)
  WHERE first_acted_at IS NOT NULL AND audience = 'ladder';
