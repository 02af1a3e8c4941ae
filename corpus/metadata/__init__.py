"""Metadata of official documents, read from their text and from what files and pages say."""

from corpus.metadata.classification import check_unclassified
from corpus.metadata.reading import read_metadata
from corpus.metadata.validity import status_on

__all__ = ["check_unclassified", "read_metadata", "status_on"]
