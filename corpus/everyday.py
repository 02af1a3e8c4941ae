"""Everyday words of a question → the words that documents use for the same thing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

LEXICON = Path(__file__).parent / "everyday_words.yaml"


@lru_cache(maxsize=1)
def load_lexicon(path: Path = LEXICON) -> Mapping[str, tuple[str, ...]]:
    """Return everyday word → document words, longest everyday word first."""
    entries = yaml.safe_load(path.read_text("utf-8"))
    return {
        everyday: tuple(formal.split())
        for everyday, formal in sorted(entries.items(), key=lambda entry: -len(entry[0]))
    }


def everyday_words(question: str) -> dict[str, tuple[str, ...]]:
    """Return the everyday words that a question holds, each with the document words for it.

    A longer everyday word hides the shorter ones inside it (养狗 before 狗).
    """
    left = question
    found = {}
    for everyday, formal in load_lexicon().items():
        if everyday in left:
            left = left.replace(everyday, "\0")
            found[everyday] = formal
    return found


def formal_words(question: str) -> tuple[str, ...]:
    """Return the document words for what a question says in everyday words, each once.

    A formal word that the question already holds is left out.
    """
    formal = (word for words in everyday_words(question).values() for word in words)
    return tuple(dict.fromkeys(word for word in formal if word not in question))


def expand(question: str) -> str:
    """Return a question followed by the document words for its everyday ones.

    For the lexical side alone: the dense model knows everyday words, and more text only blurs it.
    """
    return " ".join((question, *formal_words(question)))
