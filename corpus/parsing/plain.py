"""Read plain text files; files whose lines were broken by a page layout are joined again."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from corpus.parsing.encodings import decode
from corpus.parsing.lines import Line, OnPage, Reading
from corpus.parsing.normalise import normalise_line
from corpus.parsing.wrapping import (
    PlacedLine,
    columns,
    continues,
    find_margins,
    is_wrapped,
    join_texts,
)


def read(data: bytes, on_page: OnPage) -> Reading:
    """Read a text file; `on_page` is not called, a text file has no pages."""
    return Reading(tuple(Line(text) for text in paragraphs(decode(data))))


def paragraphs(text: str) -> list[str]:
    """Return the normalised paragraphs of a text, broken lines joined, blank lines dropped.

    Joining is repeated until nothing changes, so that reading the result again gives the same.
    """
    raw = text.splitlines()
    while True:
        joined = [clean for line in _join_wrapped(raw) if (clean := normalise_line(line))]
        if joined == raw:
            return joined
        raw = joined


def _join_wrapped(raw: Sequence[str]) -> list[str]:
    """Return the lines with those joined that a page layout broke, or all lines as they are."""
    lines = [
        _place(line, apart=not above.strip())
        for above, line in pairwise(["", *raw])
        if line.strip()
    ]
    if not lines:
        return []
    margins = find_margins(lines)
    wrapped = is_wrapped(lines, margins)
    joined = [lines[0].text]
    for line, following in pairwise(lines):
        # No paragraph starts with the mark that ends a clause.
        goes_on = following.text[0] in "，。、；！？" or (
            wrapped and continues(line, following, margins)
        )
        if goes_on:
            joined[-1] = join_texts(joined[-1], following.text)
        else:
            joined.append(following.text)
    return joined


def _place(line: str, *, apart: bool) -> PlacedLine:
    """Return where a line starts and ends, counted without the spaces a converter strewed in."""
    text = line.strip()
    left = columns(line[: len(line) - len(line.lstrip())].expandtabs(4))
    return PlacedLine(text, float(left), float(left + columns(normalise_line(text))), apart)
