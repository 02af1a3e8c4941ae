"""The records of the corpus: a parsed file, a document with its metadata, and a clause of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType


class Access(StrEnum):
    """Who may see a document; each level has its own index, never a filter on a shared one."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Status(StrEnum):
    """The validity of a document (效力状态), in the words of the field; the value is the badge."""

    IN_FORCE = "现行有效"
    AMENDED = "已修改"
    REPEALED = "已废止"
    REVOKED = "被撤销"
    EXPIRED = "失效"
    DRAFT = "征求意见稿"
    NOT_YET_IN_FORCE = "尚未施行"

    @property
    def weakness(self) -> str:
        """What a sentence says of a document of this validity (该文件已废止); empty for one in force."""
        return _WEAKNESSES.get(self, "")


_WEAKNESSES = {
    Status.AMENDED: "已修改",
    Status.REPEALED: "已废止",
    Status.REVOKED: "已被撤销",
    Status.EXPIRED: "已失效",
    Status.DRAFT: "为征求意见稿，不具效力",
    Status.NOT_YET_IN_FORCE: "尚未施行",
}


class Level(StrEnum):
    """The level of government that issued a document."""

    NATIONAL = "国家"
    PROVINCE = "省"
    CITY = "市"
    COUNTY = "县"


class BlockKind(StrEnum):
    """What a block of normalised text is."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    TABLE_ROW = "table_row"


@dataclass(frozen=True, slots=True)
class Block:
    """One line of a normalised text, `text[start:end]`, with what the file said about it.

    `level` is the heading level as the file marks it (1 = highest, 0 = not a heading); `page` is
    the 1-based page of a paged format, else None.
    """

    start: int
    end: int
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0
    page: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file as one normalised text.

    `text` is the blocks joined by a single newline; blocks are in order, hold no newline and
    cover everything but those newlines. `properties` holds what the file or page says about
    itself (page meta tags, docx core properties, labelled rows such as 索引号/发文机关 that stand
    outside the body), keys as the file writes them. `media_type` is the format found by content.
    """

    text: str
    blocks: tuple[Block, ...]
    properties: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about a document beside its text; what was not found is empty, never guessed.

    `replaces` names what the document repeals or supersedes, each a title or a 文号 as written.
    """

    title: str = ""
    issuer: str = ""
    document_number: str = ""
    index_number: str = ""
    kind: str = ""
    written: date | None = None
    published: date | None = None
    effective: date | None = None
    expires: date | None = None
    status: Status | None = None
    region: str = ""
    level: Level | None = None
    replaces: tuple[str, ...] = ()
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One version of one document, as the catalogue keeps it (its text is fetched apart).

    `id` names this version for ever; `source` (the path it came from) names the document through
    its versions, of which exactly one is `current`.
    """

    id: str
    source: str
    version: int
    current: bool
    access: Access
    sha256: str
    media_type: str
    metadata: Metadata
    added: float
    chunk_count: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A clause: `text` is `document.text[start:end]`, with its place in the document's outline.

    `heading_path` lists the headings above the clause, outermost first; `locator` is the place as
    a person would write it (第十二条第二款, 二、（四）8.); `lead` is the sentence that introduces the
    list whose item this is (申请人应当具备下列条件：), kept beside the text because it stands
    elsewhere; `page` is the 1-based page where the clause starts.
    """

    id: str
    document_id: str
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...] = ()
    locator: str = ""
    lead: str = ""
    page: int | None = None


def digest(data: bytes) -> str:
    """Return the sha256 of some bytes as lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def document_id(source: str, sha256: str, access: Access, settings_digest: str) -> str:
    """Return the id of a document version: another source, content or reading is another id."""
    return digest(f"{source}\0{sha256}\0{access}\0{settings_digest}".encode())[:24]


def chunk_id(document: str, start: int, end: int, text: str) -> str:
    """Return the id of a clause: it changes when the document, the place or the text changes.

    Official documents share boilerplate, so the text alone must never be the key. 16 hexadecimal
    digits: the lexical index keeps the id as one 64-bit integer.
    """
    return hashlib.sha256(f"{document}\0{start}\0{end}\0{text}".encode()).hexdigest()[:16]
