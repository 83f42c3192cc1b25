-- From format 1 to 2: sources that fail are remembered, and what copies are found by.
CREATE TABLE IF NOT EXISTS failing (
  source TEXT PRIMARY KEY, failures INTEGER NOT NULL, since TEXT NOT NULL, try_again_at TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE TABLE originals (number INTEGER PRIMARY KEY, document TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE bands (key INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)) STRICT, WITHOUT ROWID;
CREATE TABLE paragraphs (key INTEGER NOT NULL, page INTEGER NOT NULL, PRIMARY KEY (key, page)) STRICT, WITHOUT ROWID;
