"""Classification marks (密级): a text that carries one is refused at the door.

A mark stands by itself: on its own line, at the head of the first page, in the labelled rows or
at the front of the file name. A sentence about state secrets is not a mark. Normalised lines keep
no space beside a Chinese character: what a page sets apart may stand in one run.
"""

from __future__ import annotations

import re

from corpus.documents import BlockKind, ParsedFile
from corpus.errors import ClassifiedError
from corpus.metadata.dates import half_width

_GRADE = r"(?:绝\s*密|机\s*密|秘\s*密)"
_PERIOD = r"(?:(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*(?:年|个?月|天|日)|长期|启用前|公布前)"
_STAR = r"[★☆*＊]"
_URGENCY = r"(?:特急|加急|特提|平急|急件|紧急)"
_COPY_NUMBER = r"(?:(?:No\.?|编号|份号|第)?\s*[:：]?\s*\d{1,8}\s*号?\s*)?"
_STARRED_LINE = re.compile(
    rf"{_COPY_NUMBER}{_STAR}?(?:密\s*级\s*[:：]?\s*)?({_GRADE})(?:级)?\s*{_STAR}\s*{_PERIOD}?"
    rf"\s*{_URGENCY}?"
)
_LABELLED_LINE = re.compile(
    rf"(?:秘密等级|密\s*级)\s*[:：]\s*({_GRADE})(?:级)?\s*{_STAR}?\s*{_PERIOD}?\s*{_URGENCY}?"
)
_BARE_LINE = re.compile(
    rf"(?:\d{{4,8}}\s*)?[（(【\[]?\s*({_GRADE})\s*[】\])）]?\s*{_PERIOD}?\s*{_URGENCY}?"
)
_LABEL = r"(?:秘密等级|密\s*级)"
_LABELLED = re.compile(
    rf"(?:(?<![的和与及或、“‘]){_LABEL}\s*[:：]|(?:^|[\s|｜]){_LABEL}\s*[|｜\s])"
    rf"\s*({_GRADE})(?!\s*级?\s*[和与或及、])"
)
# A sentence about marks quotes one, lists several or goes on with 的: “秘密★1年”等, 秘密★1年的.
_STARRED = re.compile(
    rf"(?<![“‘「『《、和与及或])({_GRADE})(?:级)?\s*[★☆]"
    rf"(?!\s*{_PERIOD}?\s*(?:[”’」』》、的等]|[和与及或]{_GRADE}|字样|标[志识]))"
)
_CELL = re.compile(rf"({_GRADE})级?\s*{_STAR}?\s*{_PERIOD}?")
_IN_FILE_NAME = re.compile(rf"^\s*(?:[【\[（(]\s*({_GRADE})\s*[】\]）)]|({_GRADE})\s*[★☆])")
_LABELS = frozenset({"密级", "秘密等级", "涉密等级", "保密等级", "密级和保密期限"})
_FIRST_PAGE_LINES = 12
"""GB/T 9704-2012 puts the mark in the first lines of the page, above the issuer and number."""
_FIRST_PAGE_CHARS = 900
"""22 lines of 28 characters (GB/T 9704-2012) with room for a page that is set closer."""


def check_unclassified(parsed: ParsedFile, file_name: str = "") -> None:
    """Refuse a file that carries a state-secret mark.

    Raises:
        ClassifiedError: naming the file, the mark and the line; nothing of it may be stored.
    """
    for key, value in parsed.properties.items():
        label = re.sub(r"[\s:：]", "", key)
        found = re.match(rf"\s*({_GRADE})", value) if label in _LABELS else None
        if found:
            _refuse(file_name, found[1], f"属性 {key!r} 中")
    named = _IN_FILE_NAME.match(file_name)
    if named:
        _refuse(file_name, named[1] or named[2], "文件名中")
    text = parsed.text
    if "密" not in text:
        return
    for position, block in enumerate(parsed.blocks):
        first_page = position < _FIRST_PAGE_LINES and block.start < _FIRST_PAGE_CHARS
        # A starred mark is at most some twenty characters long.
        if not first_page and block.end - block.start > 30:
            continue
        line = half_width(text[block.start : min(block.end, block.start + 200)].strip())
        if "密" not in line:
            continue
        found = _STARRED_LINE.fullmatch(line) or _LABELLED_LINE.fullmatch(line)
        if not found and first_page:
            found = _BARE_LINE.fullmatch(line) or _LABELLED.search(line) or _STARRED.search(line)
            if not found and block.kind is BlockKind.TABLE_ROW:
                found = _mark_in_row(line)
        if found:
            _refuse(file_name, found[1], f"第 {position + 1} 行")


def _mark_in_row(row: str) -> re.Match[str] | None:
    """Return the grade in a row that also has the label, wherever the reader of the table put it."""
    cells = [cell.strip() for cell in re.split(r"[；;：:]", row)]
    if _LABELS.isdisjoint(re.sub(r"\s", "", cell) for cell in cells):
        return None
    return next(filter(None, map(_CELL.fullmatch, cells)), None)


def _refuse(file_name: str, grade: str, place: str) -> None:
    mark = re.sub(r"\s", "", grade)
    name = repr(file_name) if file_name else "该文件"
    raise ClassifiedError(f"{name} 的{place}标有国家秘密标志“{mark}”，已拒绝存入；请按保密规定处理")
