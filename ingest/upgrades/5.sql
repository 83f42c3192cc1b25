-- From format 4 to 5: linking remembers its neighbourhoods. What is linked is linked anew by the next run.
CREATE TABLE spoken (
  mention TEXT PRIMARY KEY REFERENCES mentions(id), person TEXT, language TEXT NOT NULL, at TEXT, occasion TEXT NOT NULL,
  speech INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spoken_by_person ON spoken(person, at);
CREATE INDEX spoken_by_time ON spoken(at);
CREATE TABLE likenesses (
  "left" TEXT NOT NULL REFERENCES mentions(id), "right" TEXT NOT NULL REFERENCES mentions(id), cosine REAL NOT NULL,
  left_covered REAL NOT NULL, right_covered REAL NOT NULL, matched INTEGER NOT NULL, one_page INTEGER NOT NULL,
  certain REAL, PRIMARY KEY ("left", "right")
) STRICT, WITHOUT ROWID;
CREATE INDEX likenesses_by_right ON likenesses("right");
CREATE TABLE changes (
  number INTEGER PRIMARY KEY, run TEXT REFERENCES runs(id), at TEXT NOT NULL, utterance TEXT NOT NULL,
  change TEXT NOT NULL, other TEXT, mentions TEXT NOT NULL, cause TEXT NOT NULL
) STRICT;
CREATE INDEX changes_by_utterance ON changes(utterance);
