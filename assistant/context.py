"""Fit messages into a context: drop the oldest turns first, then the middle of what is longest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

CUT = "\n……\n"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt: who says it and what."""

    role: str
    text: str


def fit(
    messages: Sequence[Message], budget: int, count: Callable[[Sequence[Message]], int]
) -> list[Message]:
    """Return messages that take at most `budget` tokens.

    The first (system) and the last message stay; turns between go, oldest first and in pairs. What
    is still too long loses its middle, the longest message first.
    """
    kept = list(messages)
    while len(kept) > 3 and count(kept) > budget:
        del kept[1:3]
    while len(kept) > 2 and count(kept) > budget:
        del kept[1]
    while count(kept) > budget:
        place = max(range(len(kept)), key=lambda n: len(kept[n].text))
        text = kept[place].text
        if len(text) <= len(CUT) + 2:
            break  # nothing left to cut: the budget is smaller than the template itself
        side = max(1, len(text) * 3 // 8)
        kept[place] = replace(kept[place], text=text[:side].removesuffix(CUT) + CUT + text[-side:])
        if len(kept[place].text) >= len(text):
            kept[place] = replace(kept[place], text=text[: len(text) // 2])
    return kept
