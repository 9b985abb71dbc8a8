-- No mail server tells Bea@p.example from bea@p.example, so two people behind them share one mailbox: addresses are compared
-- without regard to case, at every enrolment and every bounce, through this index.

DROP INDEX patient_email;
CREATE INDEX patient_mailbox ON patient (email COLLATE NOCASE) WHERE email IS NOT NULL;
