"""The first step: what a person wrote, cleaned of hidden characters, masked, and judged."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from assistant.personal_data import mask
from assistant.rules import Rules

# Letters that are drawn as nothing although Unicode calls them letters (Hangul fillers, …).
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5\u2800\u034f")
_SPACES = re.compile(r"[^\S\n]+")
MAX_QUESTION = 500  # characters; longer input is cut
MAX_READ = 5_000  # characters looked at at all


@dataclass(frozen=True, slots=True)
class Screened:
    """A text fit to be searched, logged and shown to a model.

    `masked` names the kinds of personal data that were hidden; `refused` is the rule that forbids
    an answer (injection, classified), else empty.
    """

    text: str
    masked: tuple[str, ...]
    refused: str


def visible(text: str) -> str:
    """Return a text without characters that a reader cannot see.

    Tag characters, zero-width and bidirectional marks, variation selectors and controls can carry
    instructions past a reader's eye; none of them is needed to read Chinese.
    """
    kept = "".join(c for c in text if not _is_hidden(c))
    return _SPACES.sub(" ", kept).strip()


def screen(text: str, rules: Rules) -> Screened:
    """Clean, mask and judge what a person wrote."""
    seen = visible(text[:MAX_READ])
    refused = rules.first(seen)  # judged whole: what is cut off cannot hide an attack
    masked = mask(seen)  # before the cut, which could leave half a number behind
    return Screened(masked.text[:MAX_QUESTION], masked.kinds, refused)


def as_data(text: str) -> str:
    """Return untrusted text so that a prompt cannot mistake it for its own marks.

    Chat templates write their roles as `<|…|>` or `[INST]`; the numbered markers of passages are
    `[n]`. In a document or a question such signs become full-width, which reads the same.
    """
    return _MARKS.sub(lambda m: m[0].translate(_FULL_WIDTH), visible(text))


_FULL_WIDTH = str.maketrans("<>[]|", "＜＞［］｜")
_MARKS = re.compile(
    r"<\|?[/a-zA-Z_][^<>\n]{0,30}\|?>|\[/?[A-Za-z_]{2,12}\]|<<[^<>\n]{1,12}>>|\[[\d,\s-]{1,12}\]"
)


def _is_hidden(c: str) -> bool:
    if c in "\n\t":
        return False
    code = ord(c)
    return (
        unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn")
        or c in _BLANK_LETTERS
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0100 <= code <= 0xE01EF
    )
