"""The tables of align, in the corpus file that ingest keeps; and the questions that align asks of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from align.records import Citation, Mention, Utterance
from ingest import fold
from ingest.records import Document, Person
from ingest.store import Store

_WORD = re.compile(r"\w+")


class VectorTable:
    """Vectors kept in the corpus, so that no text is encoded twice: the cache that ``encode.CachedEncoder`` asks."""

    def __init__(self, corpus: Store) -> None:
        self._corpus = corpus

    def get_many(self, encoder: str, digests: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors that are there, by digest of their text."""
        found = {}
        for digest in digests:
            rows = self._corpus.execute(
                "SELECT vector FROM vectors WHERE encoder = ? AND digest = ?", (encoder, digest)
            )
            for (blob,) in rows:
                found[digest] = np.frombuffer(blob, dtype=np.float32)
        return found

    def put_many(self, encoder: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep vectors by digest of their text."""
        with self._corpus.transaction():
            for digest, vector in vectors.items():
                blob = np.asarray(vector, dtype=np.float32).tobytes()
                self._corpus.run("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", (encoder, digest, blob))


def known_people(corpus: Store, declared: Sequence[Person]) -> tuple[Person, ...]:
    """Return the declared people and those met in earlier documents, with the spellings they were met in."""
    names = {person.name for person in declared}
    met: dict[str, dict[str, list[str]]] = {}
    sql = "SELECT DISTINCT person, language, speaker FROM mentions WHERE person IS NOT NULL ORDER BY 1, 2, 3"
    for person, language, speaker in corpus.execute(sql):
        if person not in names:
            spellings = met.setdefault(person, {}).setdefault(language or "und", [])
            if speaker[:1].isupper():
                spellings.append(speaker)
    return (
        *declared,
        *(
            Person(id=name, name=name, aliases={language: tuple(s) for language, s in by_language.items()})
            for name, by_language in met.items()
        ),
    )


def _phrase(words: Sequence[str]) -> str:
    return '"' + " ".join(words) + '"'


def match_query(text: str, *, phrase: bool) -> str:
    """Return an FTS5 query for the folded words of ``text``: as one phrase, or all of them anywhere."""
    words = _WORD.findall(fold.fold(text))
    return _phrase(words) if phrase else " AND ".join(_phrase([word]) for word in words)


def mentions_with(corpus: Store, text: str, *, phrase: bool, limit: int = 200) -> list[Mention]:
    """Return mentions that contain the words of ``text``, best first."""
    query = match_query(text, phrase=phrase)
    if not query.strip('"'):
        return []
    where = (
        "JOIN mention_words ON mention_words.rowid = mentions.rowid "
        "WHERE mention_words MATCH ? ORDER BY mention_words.rank, mentions.id LIMIT ?"
    )
    return list(corpus.find(Mention, where, (query, limit)))


def documents_with(corpus: Store, text: str, *, phrase: bool, limit: int = 200) -> list[Document]:
    """Return documents whose title or text contains the words of ``text``, best first."""
    query = match_query(text, phrase=phrase)
    if not query.strip('"'):
        return []
    where = (
        "JOIN document_words ON document_words.rowid = documents.rowid "
        "WHERE document_words MATCH ? ORDER BY document_words.rank, documents.id LIMIT ?"
    )
    return list(corpus.find(Document, where, (query, limit)))


def utterance_of(corpus: Store, mention: str) -> Utterance | None:
    """Return the utterance that a mention belongs to."""
    where = "JOIN versions ON versions.utterance = utterances.id WHERE versions.mention = ?"
    return next(corpus.find(Utterance, where, (mention,)), None)


def mentions_of(corpus: Store, ids: Iterable[str]) -> Iterator[Mention]:
    """Yield the mentions with these ids."""
    wanted = msgspec.json.encode(list(ids)).decode()
    yield from corpus.find(Mention, "WHERE id IN (SELECT value FROM json_each(?))", (wanted,))


def documents_of(corpus: Store, mentions: Iterable[Mention]) -> dict[str, Document]:
    """Return the documents that these mentions stand in, by id."""
    wanted = msgspec.json.encode(sorted({mention.document for mention in mentions})).decode()
    found = corpus.find(Document, "WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    return {document.id: document for document in found}


def citations_of(corpus: Store, documents: Iterable[str]) -> list[Citation]:
    """Return the citations made by these documents, in order of place."""
    wanted = msgspec.json.encode(sorted(documents)).decode()
    where = 'WHERE document IN (SELECT value FROM json_each(?)) ORDER BY document, "start"'
    return list(corpus.find(Citation, where, (wanted,)))


def outlets_with_pages(corpus: Store, outlets: Iterable[str]) -> set[str]:
    """Return those of the outlets of which the corpus has a document."""
    wanted = msgspec.json.encode(sorted(set(outlets))).decode()
    sql = "SELECT DISTINCT outlet FROM documents WHERE outlet IN (SELECT value FROM json_each(?))"
    return {outlet for (outlet,) in corpus.execute(sql, (wanted,))}


def voices_of(corpus: Store, outlets: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return by outlet and person how many mentions the outlet's pages hold; unresolved speakers are left out."""
    wanted = msgspec.json.encode(sorted(set(outlets))).decode()
    sql = """
        SELECT outlet, person, count(*) FROM mentions JOIN documents ON documents.id = mentions.document
        WHERE outlet IN (SELECT value FROM json_each(?)) AND person IS NOT NULL GROUP BY 1, 2
    """
    found: dict[str, dict[str, int]] = {}
    for outlet, person, number in corpus.execute(sql, (wanted,)):
        found.setdefault(outlet, {})[person] = number
    return found


def translations_of_mentions(
    corpus: Store, language: str = "en", only: Iterable[str] | None = None, *, least: float = 0.0
) -> dict[str, str]:
    """Return trusted translations of mentions: those of the sentences that a mention lies in, where none is flagged.

    A mention is left out when any sentence that it touches has no translation or a suspect one. ``only`` limits the
    answer to mentions with these ids, ``least`` to those that are so great a share of their sentences.
    """
    some = "" if only is None else "AND mentions.id IN (SELECT value FROM json_each(?))"
    values = () if only is None else (msgspec.json.encode(list(only)).decode(),)
    sql = f"""
        SELECT mentions.id, count(*), count(translations.id),
               group_concat(translations.text, ' ' ORDER BY segments."start"),
               sum(translations.flags IS NOT NULL AND translations.flags <> '[]')
        FROM mentions JOIN segments ON segments.document = mentions.document AND segments.part = 'text'
             AND segments."start" < mentions."end" AND segments."end" > mentions."start"
        LEFT JOIN current_translations AS translations
             ON translations.segment = segments.id AND translations.language = ?
        WHERE mentions.language <> ? {some} GROUP BY mentions.id
        HAVING (mentions."end" - mentions."start") >= ? * sum(segments."end" - segments."start")
    """
    return {
        mention: text
        for mention, sentences, translated, text, suspect in corpus.execute(sql, (language, language, *values, least))
        if sentences == translated and not suspect
    }
