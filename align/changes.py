"""What became of utterances when more was known, and why: the log that an old id is looked up in."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from align.records import Link, Utterance
from ingest.store import Store


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an utterance: "renamed", "merged" into another one, "split" so that another one has a part."""

    utterance: str
    change: str
    other: str
    mentions: tuple[str, ...]  # that are in the other one now
    cause: str
    at: datetime


def changes(
    before: Sequence[Utterance],
    after: Sequence[Utterance],
    dirty: Collection[str],
    judged: Sequence[Link],
    withdrawn: Collection[tuple[str, str]],
    at: datetime,
) -> list[Change]:
    """Return what became of utterances, in order of id, and why.

    ``dirty`` are new mentions, ``judged`` new verdicts, ``withdrawn`` the pairs of verdicts that are no more.
    """
    now = {version.mention: one for one in after for version in one.mentions}
    then = {version.mention: one for one in before for version in one.mentions}
    found = []
    for old in before:
        went: dict[str, list[str]] = {}
        for version in old.mentions:
            if version.mention in now:
                went.setdefault(now[version.mention].id, []).append(version.mention)
        for other, moved in sorted(went.items()):
            new = now[moved[0]]
            came_from = {then[v.mention].id for v in new.mentions if v.mention in then}
            if len(went) > 1:
                change = "split"
            elif len(came_from) > 1:
                change = "merged"
            else:
                change = "renamed"
            if other != old.id or len(went) > 1 or len(came_from) > 1:
                cause = _cause(old, new, dirty, judged, withdrawn)
                found.append(
                    Change(
                        utterance=old.id, change=change, other=other, mentions=tuple(sorted(moved)), cause=cause, at=at
                    )
                )
    return found


def _cause(
    old: Utterance,
    new: Utterance,
    dirty: Collection[str],
    judged: Sequence[Link],
    withdrawn: Collection[tuple[str, str]],
) -> str:
    """Say why an utterance is another now."""
    involved = {version.mention for one in (old, new) for version in one.mentions}
    verdict = next((one for one in judged if one.left in involved and one.right in involved), None)
    if verdict is not None:
        return f"a person's verdict on {verdict.left} and {verdict.right}"
    gone = next((pair for pair in withdrawn if involved.issuperset(pair)), None)
    if gone is not None:
        return f"a person's verdict on {gone[0]} and {gone[1]} is withdrawn"
    known = {version.mention for version in old.mentions}
    fresh = sorted(set(dirty) & (involved - known))
    if fresh:
        return f"new: {', '.join(fresh[:3])}" + (f" and {len(fresh) - 3} more" if len(fresh) > 3 else "")
    if set(dirty) & known:
        return "new translation, or another encoder"
    return "what the person said in those days is known better"


def note(corpus: Store, change: Change, run: str | None) -> None:
    """Add a change to the log."""
    told = (change.utterance, change.change, change.other, json.dumps(change.mentions), change.cause)
    sql = "INSERT INTO changes (run, at, utterance, change, other, mentions, cause) VALUES (?, ?, ?, ?, ?, ?, ?)"
    corpus.run(sql, (run, change.at.isoformat(), *told))


def log(corpus: Store, run: str | None = None, limit: int = 1000) -> list[Change]:
    """Return what became of utterances, the latest first; of one run only, or of all."""
    columns = "utterance, change, other, mentions, cause, at"
    sql = f"SELECT {columns} FROM changes WHERE ? IN (run, '') ORDER BY number DESC LIMIT ?"
    return [
        Change(
            utterance=utterance, change=change, other=other, mentions=tuple(json.loads(moved)), cause=cause,
            at=datetime.fromisoformat(at),
        )
        for utterance, change, other, moved, cause, at in corpus.execute(sql, (run or "", limit))
    ]  # fmt: skip


def successor(corpus: Store, utterance: str) -> str | None:
    """Return the id that an utterance goes by now, by the log; None where it is not logged."""
    seen = set()
    while utterance not in seen:
        seen.add(utterance)
        sql = "SELECT other FROM changes WHERE utterance = ? ORDER BY number DESC, length(mentions) DESC LIMIT 1"
        row = next(corpus.execute(sql, (utterance,)), None)
        if row is None:
            return utterance if len(seen) > 1 else None
        utterance = row[0]
    return utterance
