"""How wide a text is in characters, and where a long title is broken."""

from __future__ import annotations

import math
from itertools import pairwise

from corpus.tokens import words

QUARTER = 0.25  # of a character, between Han and Latin
INSIDE_TITLE = 40.0  # what a break inside 《…》 costs, in squared characters
TITLE_LINE = 20  # 2号 characters (22 pt) on 156 mm


def width(text: str) -> float:
    """Return the width of a text in Chinese characters; ASCII is half as wide."""
    return sum(0.5 if character.isascii() else 1.0 for character in text)


def set_width(text: str) -> float:
    """Return the width of a text as set: a program may or may not open up 2026 年 by a quarter.

    The mean of both keeps what is centred over it within a third of a character of its centre.
    """
    changes = sum(a.isascii() != b.isascii() for a, b in pairwise(text))
    return width(text) + changes * QUARTER / 2


def break_title(title: str, longest: int = TITLE_LINE) -> list[str]:
    """Return a title in lines, broken between words, no two the same length where it can be helped.

    The standard wants words whole and the lines in the shape of a trapezium or a rhombus (§7.3.1).
    """
    if "　" in title:  # joint issuers: each on its own line, the last with the rest
        return [line for part in title.split("　") for line in break_title(part, longest)]
    lines = math.ceil(width(title) / longest)
    if lines <= 1:
        return [title]
    for count in range(lines, lines + 3):
        broken = _break(title, count, longest)
        if broken:
            return broken
    return [title[i : i + longest] for i in range(0, len(title), longest)]


def _break(title: str, count: int, longest: int) -> list[str]:
    """Return the breaking into `count` lines whose lengths differ least from the wanted shape."""
    places = [0, *_boundaries(title), len(title)]
    mean = width(title) / count
    # Upside-down trapezium for two lines, rhombus for three and more.
    wanted = [mean + 1.5, mean - 1.5] if count == 2 else [mean] * count
    if count == 3:
        wanted = [mean - 1.5, mean + 3.0, mean - 1.5]
    best: dict[tuple[int, int], tuple[float, list[str]]] = {(0, 0): (0.0, [])}
    for line in range(count):
        for start in places:
            before = best.get((line, start))
            if before is None:
                continue
            for end in places:
                if end <= start or width(title[start:end]) > longest:
                    continue
                cost = before[0] + (width(title[start:end]) - wanted[line]) ** 2
                cost += INSIDE_TITLE * _inside_title(title, end)
                known = best.get((line + 1, end))
                if known is None or cost < known[0]:
                    best[line + 1, end] = (cost, [*before[1], title[start:end]])
    found = best.get((count, len(title)))
    return found[1] if found else []


def _inside_title(title: str, place: int) -> bool:
    """Say whether a place lies inside 《…》, where a line should not end."""
    return title.count("《", 0, place) > title.count("》", 0, place)


def _boundaries(title: str) -> list[int]:
    """Return the places between words: none inside one, after an opening or before a closing mark."""
    inside: set[int] = set()
    position = 0
    lowered = title.lower()
    for word in words(title):
        start = lowered.find(word, position)
        if start < 0:
            continue
        position = start + len(word)
        inside |= set(range(start + 1, position))
    return [
        place
        for place in range(1, len(title))
        if place not in inside
        and title[place - 1] not in "《（“〔"
        and title[place] not in "》）”〕、，的"
    ]
