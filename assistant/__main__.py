"""`python -m assistant`: ask with citations, or search."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from assistant.answer import Answer, answer
from assistant.replies import AnswerStatus
from assistant.retrieval import Filters, Passage, retrieve
from assistant.services import Services, open_services
from corpus.console import parse_day, say
from corpus.documents import Status
from corpus.errors import CorpusError, UsageError
from corpus.store import data_folder, parse_access


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0 done, 1 nothing could be done, 130 interrupted."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except CorpusError as error:
        say(f"错误：{error}", error=True)
        return 1
    except KeyboardInterrupt:
        say("已中断。", error=True)
        return 130
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m assistant", description=__doc__)
    parser.add_argument(
        "--data-dir", type=Path, help="数据目录（默认 $ASSISTANT_DATA_DIR 或 ./data）"
    )
    parser.add_argument("--embeddings", help="向量模型，须与建立索引时一致")
    commands = parser.add_subparsers(required=True, metavar="命令")

    command = commands.add_parser("ask", help="提问，得到带出处的原文摘录；没有依据就不作答")
    command.add_argument("question", nargs="?")
    command.add_argument("--batch", type=Path, help="JSONL 文件，每行含 id 和 question")
    command.add_argument("--out", type=Path, help="--batch 的结果写到这里（JSONL）")
    command.add_argument("--access", default="public", help="public（默认）或 internal")
    command.add_argument("--as-of", type=parse_day, help="按哪一天有效的文件回答（YYYY-MM-DD）")
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=_ask)

    command = commands.add_parser(
        "search", help="按字段和正文检索条款；文号或标题完全一致的排在最前"
    )
    command.add_argument("query")
    command.add_argument("--access", default="public")
    command.add_argument("--as-of", type=parse_day)
    command.add_argument("--issuer", default="", help="发文机关（含有即可）")
    command.add_argument("--year", type=int, help="成文年份")
    command.add_argument("--status", help="效力状态：" + "、".join(Status))
    command.add_argument("--kind", default="", help="文种")
    command.add_argument("--region", default="", help="地区（含有即可）")
    command.add_argument("--limit", type=int, default=10)
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=_search)
    return parser


def _open(options: argparse.Namespace) -> Services:
    return open_services(
        data_folder(options.data_dir),
        access=parse_access(options.access),
        embeddings=options.embeddings,
    )


def _ask(options: argparse.Namespace) -> int:
    if options.batch:
        return _ask_batch(options)
    if not (options.question or "").strip():
        raise UsageError('没有问题；例如：python -m assistant ask "高龄津贴怎么领"')
    services = _open(options)
    as_of = options.as_of or date.today()
    given = answer(options.question, services, as_of=as_of)
    if options.json:
        say(json.dumps(_answer(given), ensure_ascii=False))
    else:
        _print_answer(given)
    return 0


def _ask_batch(options: argparse.Namespace) -> int:
    if options.out is None:
        raise UsageError("--batch 需要 --out 指定结果文件")
    questions = list(_read_batch(options.batch))
    services = _open(options)
    as_of = options.as_of or date.today()
    with options.out.open("w", encoding="utf-8") as out:
        for entry in questions:
            given = answer(entry["question"], services, as_of=as_of)
            row = {"id": entry["id"], **_answer(given)}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            out.flush()
    say(f"已回答 {len(questions)} 个问题：{options.out}")
    return 0


def _read_batch(path: Path) -> Iterable[dict[str, Any]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"读不出 {str(path)!r}：{error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            yield {"id": entry["id"], "question": str(entry["question"])}
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{path.name} 第 {number} 行应为含 id 和 question 的 JSON：{error}"
            ) from error


def _answer(given: Answer) -> dict[str, Any]:
    return asdict(given)


def _print_answer(given: Answer) -> None:
    say(given.text)
    if given.citations:
        say("\n依据：")
    for citation in given.citations:
        number = f"（{citation.document_number}）" if citation.document_number else ""
        place = " ".join(
            p for p in (citation.locator, f"第{citation.page}页" if citation.page else "") if p
        )
        say(
            f"  [{citation.number}]《{citation.title or '（无标题）'}》{number} {place}  【{citation.status}】"
        )
        facts = " ".join(p for p in (citation.issuer, citation.published) if p)
        say(f"      {facts}\n      {citation.source}" if facts else f"      {citation.source}")
    if given.status is not AnswerStatus.ANSWERED or given.next_step:
        say(f"\n{given.next_step}")


def _search(options: argparse.Namespace) -> int:
    status = None
    if options.status:
        try:
            status = Status(options.status)
        except ValueError:
            raise UsageError(f"没有状态 {options.status!r}；可用：{' '.join(Status)}") from None
    services = _open(options)
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


if __name__ == "__main__":
    sys.exit(main())
