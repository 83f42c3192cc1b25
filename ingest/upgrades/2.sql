-- From format 1 to 2: sources that fail are remembered.
CREATE TABLE failing (
  source TEXT PRIMARY KEY, failures INTEGER NOT NULL, since TEXT NOT NULL, try_again_at TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
