"""The records of an official document: its elements (要素) as GB/T 9704-2012 §7 names them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """The layouts of the standard: the general one (§7) and the three of §10."""

    FILE = "文件"
    LETTER = "信函"
    ORDER = "命令"
    MINUTES = "纪要"


class Direction(StrEnum):
    """Which way a document goes; 上行文 alone names the person who signs it (条例 art. 9)."""

    UP = "上行"
    LEVEL = "平行"
    DOWN = "下行"
    PUBLIC = "公布"


class ImprintPage(StrEnum):
    """Where 版记 stands: on the page where the rest ends, on the next, or after a blank page.

    A document is printed on both sides and 版记 stands on its last side (§7.4), an even page.
    """

    LAST = "末页"
    NEXT = "另页"
    AFTER_BLANK = "空白页后"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: rows of cells, the first row its heading."""

    rows: tuple[tuple[str, ...], ...]

    @property
    def columns(self) -> int:
        """Return the number of columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)


Block = str | Table
"""A paragraph of running text, or a table."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment (附件): its name as the note under the text gives it, and its content.

    An attachment without blocks is bound apart; only its name is printed.
    """

    title: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class OfficialDocument:
    """Everything that is printed, element by element; an empty element is not printed.

    `mark` is the 发文机关标志 as printed (清河市民政局文件); `issuers` are the names that sign,
    the host first. `people` are the labelled lists of minutes (出席, 请假, 列席). `category` and
    `openness` are the mark of a reply to a proposal (办理类别, 公开属性). `sign_post` and
    `sign_name` are office and name under an order.
    """

    kind: str
    form: Form
    direction: Direction
    title: str
    body: tuple[Block, ...]
    issuers: tuple[str, ...] = ()
    mark: str = ""
    number: str = ""
    signers: tuple[str, ...] = ()
    copy_number: str = ""
    urgency: str = ""
    addressees: str = ""
    subtitle: str = ""
    people: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    date: str = ""
    sealed: bool = True
    sign_post: str = ""
    sign_name: str = ""
    note: str = ""
    copies_to: str = ""
    printer: str = ""
    print_date: str = ""
    category: str = ""
    openness: str = ""


THIRD_LEVEL = r"^\d{1,2}[.．](?:(?!\d)|(?=(?:19|20)\d{2}年|\d{1,2}月))"
"""1. and the like; a figure such as 1.5 is none, but an item may begin with a year or a month."""

_OPENING, _CLOSING = ("（", "("), ("）", ")")
_INSIDE = r"[^（()）]"
_OUTER_BRACKETS = re.compile(rf"[（(]{_INSIDE}*(?:[（(]{_INSIDE}*[）)]{_INSIDE}*)*[）)]")

_LEVELS = (
    re.compile(r"^[一二三四五六七八九十百]+、"),
    re.compile(r"^（[一二三四五六七八九十百]+）"),
    re.compile(THIRD_LEVEL),
    re.compile(r"^（\d{1,2}）"),
)


def heading_level(text: str) -> int:
    """Return the level (1 to 4) that a paragraph's numbering gives it, 0 for plain text (§7.3.3)."""
    for level, pattern in enumerate(_LEVELS, start=1):
        if pattern.match(text):
            return level
    return 0


def without_outer_brackets(text: str) -> str:
    """Return a text without the round brackets around it; a pair within it stays.

    Where only one of the two was typed, that one goes.
    """
    inner = text.strip()
    opened = sum(inner.count(mark) for mark in "（(")
    closed = sum(inner.count(mark) for mark in "）)")
    if inner[:1] in _OPENING and opened > closed:
        return inner[1:]
    if inner[-1:] in _CLOSING and closed > opened:
        return inner[:-1]
    return inner[1:-1] if _OUTER_BRACKETS.fullmatch(inner) else inner


def heading_end(text: str) -> int:
    """Return where the heading of a paragraph ends: after its first full stop, or at its end.

    In （一）标题。正文 only the heading is set in the heading's typeface; an entry that is one whole
    sentence (一、同意你局的请示。) has no heading, and only its number is set so.
    """
    level = heading_level(text)
    if level not in (1, 2):
        return 0
    stop = text.find("。")
    if stop == len(text) - 1:
        label = _LEVELS[level - 1].match(text)
        return label.end() if label else 0
    return stop + 1 if stop >= 0 else len(text)
