"""Pieces of text with places on a page → lines, without page numbers and running headers.

Serves PDF, OFD and recognised scans. All measures are in the page's own unit; `top` grows
downwards.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from corpus.parsing.wrapping import join_texts


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text and the box it fills; `size` is the font size, 0 where it is not known."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float = 0.0

    @property
    def height(self) -> float:
        """The height of the text: the font size, or that of its box."""
        return self.size or self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Page:
    """The lines (or pieces) of one page, top to bottom; `number` is 1-based."""

    number: int
    width: float
    height: float
    pieces: tuple[Piece, ...]


_PAGE_NUMBER = re.compile(
    r"[\s\-—–－一·.•~～_]*(?:第\s*)?[\divxIVX０-９]{1,4}(?:\s*页)?"
    r"(?:\s*[/／,，]?\s*(?:共\s*)?\d{1,4}(?:\s*页)?)?[\s\-—–－一·.•~～_]*"
    r"|第[一二三四五六七八九十百\s]+页(?:[，,\s]*共[一二三四五六七八九十百\s]+页)?|page\s*\d+(?:\s*of\s*\d+)?",
    re.I,
)
# GB/T 9704 ends the text block 35 mm above the foot of 297 mm and starts it 37 mm below the top;
# office programs print running headers within 25 mm of the top.
_TOP_ZONE = 0.1
_FOOT_ZONE = 0.12
_DIGITS = re.compile(r"\d+")
_LINES_AT_EDGE = 3


def merge_pieces(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the lines that some pieces make: those on one height, from left to right."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: ((p.top + p.bottom) / 2, p.left)):
        if lines and _on_one_line(lines[-1], piece):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [_merged(line) for line in lines]


def _on_one_line(line: Sequence[Piece], piece: Piece) -> bool:
    top, bottom = median(p.top for p in line), median(p.bottom for p in line)
    middle = (piece.top + piece.bottom) / 2
    other = (top + bottom) / 2
    smaller = min(bottom - top, piece.bottom - piece.top)
    return abs(middle - other) < max(smaller, 0.1) * 0.5


def _merged(line: Sequence[Piece]) -> Piece:
    ordered = sorted(line, key=lambda piece: piece.left)
    text, right = ordered[0].text, ordered[0].right
    for before, piece in pairwise(ordered):
        gap = piece.left - before.right
        text = f"{text} {piece.text}" if gap > piece.height * 0.3 else text + piece.text
        right = max(right, piece.right)
    return Piece(
        text,
        ordered[0].left,
        min(piece.top for piece in ordered),
        right,
        max(piece.bottom for piece in ordered),
        max(piece.size for piece in ordered),
    )


def drop_running_lines(pages: Sequence[Page]) -> list[Page]:
    """Return the pages without page numbers and the lines that stand on top or foot of many."""
    seen: defaultdict[tuple[str, bool], set[int]] = defaultdict(set)
    for page in pages:
        for line in page.pieces:
            if zone := _zone(line, page):
                seen[_running_key(line), zone == "top"].add(page.number)
    needed = max(2, len(pages) // 3)
    cleaned = []
    for page in pages:
        at_edge = {*page.pieces[:_LINES_AT_EDGE], *page.pieces[-_LINES_AT_EDGE:]}
        kept = tuple(
            line
            for line in page.pieces
            if not (
                line in at_edge
                and (zone := _zone(line, page))
                and (
                    _PAGE_NUMBER.fullmatch(line.text.strip())
                    or len(seen[_running_key(line), zone == "top"]) >= needed
                )
            )
        )
        cleaned.append(replace(page, pieces=kept))
    return cleaned


def _running_key(line: Piece) -> str:
    return _DIGITS.sub("#", re.sub(r"\s", "", line.text))


def _zone(line: Piece, page: Page) -> str:
    """Return top or foot for a line in a margin, an empty string for one in the text."""
    if line.bottom <= page.height * _TOP_ZONE:
        return "top"
    return "foot" if line.top >= page.height * (1 - _FOOT_ZONE) else ""


def joined_text(pieces: Sequence[Piece]) -> str:
    """Return the text of wrapped lines as one."""
    text = ""
    for piece in pieces:
        clean = piece.text.strip()
        text = join_texts(text, clean) if text else clean
    return text
