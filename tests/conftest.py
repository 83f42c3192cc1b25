"""Invariants are tried on the same examples every time; ``QUOTELINE_EXPLORE=1 make test`` looks for new ones."""

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True, database=None)
settings.register_profile("explore")
settings.load_profile("explore" if os.environ.get("QUOTELINE_EXPLORE") else "same")
