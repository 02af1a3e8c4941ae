"""A document in words for the terminal: in a line, or all that is known about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from corpus.catalogue import Catalogue
from corpus.console import one_line
from corpus.documents import Access, Document, Status
from corpus.validity import Relation, RelationKind

ACCESS_WORDS = {Access.PUBLIC: "公开", Access.INTERNAL: "内部"}
_ENDED_WORDS = {
    RelationKind.REPEALS: "被废止",
    RelationKind.REVISES: "被修订",
    RelationKind.ISSUES: "已正式印发",
}


def title_of(document: Document) -> str:
    """Return the title of a document, or the name of its file where it has none."""
    return one_line(document.metadata.title or Path(document.source).name)


def in_a_line(document: Document, status: Status | None) -> str:
    """Return id, access, status, 文号 and title of a document."""
    number = document.metadata.document_number or "—"
    access = ACCESS_WORDS[document.access]
    return f"{document.id}  {access}  {status or '—'}  {number}  {title_of(document)}"


def described(
    document: Document, status: Status | None, relations: Iterable[Relation], catalogue: Catalogue
) -> Iterator[str]:
    """Yield a line for each thing known about a document, and for what ends it."""
    metadata = document.metadata
    facts = {
        "标题": metadata.title,
        "文号": metadata.document_number,
        "索引号": metadata.index_number,
        "发文机关": metadata.issuer,
        "文种": metadata.kind,
        "效力状态": status,
        "公开级别": ACCESS_WORDS[document.access],
        "成文日期": metadata.written,
        "发布日期": metadata.published,
        "施行日期": metadata.effective,
        "失效日期": metadata.expires,
        "地区": metadata.region,
        "层级": metadata.level,
        "所替代的文件": "、".join(metadata.replaces),
        "网址": metadata.source_url,
        "来源": document.source,
        "编号": document.id,
        "版本": f"第 {document.version} 版" + ("" if document.current else "（旧版本）"),
        "条款数": document.chunk_count,
        "格式": document.media_type,
        "导入时间": datetime.fromtimestamp(document.added).strftime("%Y-%m-%d %H:%M"),
        "sha256": document.sha256,
    }
    for name, value in facts.items():
        if value not in ("", None):
            yield f"{name}：{one_line(str(value))}"
    for relation in relations:
        since = f"自 {relation.since} 起" if relation.since else ""
        newer = catalogue.documents_by_id([relation.newer]).get(relation.newer)
        by = f"，见《{title_of(newer)}》（{newer.id}）" if newer else ""
        # What a document itself says is the old title again; what a person noted is news.
        note = f"；{one_line(relation.note)}" if relation.note and relation.by_hand else ""
        yield f"{since}{_ENDED_WORDS[relation.kind]}{by}{note}"
