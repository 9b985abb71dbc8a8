-- Whether the letters that wait are usual was counted with each batch: a day of many letters was counted many thousand times. What
-- was counted counts for as many letters, and for a minute.
ALTER TABLE letter_volume ADD COLUMN cleared INTEGER NOT NULL DEFAULT 0;
ALTER TABLE letter_volume ADD COLUMN cleared_at INTEGER;
