"""What a page prints of people: a role, a name. Both by the numbers of their words."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Role:
    """A role printed on the page: words [first, last), the role's id, and the countries or things it is of."""

    first: int
    last: int
    id: str
    places: dict[int, str]
    gender: str
    relational: bool
    wide: bool
    indefinite: bool = False
    former: bool = False
    possessed: bool = False
    phrase: str = ""
    holder: Name | None = None
    near: tuple[int, ...] = ()

    @property
    def of(self) -> frozenset[str]:
        """What the role is of: keys of countries and things, without the holder's own name."""
        own = range(self.holder.first, self.holder.last) if self.holder else range(0)
        return frozenset(key for i, key in self.places.items() if i not in own)


@dataclass(slots=True)
class Name:
    """A name printed on the page: words [first, last); ``sure`` when something besides capitals says it is a person."""

    first: int
    last: int
    words: tuple[str, ...]
    sure: bool
    gender: str
    subject: bool
    qualifies: bool = False
    roles: list[Role] = field(default_factory=list)

    @property
    def surname(self) -> str:
        """The last word of the name."""
        return self.words[-1]
