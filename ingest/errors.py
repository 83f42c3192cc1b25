"""The one error tree.

    QuotelineError          what, about what, why: one line for a person
    ├── UsageError          the command line or a configuration is wrong        exit code 2
    │   └── SeedError       a seed file is wrong
    ├── RecordError         a line of JSON is not the record it should be       exit code 3 beside good lines, else 1
    ├── StoreError          the corpus cannot be opened, read or written        exit code 1
    ├── ModelError          a translation package cannot be installed or loaded exit code 1
    └── LockedError         another refresh holds the lock                      exit code 4

What is expected to go wrong with one page is a value (Drop), not an exception.
"""

from __future__ import annotations


class QuotelineError(Exception):
    """Base: renders as ``what: about: why`` on one line.

    ``what`` is the action that failed, ``about`` the file, URL or record, ``why`` the cause.
    """

    exit_code = 1

    def __init__(self, what: str, about: str, why: str) -> None:
        self.what, self.about, self.why = what, about, why
        super().__init__(what, about, why)

    def __str__(self) -> str:
        parts = (self.what, self.about, self.why)
        return " ".join(": ".join(part for part in parts if part).split())


class UsageError(QuotelineError):
    """The command line or a configuration is wrong."""

    exit_code = 2


class SeedError(UsageError):
    """A seed file cannot be read or says something impossible."""


class RecordError(QuotelineError):
    """A line of JSON is not the record it should be."""


class StoreError(QuotelineError):
    """The corpus cannot be opened, read or written."""


class ModelError(QuotelineError):
    """A translation package cannot be installed, verified or loaded."""


class LockedError(QuotelineError):
    """Another refresh holds the lock of this corpus."""

    exit_code = 4
