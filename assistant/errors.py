"""The errors of the assistant, each a sentence a person can act on.

CorpusError (corpus.errors)
└── ModelError       a language model is missing, broken or unreachable; answers stay extractive
    └── DownloadError    a model file could not be fetched or does not have the digest it must have
"""

from __future__ import annotations

from corpus.errors import CorpusError


class ModelError(CorpusError):
    """A language model cannot be loaded, reached or made to answer."""


class DownloadError(ModelError):
    """A model file cannot be fetched, or is not the file that the catalogue names."""
