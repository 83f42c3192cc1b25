"""What every exporter keeps to.

How much text of an outlet leaves is decided by its rights: ``full`` everything; ``excerpt`` the quotations, not the
text around them; ``selectors`` offsets and digests only. An outlet that is not declared counts as ``selectors``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ingest.errors import StoreError
from ingest.records import Rights
from ingest.store import Store

TEXT: frozenset[Rights] = frozenset({"full"})  # rights that let any text leave
QUOTATION: frozenset[Rights] = frozenset({"full", "excerpt"})  # rights that let quotations leave


def rights_of(corpus: Store) -> dict[str, Rights]:
    """Return the rights of the declared outlets, by id."""
    return {outlet.id: outlet.rights for outlet in corpus.outlets().values()}


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that is written beside and renamed into place when all of it is on disk. Raises StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".open")
        with beside.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        beside.rename(path)
    except OSError as error:
        raise StoreError("cannot export", str(error.filename or path), error.strerror or str(error)) from error
