-- The corpus: one SQLite file, ordinary STRICT tables, readable with any SQLite tool.
-- Times are ISO 8601 in UTC; lists and structures are JSON; ids are content hashes, so that adding twice changes nothing.
-- Rows of captures, documents, segments, translations and mentions are never overwritten: a page that changes
-- gets a new capture and, where its text changed, a new document beside the old one.

CREATE TABLE runs (
  id TEXT PRIMARY KEY, run TEXT, command TEXT NOT NULL, started TEXT NOT NULL, finished TEXT, exit_code INTEGER,
  counts TEXT NOT NULL
) STRICT;

CREATE TABLE drops (
  id TEXT PRIMARY KEY, run TEXT REFERENCES runs(id), stage TEXT NOT NULL, record TEXT NOT NULL, reason TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX drops_by_run ON drops(run);

-- The outlets as they were declared when the corpus was last refreshed: their names and rights.
CREATE TABLE outlets (id TEXT PRIMARY KEY, name TEXT NOT NULL, rights TEXT NOT NULL, declaration TEXT NOT NULL) STRICT;

-- What is done: a record that went through a stage, whatever came of it. A killed run goes on from here.
CREATE TABLE done (
  stage TEXT NOT NULL, record TEXT NOT NULL, run TEXT REFERENCES runs(id), PRIMARY KEY (stage, record)
) STRICT, WITHOUT ROWID;

-- What we know of each URL we asked for: the validators for the next conditional request and the last answer.
-- A local file that was read stands here too, under its path, with its size and time as etag.
CREATE TABLE visits (
  url TEXT PRIMARY KEY, etag TEXT, last_modified TEXT, checked_at TEXT NOT NULL, unchanged INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Which URLs a source listed when it was last read; a feed that answers 304 still lists them.
CREATE TABLE listings (
  source TEXT NOT NULL, url TEXT NOT NULL, is_index INTEGER NOT NULL, PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;

-- Sources that could not be read when last asked: how often in a row, since when, and when to try again.
CREATE TABLE failing (
  source TEXT PRIMARY KEY, failures INTEGER NOT NULL, since TEXT NOT NULL, try_again_at TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;

-- Politeness shared by all runs: when a host may next be asked, and its robots.txt.
CREATE TABLE hosts (
  host TEXT PRIMARY KEY, next_ok_at TEXT, robots_status INTEGER, robots_body BLOB, robots_at TEXT
) STRICT;

-- The WARC files that are complete; a file beside them that is not listed is taken in by the next run.
CREATE TABLE warcs (file TEXT PRIMARY KEY, run TEXT REFERENCES runs(id)) STRICT;

-- A capture's body stands in its WARC file at the offset.
CREATE TABLE captures (
  id TEXT PRIMARY KEY, run TEXT REFERENCES runs(id), outlet TEXT, source TEXT, url TEXT NOT NULL,
  fetched_at TEXT NOT NULL, status INTEGER NOT NULL, media_type TEXT, charset TEXT, digest TEXT NOT NULL,
  warc TEXT NOT NULL REFERENCES warcs(file), warc_offset INTEGER NOT NULL
) STRICT;
CREATE INDEX captures_by_url ON captures(url, fetched_at);

CREATE TABLE documents (
  id TEXT PRIMARY KEY, run TEXT REFERENCES runs(id), capture TEXT REFERENCES captures(id), outlet TEXT, url TEXT,
  title TEXT, byline TEXT, published TEXT, modified TEXT, first_seen TEXT, text TEXT NOT NULL, language TEXT,
  language_score REAL, steps TEXT NOT NULL, copy_of TEXT REFERENCES documents(id) DEFERRABLE INITIALLY DEFERRED,
  anchors TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX documents_by_url ON documents(url, first_seen);
CREATE INDEX documents_by_outlet ON documents(outlet);

-- Finding copies (ingest/dedupe.py): the documents that are no copies, the bands that their texts stand in, and on which
-- pages a paragraph of an outlet stands. It can all be made again from the documents.
CREATE TABLE originals (number INTEGER PRIMARY KEY, document TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE bands (key INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)) STRICT, WITHOUT ROWID;
CREATE TABLE paragraphs (key INTEGER NOT NULL, page INTEGER NOT NULL, PRIMARY KEY (key, page)) STRICT, WITHOUT ROWID;

-- Words of titles and texts as they are matched: one script a word, no accents, casefolded (ingest/fold.py).
CREATE VIRTUAL TABLE document_words USING fts5(title, text, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0");

CREATE TABLE segments (
  id TEXT PRIMARY KEY, run TEXT REFERENCES runs(id), document TEXT NOT NULL REFERENCES documents(id),
  "start" INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL,
  part TEXT NOT NULL DEFAULT 'text'
) STRICT;
CREATE INDEX segments_by_document ON segments(document, "start");

-- What each witness said of the language of a document, and of each sentence that is not in its document's language.
CREATE TABLE detections (
  record TEXT PRIMARY KEY, run TEXT REFERENCES runs(id), language TEXT NOT NULL, score REAL NOT NULL,
  evidence TEXT NOT NULL
) STRICT;

-- Which way a document's text took to English, and why: the states are those of ingest/translate.py.
CREATE TABLE routes (
  document TEXT PRIMARY KEY REFERENCES documents(id), run TEXT REFERENCES runs(id), state TEXT NOT NULL,
  path TEXT NOT NULL, why TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE translations (
  id TEXT PRIMARY KEY, run TEXT REFERENCES runs(id), segment TEXT NOT NULL REFERENCES segments(id),
  language TEXT NOT NULL, text TEXT NOT NULL, engine TEXT NOT NULL, path TEXT NOT NULL, flags TEXT NOT NULL, score REAL
) STRICT;
CREATE INDEX translations_by_segment ON translations(segment, language);

-- The translation memory: what an engine made of a text, so that no sentence is translated twice.
CREATE TABLE renderings (
  key TEXT PRIMARY KEY, text TEXT NOT NULL, score REAL NOT NULL, flags TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The latest translation of each sentence: a better package translates again, and the older rendering is kept.
CREATE VIEW current_translations AS
SELECT * FROM translations AS t
WHERE t.rowid = (SELECT max(rowid) FROM translations WHERE segment = t.segment AND language = t.language);

CREATE TABLE mentions (
  id TEXT PRIMARY KEY, run TEXT REFERENCES runs(id), document TEXT NOT NULL REFERENCES documents(id),
  "start" INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL, language TEXT, kind TEXT NOT NULL, form TEXT,
  cue TEXT NOT NULL, speaker TEXT NOT NULL, person TEXT, score REAL
) STRICT;
CREATE INDEX mentions_by_document ON mentions(document, "start");
CREATE INDEX mentions_by_person ON mentions(person);

CREATE VIRTUAL TABLE mention_words USING fts5(text, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0");

CREATE TABLE citations (
  id TEXT PRIMARY KEY, run TEXT REFERENCES runs(id), document TEXT NOT NULL REFERENCES documents(id),
  "start" INTEGER NOT NULL, "end" INTEGER NOT NULL, outlet TEXT NOT NULL, cue TEXT NOT NULL
) STRICT;
CREATE INDEX citations_by_document ON citations(document);

-- Vectors are the truth, one row a text and encoder; any index over them can be made again.
CREATE TABLE vectors (
  encoder TEXT NOT NULL, digest TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (encoder, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE links (
  id TEXT PRIMARY KEY, run TEXT REFERENCES runs(id), "left" TEXT NOT NULL REFERENCES mentions(id),
  "right" TEXT NOT NULL REFERENCES mentions(id), relation TEXT, translated INTEGER NOT NULL, distortion TEXT,
  score REAL NOT NULL, evidence TEXT NOT NULL, method TEXT NOT NULL
) STRICT;
CREATE INDEX links_by_left ON links("left");
CREATE INDEX links_by_right ON links("right");

CREATE TABLE utterances (
  id TEXT PRIMARY KEY, run TEXT REFERENCES runs(id), person TEXT, said_at TEXT, mentions TEXT NOT NULL,
  fullest TEXT NOT NULL REFERENCES mentions(id), earliest TEXT NOT NULL REFERENCES mentions(id),
  languages TEXT NOT NULL, outlets TEXT NOT NULL
) STRICT;

-- Which mention stands in which utterance, for looking up from either side.
CREATE TABLE versions (
  mention TEXT PRIMARY KEY REFERENCES mentions(id), utterance TEXT NOT NULL REFERENCES utterances(id)
) STRICT, WITHOUT ROWID;
CREATE INDEX versions_by_utterance ON versions(utterance);

-- When a mention was spoken, as linking reckons with it ("at"), and what its page says of that (an Occasion).
CREATE TABLE spoken (
  mention TEXT PRIMARY KEY REFERENCES mentions(id), person TEXT, language TEXT NOT NULL, at TEXT, occasion TEXT NOT NULL,
  speech INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spoken_by_person ON spoken(person, at);
CREATE INDEX spoken_by_time ON spoken(at);

-- Pairs of mentions that may be one utterance, the fuller one left: what a neighbourhood is linked anew from.
CREATE TABLE likenesses (
  "left" TEXT NOT NULL REFERENCES mentions(id), "right" TEXT NOT NULL REFERENCES mentions(id), cosine REAL NOT NULL,
  left_covered REAL NOT NULL, right_covered REAL NOT NULL, matched INTEGER NOT NULL, one_page INTEGER NOT NULL,
  certain REAL, PRIMARY KEY ("left", "right")
) STRICT, WITHOUT ROWID;
CREATE INDEX likenesses_by_right ON likenesses("right");

-- What became of utterances: renamed, merged, split, and why. Rows are only added.
CREATE TABLE changes (
  number INTEGER PRIMARY KEY, run TEXT REFERENCES runs(id), at TEXT NOT NULL, utterance TEXT NOT NULL,
  change TEXT NOT NULL, other TEXT, mentions TEXT NOT NULL, cause TEXT NOT NULL
) STRICT;
CREATE INDEX changes_by_utterance ON changes(utterance);
