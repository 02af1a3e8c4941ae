"""The errors of the staff page, each a sentence a person can act on.

CorpusError
└── StaffError
    ├── RefusedError    the role or the state does not allow it
    ├── MissingError    there is no such draft or version
    └── ConflictError   somebody else has saved a version meanwhile
"""

from __future__ import annotations

from corpus.errors import CorpusError


class StaffError(CorpusError):
    """What was asked for cannot be done; nothing was changed."""


class RefusedError(StaffError):
    """The role of the person or the state of the draft does not allow it."""


class MissingError(StaffError):
    """There is no such draft or version."""


class ConflictError(StaffError):
    """Another person has saved a version since this one was opened."""
