"""Chinese numerals as documents count their parts with them: 十二 ↔ 12."""

from __future__ import annotations

CHINESE_NUMBER = "[〇零一二三四五六七八九十百千两]+"
"""A regular expression for one numeral, without groups."""

_DIGITS = "〇一二三四五六七八九"
_VALUES = {character: value for value, character in enumerate(_DIGITS)} | {"零": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def chinese_to_int(numeral: str) -> int:
    """Return the value of a numeral below ten thousand (十二 → 12, 一百零三 → 103, 7 → 7)."""
    if numeral.isascii() and numeral.isdigit():
        return int(numeral)
    total = current = 0
    for character in numeral:
        if character in _UNITS:
            total += (current or 1) * _UNITS[character]
            current = 0
        else:
            current = _VALUES.get(character, 0)
    return total + current


def int_to_chinese(number: int) -> str:
    """Return a number from 1 to 999 as a numeral (12 → 十二, 105 → 一百零五); others in digits."""
    if not 0 < number < 1000:
        return str(number)
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += "十" if tens == 1 and not hundreds else f"{_DIGITS[tens]}十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones else "")
