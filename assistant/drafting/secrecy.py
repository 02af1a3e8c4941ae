"""Secrecy marks in a text to be drafted or checked: the corpus's own judgement, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.documents import Block, ParsedFile
from corpus.errors import ClassifiedError
from corpus.metadata import check_unclassified


def marked_line(lines: Sequence[str]) -> int | None:
    """Return the place of the first line that is a secrecy mark, or None where none is.

    The first lines are read as those of a first page, where a mark may stand without a star.
    """
    filled = [(place, line) for place, line in enumerate(lines) if line.strip()]
    if not _is_marked([line for _, line in filled]):
        return None
    # A document is refused as a whole; the shortest beginning that is refused ends with the mark.
    length = next(n for n in range(1, len(filled) + 1) if _is_marked([x for _, x in filled[:n]]))
    return filled[length - 1][0]


def _is_marked(lines: Sequence[str]) -> bool:
    blocks: list[Block] = []
    start = 0
    for line in lines:
        blocks.append(Block(start, start + len(line)))
        start += len(line) + 1
    try:
        check_unclassified(ParsedFile("\n".join(lines), tuple(blocks)))
    except ClassifiedError:
        return True
    return False
