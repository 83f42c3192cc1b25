"""How much text of an outlet leaves is decided by its rights: ``full`` everything; ``excerpt`` the quotations, not the
text around them; ``selectors`` offsets and digests only. An outlet that is not declared counts as ``selectors``.
"""

from __future__ import annotations

from ingest.records import Rights
from ingest.store import Store

TEXT: frozenset[Rights] = frozenset({"full"})  # rights that let any text leave
QUOTATION: frozenset[Rights] = frozenset({"full", "excerpt"})  # rights that let quotations leave


def rights_of(corpus: Store) -> dict[str, Rights]:
    """Return the rights of the declared outlets, by id."""
    return {outlet.id: outlet.rights for outlet in corpus.outlets().values()}
