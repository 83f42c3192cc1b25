-- From format 2 to 3: titles are segments too, what was said of a language is kept, a route says why.
ALTER TABLE segments ADD COLUMN part TEXT NOT NULL DEFAULT 'text';
ALTER TABLE routes ADD COLUMN why TEXT NOT NULL DEFAULT '';
CREATE TABLE detections (
  record TEXT PRIMARY KEY, run TEXT REFERENCES runs(id), language TEXT NOT NULL, score REAL NOT NULL,
  evidence TEXT NOT NULL
) STRICT;
