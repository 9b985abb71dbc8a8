-- The language in which an account reads the console: its own choice, or none, and then the browser says.
ALTER TABLE staff ADD COLUMN language TEXT CHECK (language GLOB '[a-z][a-z]' OR language GLOB '[a-z][a-z][a-z]');
