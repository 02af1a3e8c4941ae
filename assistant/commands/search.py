"""`search`: clauses by fields and free text."""

from __future__ import annotations

import argparse
import json
from datetime import date
from typing import TYPE_CHECKING, Any

from assistant.commands.common import open_from
from assistant.filtering import Filters
from assistant.retrieval import Passage, retrieve
from corpus.console import parse_day, say
from corpus.documents import Status
from corpus.errors import UsageError

if TYPE_CHECKING:
    from assistant.commands.common import Commands


def add(commands: Commands) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "search", help="按字段和正文检索条款；文号或标题完全一致的排在最前"
    )
    command.add_argument("query", metavar="检索词", help="词语、句子、文号或标题")
    command.add_argument(
        "--access", default="public", metavar="级别", help="public（默认）或 internal"
    )
    command.add_argument("--as-of", type=parse_day, metavar="日期", help="按哪一天的效力检索")
    command.add_argument("--issuer", default="", metavar="机关", help="发文机关（含有即可）")
    command.add_argument("--year", type=int, metavar="年份", help="成文年份")
    command.add_argument("--status", metavar="状态", help="效力状态：" + "、".join(Status))
    command.add_argument("--kind", default="", metavar="文种", help="例如 通知")
    command.add_argument("--region", default="", metavar="地区", help="地区（含有即可）")
    command.add_argument(
        "--limit", type=int, default=10, metavar="条数", help="最多显示几条（默认 10）"
    )
    command.add_argument("--json", action="store_true", help="以 JSON 输出，供程序读取")
    command.set_defaults(run=_search)


def _search(options: argparse.Namespace) -> int:
    status = None
    if options.status:
        try:
            status = Status(options.status)
        except ValueError:
            raise UsageError(f"没有状态 {options.status!r}；可用：{' '.join(Status)}") from None
    services = open_from(options)
    filters = Filters(options.issuer, options.year, status, options.kind, options.region)
    narrowed = filters != Filters()
    passages = retrieve(
        options.query,
        services,
        as_of=options.as_of or date.today(),
        filters=filters if narrowed else None,
        limit=max(1, options.limit),
    )
    for passage in passages:
        row = _row(passage)
        if options.json:
            say(json.dumps(row, ensure_ascii=False))
            continue
        number = f"（{row['document_number']}）" if row["document_number"] else ""
        say(f"《{row['title'] or '（无标题）'}》{number} {row['locator']}  【{row['status']}】")
        say(f"    {passage.chunk.text.strip()[:120].replace(chr(10), ' ')}")
    if not passages and not options.json:
        say("没有找到。可以换一种说法，或放宽筛选条件。")
    return 0


def _row(passage: Passage) -> dict[str, Any]:
    metadata = passage.document.metadata
    return {
        "document_id": passage.document.id,
        "chunk_id": passage.chunk.id,
        "title": metadata.title,
        "document_number": metadata.document_number,
        "issuer": metadata.issuer,
        "status": passage.status,
        "kind": metadata.kind,
        "locator": passage.chunk.locator,
        "heading_path": list(passage.chunk.heading_path),
        "text": passage.chunk.text,
        "start": passage.chunk.start,
        "end": passage.chunk.end,
        "score": round(passage.score, 4),
        "source": metadata.source_url or passage.document.source,
    }
