"""The errors of drafting, each one sentence that names the file and the next step.

CorpusError
└── DraftingError     drafting or checking cannot go on
    ├── KindError     a kind file under prompts/draft is broken: file and line
    ├── FactsError    a facts file is broken: file and line
    ├── DocumentFileError   a file to check cannot be opened: corrupt, locked, with macros
    └── ExportError   a document cannot be written: no LibreOffice, no permission
"""

from __future__ import annotations

from corpus.errors import CorpusError


class DraftingError(CorpusError):
    """Drafting or checking cannot go on; nothing that was there is lost."""


class KindError(DraftingError):
    """A kind file is broken; the message names the file and the line."""


class FactsError(DraftingError):
    """A facts file is broken; the message names the file and, where known, the line."""


class DocumentFileError(DraftingError):
    """A file to be checked cannot be opened."""


class ExportError(DraftingError):
    """A document cannot be written in the format asked for."""
