"""How wide a text is in characters, and where a long title is broken."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from itertools import pairwise

from corpus.everyday import load_lexicon
from corpus.tokens import words

QUARTER = 0.25  # of a character, between Han and Latin
TITLE_LINE = 20  # 2号 characters (22 pt) on 156 mm
# What a breaking costs beside the squared distance of its lines from the wanted shape: a break
# inside 《…》 or beside a word of one character (助餐 is cut in two by the words), and a line more.
INSIDE_TITLE, BESIDE_ONE, ANOTHER_LINE = 120.0, 15.0, 20.0
_STANDS_ALONE = "的和与及或、"
_WHOLE = re.compile(
    r"[第一二三四五六七八九十\d]+(?:届|次|号)(?:会议|提案|建议)?|\d+[—～-]\d+年?|\d+年度?"
)


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
    found = [_break(title, count, longest) for count in range(lines, lines + 3)]
    fitting = [(cost + place * ANOTHER_LINE, broken) for place, (cost, broken) in enumerate(found)]
    best = min((entry for entry in fitting if entry[1]), default=(0.0, []))[1]
    return best or [title[i : i + longest] for i in range(0, len(title), longest)]


def _break(title: str, count: int, longest: int) -> tuple[float, list[str]]:
    """Return the breaking into `count` lines that is nearest to the wanted shape, and its cost."""
    boundaries = _boundaries(title)
    places = [0, *boundaries, len(title)]
    beside_one = {
        place
        for before, place, after in zip(places, places[1:], places[2:], strict=False)
        if (place - before == 1 and title[before] not in _STANDS_ALONE)
        or (after - place == 1 and title[place] not in _STANDS_ALONE)
    }
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
                cost += BESIDE_ONE * (end in beside_one)
                known = best.get((line + 1, end))
                if known is None or cost < known[0]:
                    best[line + 1, end] = (cost, [*before[1], title[start:end]])
    return best.get((count, len(title)), (0.0, []))


def _inside_title(title: str, place: int) -> bool:
    """Say whether a place lies inside 《…》, where a line should not end."""
    return title.count("《", 0, place) > title.count("》", 0, place)


def _boundaries(title: str) -> list[int]:
    """Return the places between words: none inside one, after an opening or before a closing mark."""
    inside: set[int] = set()
    for match in _WHOLE.finditer(title):
        inside |= set(range(match.start() + 1, match.end()))
    for term in _terms():
        at = title.find(term)
        while at >= 0:
            inside |= set(range(at + 1, at + len(term)))
            at = title.find(term, at + 1)
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
        and (title[place] not in "》）”〕、，的" or title[place - 1 : place + 1] == "》的")
    ]


@lru_cache(maxsize=1)
def _terms() -> tuple[str, ...]:
    """Return the terms of several words that the corpus knows (电动自行车), which stay whole."""
    terms = {term for formal in load_lexicon().values() for term in formal}
    return tuple(sorted(term for term in terms if 3 <= len(term) <= 8))
