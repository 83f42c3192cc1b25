"""A person's verdict on two mentions: kept beside the machine's links, and never overruled by them."""

from __future__ import annotations

from typing import Literal, get_args

from align import neighbourhood
from align.records import Distortion, Evidence, Link, Relation
from align.repeat import fullest
from ingest import ids
from ingest.errors import UsageError
from ingest.store import Store

Word = Literal["same", "different", "withdraw"]
WORDS: tuple[str, ...] = (*get_args(Word), *(one for one in get_args(Relation) if one != "fullest"))


def judge(
    corpus: Store,
    one: str,
    other: str,
    word: str,
    *,
    distortion: Distortion | None = None,
    why: str = "",
    run: str | None,
) -> tuple[str, str]:
    """Keep a verdict on two mentions; a later one on the same two replaces it. Returns their ids, the fuller first.

    ``word``: "same" or "different" utterance, how the less full one is related to the fuller ("excerpt", ...; a
    distortion with its kind), or "withdraw". The change shows when the corpus is linked (``relink``). Raises UsageError
    for words and mentions that there are not.
    """
    if word not in WORDS:
        raise UsageError("cannot judge", word, f"say one of {', '.join(WORDS)}")
    if (word == "distortion") != (distortion is not None):
        raise UsageError("cannot judge", word, "a distortion has a kind (--distortion), and nothing else has")
    held = neighbourhood.mentions(corpus, (one, other))
    for name in (one, other):
        if name not in held:
            raise UsageError("cannot judge", name, "no mention in the corpus has this id")
    if one == other:
        raise UsageError("cannot judge", one, "a mention is one utterance with itself")
    left = fullest([held[name] for name in sorted(held)])
    right = held[other if left.id == one else one]
    name = ids.content_id("link", left.id, right.id, "human")
    with corpus.transaction():
        if word == "withdraw":
            corpus.run("DELETE FROM links WHERE id = ?", (name,))
        else:
            corpus.replace(
                Link(
                    id=name, run=run, left=left.id, right=right.id, relation=_relation(word), method="human",
                    translated=left.language != right.language, distortion=distortion, score=1.0,
                    evidence=(Evidence(check="verdict", says=why or word),),
                )
            )  # fmt: skip
    return left.id, right.id


def _relation(word: str) -> Relation | Literal["same"] | None:
    relations: dict[str, Relation] = {one: one for one in get_args(Relation)}
    return None if word == "different" else relations.get(word, "same")
