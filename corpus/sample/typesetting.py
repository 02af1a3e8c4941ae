"""Break Chinese text into lines of a page: half-width characters count half, no orphaned comma."""

from __future__ import annotations

import re

_UNITS = re.compile(r"[!-~]+|.")  # a number or a Latin word stays whole
_MUST_NOT_BEGIN_A_LINE = "，。；：？！、）》」』”’"


def columns(text: str) -> float:
    """Return the width of a text in full-width columns."""
    return sum(0.5 if character.isascii() else 1.0 for character in text)


def break_lines(text: str, width: int) -> list[str]:
    """Return a text as lines of about `width` columns; closing marks hang over the edge.

    Joining the lines gives the text back.
    """
    lines = [""]
    for unit in _UNITS.findall(text):
        over = columns(lines[-1]) + columns(unit) > width
        if over and lines[-1] and unit not in _MUST_NOT_BEGIN_A_LINE:
            lines.append("")
        lines[-1] += unit
    return lines
