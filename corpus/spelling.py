"""Slips of the input method in a question → the words that were meant (公鸡金, luohu)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import accumulate

from corpus.tokens import words

LONGEST, SHORTEST = 6, 2  # characters of a word that may be meant
_LETTERS = re.compile(r"(?<![A-Za-z0-9])[a-z]{4,30}(?![A-Za-z0-9])")
_HAN = re.compile(r"[一-鿿]+")


def suspects(question: str, stands: Callable[[str], bool]) -> list[str]:
    """Return the parts of a question that may be slips, longest first in each run of characters.

    Pinyin left as letters, and characters that begin or end where a word does and hold two that no
    document has side by side. Two characters must do both: else parts of two words would be read
    as a third (究医 in 追究医院).

    Args:
        question: As it was written.
        stands: Says whether two characters stand side by side anywhere in the documents.
    """
    parts = list(_LETTERS.findall(question))
    for run in _HAN.findall(question):
        strange = [not stands(run[i : i + 2]) for i in range(len(run) - 1)]
        edges = _edges(run)
        parts += [
            run[start : start + length]
            for length in range(min(LONGEST, len(run)), SHORTEST - 1, -1)
            for start in range(len(run) - length + 1)
            if any(strange[start : start + length - 1])
            and (start in edges) + (start + length in edges) >= (2 if length == SHORTEST else 1)
        ]
    return parts


class Spelling:
    """Known words by their sound, tones left out."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        """Learn words of Han characters; the first of several that sound alike is taken."""
        # Imported here: its tables cost a question without a slip time for nothing.
        from pypinyin import lazy_pinyin

        # By the character: its usual reading on both sides, and each looked up once.
        self._read = cache(lambda character: "".join(lazy_pinyin(character)))
        self._by_sound: dict[str, str] = {}
        for word in vocabulary:
            if SHORTEST <= len(word) <= LONGEST and _HAN.fullmatch(word):
                self._by_sound.setdefault(self._sound(word), word)

    def slips(self, parts: Sequence[str]) -> dict[str, str]:
        """Return what was written → the word that was meant, for those parts that sound like one."""
        found: dict[str, str] = {}
        for part in parts:
            if any(part in longer for longer in found):
                continue
            if part.isascii():
                meant = self._by_sound.get(part)
            else:
                meant = self._by_sound.get(self._sound(part))
                # Short words share a sound by chance: one character must be right.
                if meant and (meant == part or not set(meant) & set(part)):
                    meant = None
            if meant:
                found[part] = meant
        return found

    def _sound(self, word: str) -> str:
        return "".join(map(self._read, word))


def correct(question: str, slips: Mapping[str, str]) -> str:
    """Return a question with the words that were meant."""
    for written, meant in slips.items():
        question = question.replace(written, meant)
    return question


def _edges(run: str) -> frozenset[int]:
    """Return where the words of a run begin and end."""
    return frozenset((0, *accumulate(len(word) for word in words(run))))
