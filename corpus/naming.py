"""Which document a person means by a name: an id, 文号, title or path, whole or in part."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from corpus.catalogue import Catalogue
from corpus.console import one_line
from corpus.describing import ACCESS_WORDS, title_of
from corpus.documents import Document
from corpus.errors import UsageError

MOST_LISTED = 20  # what fits on a terminal
MOST_NEAREST = 3
# Of the pairs of neighbouring characters in a name, how many a title must share to be near: one
# wrong character spoils two pairs, so a name of four characters keeps one of its three.
NEAR = 1 / 3


def document_named(catalogue: Catalogue, name: str) -> Document:
    """Return the current document whose id, 文号, title or path is `name`.

    Raises:
        UsageError: No document or more than one has this name; the message lists those near it.
    """
    return _only(_exactly(catalogue, name), catalogue, name)


def document_resembling(catalogue: Catalogue, name: str) -> Document:
    """Return the document that `name` names, or else the only one whose title, file or 文号 has it.

    Raises:
        UsageError: There is none or more than one; the message lists them, or those near it.
    """
    return _only(_exactly(catalogue, name) or having(catalogue.documents(), name), catalogue, name)


def having(documents: Iterable[Document], part: str) -> list[Document]:
    """Return the documents whose title, file name or 文号 has `part` in it."""
    sought = _folded(part)
    return [d for d in documents if sought and any(sought in name for name in _names(d))]


def nearest(documents: Iterable[Document], name: str) -> list[Document]:
    """Return the documents with names most like a name that none has, nearest first."""
    sought = _pairs(_folded(name))
    near = []
    for document in documents:
        shared = max(len(sought & _pairs(own)) for own in _names(document))
        if sought and shared / len(sought) >= NEAR:
            near.append((-shared, len(title_of(document)), title_of(document), document))
    near.sort(key=lambda entry: entry[:-1])
    return [entry[-1] for entry in near[:MOST_NEAREST]]


def _exactly(catalogue: Catalogue, name: str) -> list[Document]:
    path = Path(name).expanduser()
    return catalogue.find(str(path.resolve()) if path.exists() else name)


def _only(found: Sequence[Document], catalogue: Catalogue, name: str) -> Document:
    if not found:
        near = "、".join(f"《{title_of(d)}》" for d in nearest(catalogue.documents(), name))
        near = f"名称相近的有：{near}；" if near else ""
        raise UsageError(f"没有找到文件 {name!r}；{near}查看全部：python -m corpus list")
    if len(found) > 1:
        lines = [
            f"  {d.id}  {ACCESS_WORDS[d.access]}  《{title_of(d)}》  {one_line(Path(d.source).name)}"
            for d in found[:MOST_LISTED]
        ]
        if len(found) > MOST_LISTED:
            lines.append(f"  ……另有 {len(found) - MOST_LISTED} 份，请把名称写得更完整")
        listed = "\n".join(lines)
        raise UsageError(
            f"{name!r} 对应 {len(found)} 份文件：\n{listed}\n"
            f"请选定一份，改用它的编号再运行一次，例如把 {name!r} 换成 {found[0].id}"
        )
    return found[0]


def _names(document: Document) -> tuple[str, ...]:
    metadata = document.metadata
    return tuple(
        map(_folded, (metadata.title, Path(document.source).name, metadata.document_number))
    )


def _folded(name: str) -> str:
    """Return a name without brackets of titles and spaces, in one width and case."""
    return re.sub(r"[《》〈〉“”\s]", "", unicodedata.normalize("NFKC", name)).casefold()


def _pairs(name: str) -> set[str]:
    return {name[place : place + 2] for place in range(len(name) - 1)}
