"""The errors of the corpus, each a sentence a person can act on.

CorpusError
├── UsageError        the request itself is wrong: no such path, an unknown format or field value
├── ParseError        one file cannot be read; the run goes on without it
│   └── ClassifiedError   the text carries a state-secret mark and must not be stored
├── EmbeddingError    an embedding model is missing, broken or unreachable
├── StorageError      the data directory cannot be used: full disk, locked, no permission, damaged
└── IndexMismatchError    the index was built by another embedder or program version
"""

from __future__ import annotations


class CorpusError(Exception):
    """A problem whose message names the thing and, where there is one, the command that mends it."""


class UsageError(CorpusError):
    """The request itself is wrong; nothing was touched."""


class ParseError(CorpusError):
    """One file cannot be turned into text; other files are not affected."""


class ClassifiedError(ParseError):
    """The text carries a state-secret mark (密级), so it is refused at the door."""


class EmbeddingError(CorpusError):
    """The embedding model cannot be loaded or reached."""


class StorageError(CorpusError):
    """The data directory cannot be read or written."""


class IndexMismatchError(CorpusError):
    """The index on disk was built by another embedder or layout; `rebuild` makes it again."""
