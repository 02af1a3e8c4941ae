"""Turn one line of raw text into the normalised form every stored text has.

Pure and idempotent: normalising a normalised line changes nothing. What is changed is only how
the text is written (widths, spaces, invisible characters), never its words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

# Letters and digits of the full-width block, and the signs that official texts write half-width.
_HALF_WIDTH = {
    code: code - 0xFEE0
    for code in (
        *range(0xFF10, 0xFF1A),
        *range(0xFF21, 0xFF3B),
        *range(0xFF41, 0xFF5B),
        0xFF05,  # ％
        0xFF0B,  # ＋, as in 人工智能＋
    )
}
_SPACES = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u202f\u205f\u2028\u2029\u3000") | {
    chr(code) for code in range(0x2000, 0x200B)
}
_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_FULL_WIDTH = "\u3001-\u3003\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_WIDE = re.compile(f"[{_HAN}{_FULL_WIDTH}]")
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
# A date left open in a draft: its gaps are blanks to fill in, not stray spaces.
_BLANK_DATE = r"年 月 日|(?<=\d)月 日"
# Quotes and dashes are written the same in Latin and Chinese text: wide only beside a wide one.
_BESIDE_WIDE = re.compile(f"{_BLANK_DATE}|(?<=[{_HAN}{_FULL_WIDTH}]) +| +(?=[{_HAN}{_FULL_WIDTH}])")
_ORDINARY = re.compile(r"[ -~\u4e00-\u9fa5，。；：？！、（）《》〈〉【】〔〕“”‘’…—·]*")
_SPACE_RUN = re.compile(" {2,}")
_ARTICLE_LEAD = re.compile(
    r"(第[零〇一二三四五六七八九十百千万\d]+[编章节条](?:之[一二三四五六七八九十]+)?) +(?=\S)"
)
_FULL_STOP_NUMBER = re.compile(r"(?<=[0-9A-Za-z])．")
_ADDRESS = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]{1,15}://|www\.)[!-~]*[A-Za-z0-9/#&=_-]"
    r"|[A-Za-z0-9._+-]+@[A-Za-z0-9.-]*[A-Za-z0-9]"
)
_TO_FULL = {",": "，", ":": "：", ";": "；", "?": "？", "!": "！", "(": "（", ")": "）"}
_CANDIDATE = re.compile(r"[,:;?!()]")
_CLOSING_QUOTES = "”’"
_OPENING_QUOTES = "“‘"


def normalise_line(text: str) -> str:
    """Return the normalised form of one line; empty when it holds nothing visible."""
    line = text
    if _ORDINARY.fullmatch(line) is None:  # most lines are ordinary, and this is the hot path
        line = _FULL_STOP_NUMBER.sub(".", _fold_characters(_replace_invisible(text)))
    line = _widen_punctuation(_SPACE_RUN.sub(" ", line).strip())
    return _drop_spaces(line) if " " in line else line


def _fold_characters(text: str) -> str:
    """Write letters and digits half-width and every Han character by its unified code point."""
    folded = unicodedata.normalize("NFC", text.translate(_HALF_WIDTH))
    return "".join(
        _unify_radical(char) if "\u2e80" <= char <= "\u2fdf" else char for char in folded
    )


@cache
def _unify_radical(char: str) -> str:
    # Some PDF fonts map ⼈ (a radical) where 人 is meant; a search for 人 would miss it.
    return unicodedata.normalize("NFKC", char)


def _replace_invisible(text: str) -> str:
    return "".join(_visible(char) for char in text)


@cache
def _visible(char: str) -> str:
    """Return the character, a space for any kind of space, or nothing for an invisible one."""
    if char in _SPACES:
        return " "
    category = unicodedata.category(char)
    if category in ("Cc", "Cf", "Co", "Cs") or "\ufe00" <= char <= "\ufe0f":
        return ""
    # Noncharacters are unassigned, as are characters newer than this Python: only drop the former.
    return "" if ord(char) & 0xFFFE == 0xFFFE or "\ufdd0" <= char <= "\ufdef" else char


def _drop_spaces(line: str) -> str:
    """Remove the spaces beside a wide character; keep the one that sets off 第一条 from its text."""
    lead = _ARTICLE_LEAD.match(line)
    if lead is None:
        return _BESIDE_WIDE.sub(_kept, line)
    head, tail = lead.group(1), line[lead.end() :]
    return f"{head} {_BESIDE_WIDE.sub(_kept, tail)}"


def _kept(found: re.Match[str]) -> str:
    return found.group().strip(" ")


def _widen_punctuation(line: str) -> str:
    """Make half-width marks that stand in Chinese text full-width, and leave all others.

    Widening one mark can make its neighbour stand in Chinese text, so the change is followed
    outwards until nothing more changes: that is what makes it idempotent.
    """
    if line.isascii() or _CANDIDATE.search(line) is None:
        return line
    protected = {at for span in _ADDRESS.finditer(line) for at in range(*span.span())}
    pairs = _bracket_pairs(line, protected)
    chars = list(line)
    pending = [found.start() for found in _CANDIDATE.finditer(line)]
    while pending:
        index = pending.pop()
        if not 0 <= index < len(chars) or chars[index] not in _TO_FULL or index in protected:
            continue
        pair = pairs.get(index)
        if not (_pair_is_chinese(chars, pair) if pair else _mark_is_chinese(chars, index)):
            continue
        for changed in (pair.opening, pair.closing) if pair else (index,):
            chars[changed] = _TO_FULL.get(chars[changed], chars[changed])
            pending += (_nearest(chars, changed, -1), _nearest(chars, changed, 1))
    return "".join(chars)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A matched pair of brackets, and whether Han characters stand between them."""

    opening: int
    closing: int
    holds_han: bool


def _bracket_pairs(line: str, protected: set[int]) -> dict[int, _Pair]:
    """Match the brackets of both widths; each index of a pair leads to the pair."""
    pairs: dict[int, _Pair] = {}
    open_brackets: list[tuple[int, int]] = []
    han = 0
    for index, char in enumerate(line):
        if index in protected:
            continue
        if char in "(（":
            open_brackets.append((index, han))
        elif char in ")）" and open_brackets:
            opening, han_before = open_brackets.pop()
            pair = _Pair(opening, index, han > han_before)
            pairs[opening] = pairs[index] = pair
        elif _HAN_CHARACTER.match(char):
            han += 1
    return pairs


def _pair_is_chinese(chars: list[str], pair: _Pair) -> bool:
    """Tell whether brackets belong to Chinese text: f(x)的 is a formula, 名称(x) and (1)申请 not."""
    before = _nearest(chars, pair.opening, -1)
    return (
        pair.holds_han
        or chars[pair.opening] == "（"
        or chars[pair.closing] == "）"
        or _is_wide(chars, before)
        or (_is_clear(chars, before) and _is_wide(chars, _nearest(chars, pair.closing, 1)))
    )


def _mark_is_chinese(chars: list[str], index: int) -> bool:
    """Tell whether a mark stands in Chinese text, from the nearest characters beside it."""
    before, after = _nearest(chars, index, -1), _nearest(chars, index, 1)
    if chars[index] == ")":  # 1)申请: the bracket belongs to the number
        return _is_wide(chars, before)
    return (
        _is_wide(chars, before)
        or _is_wide(chars, after)
        or (before >= 0 and chars[before] in _CLOSING_QUOTES)
        or (after < len(chars) and chars[after] in _OPENING_QUOTES)
    )


def _nearest(chars: list[str], index: int, step: int) -> int:
    """Return the index of the next character that is not a space; one past an end if none is."""
    position = index + step
    while 0 <= position < len(chars) and chars[position] == " ":
        position += step
    return position


def _is_wide(chars: list[str], index: int) -> bool:
    return 0 <= index < len(chars) and _WIDE.match(chars[index]) is not None


def _is_clear(chars: list[str], index: int) -> bool:
    """Tell whether a bracket after this place stands free: no letter, digit or bracket before."""
    return index < 0 or not (chars[index].isalnum() or chars[index] in ")]}")
