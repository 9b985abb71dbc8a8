-- Staff add visits that no protocol asks for. What one is for stands beside its date, in staff's words and for staff alone.
ALTER TABLE appointment ADD COLUMN note TEXT NOT NULL DEFAULT '';

-- Since when she agrees to letters by e-mail, and who noted it when (clinical brief, Privacy). No letter waits for it.
ALTER TABLE contact ADD COLUMN mail_consent_on TEXT CHECK (mail_consent_on GLOB '[0-9]*');
ALTER TABLE contact ADD COLUMN mail_consent_by TEXT;
ALTER TABLE contact ADD COLUMN mail_consent_at INTEGER;
