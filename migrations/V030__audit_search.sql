-- Whoever looks for something in the audit finds it by who acted, what was done or what it is about, whatever else stands in it.
-- The program itself acts most often: a walk along `audit_at` meets its events at once, and they need no index of their own.
CREATE INDEX audit_at ON audit_event (at);
CREATE INDEX audit_action ON audit_event (action, at);
CREATE INDEX audit_actor ON audit_event (actor, at, action) WHERE actor <> 'daemon';
CREATE INDEX audit_subject ON audit_event (subject, at);
-- Every alert of one patient, closed ones too.
CREATE INDEX alert_patient ON alert (patient_id, id);
