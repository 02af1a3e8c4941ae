"""The commands of `python -m corpus`: put documents in, look at them, repeal, check and rebuild."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from corpus.command_line import CommandLine
from corpus.console import advise, one_line, parse_day, progress_bar, run_command, say
from corpus.describing import ACCESS_WORDS, described, in_a_line
from corpus.documents import Access, Document, Status
from corpus.errors import UsageError
from corpus.ingest import SyncReport, rebuild, remove, sync
from corpus.naming import document_named, document_resembling
from corpus.store import Store, data_folder, open_store, parse_access
from corpus.validity import Relation, RelationKind, status_on
from corpus.verify import VerifyReport, verify


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0 done, 1 nothing could be done, 130 interrupted."""
    options = _parser().parse_args(arguments)
    return run_command(
        options, interrupted="已中断。已完成的部分都已保存，重新运行同一条命令即可继续。"
    )


def _parser() -> CommandLine:
    parser = CommandLine(
        prog="python -m corpus", description="文件库：导入文件，查看，标明废止，核对，重建索引。"
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="目录",
        help="数据目录（默认 $ASSISTANT_DATA_DIR 或 ./data）",
    )
    parser.add_argument(
        "--embeddings",
        metavar="模型",
        help="向量模型：static（默认）、GGUF 文件路径，或 http://主机/v1#模型名",
    )
    commands = parser.add_subparsers(required=True, metavar="命令")

    command = commands.add_parser("sync", help="导入文件或文件夹；未变化的文件只核对摘要")
    command.add_argument("paths", nargs="+", type=Path, metavar="路径", help="文件或文件夹")
    command.add_argument(
        "--access", default="public", metavar="级别", help="public（默认）或 internal"
    )
    command.add_argument("--prune", action="store_true", help="把原文件已不在的文件移出检索")
    command.add_argument(
        "--workers", type=int, metavar="个数", help="读取文件的进程数（默认等于核数）"
    )
    command.add_argument("--json", action="store_true", help="以 JSON 输出，供程序读取")
    command.set_defaults(run=_sync)

    command = commands.add_parser("list", help="列出文件")
    command.add_argument("--access", metavar="级别", help="只看一个公开级别：public 或 internal")
    command.add_argument("--all", action="store_true", help="包括旧版本")
    command.add_argument("--json", action="store_true", help="每行一个 JSON 对象，含全部目录字段")
    command.set_defaults(run=_list)

    command = commands.add_parser("show", help="显示一份文件；名称写出一部分即可")
    command.add_argument(
        "document", metavar="文件", help="编号、文号、标题、文件名或路径，或其中的一部分"
    )
    command.add_argument("--chunks", action="store_true", help="按条款显示")
    command.add_argument("--json", action="store_true", help="以 JSON 输出，供程序读取")
    command.set_defaults(run=_show)

    command = commands.add_parser("repeal", help="标明一份文件已废止，立即生效，不必重建索引")
    command.add_argument("document", metavar="文件", help="编号、文号、标题或路径")
    command.add_argument("--by", metavar="文件", help="替代它的文件：编号、文号或标题")
    command.add_argument(
        "--since", type=parse_day, metavar="日期", help="自哪一天起废止（YYYY-MM-DD）"
    )
    command.add_argument("--note", default="", metavar="说明", help="依据或原因")
    command.set_defaults(run=_repeal)

    command = commands.add_parser("remove", help="把一份文件移出检索（原文与旧引用保留）")
    command.add_argument("document", metavar="文件", help="编号、文号、标题或路径")
    command.set_defaults(run=_remove)

    command = commands.add_parser("verify", help="逐一核对目录、向量索引和词语索引")
    command.add_argument("--deep", action="store_true", help="重新计算每个向量再比较")
    command.add_argument("--json", action="store_true", help="以 JSON 输出，供程序读取")
    command.set_defaults(run=_verify)

    command = commands.add_parser("rebuild", help="只凭目录重建全部索引（换向量模型后使用）")
    command.set_defaults(run=_rebuild)

    command = commands.add_parser("stats", help="文件、版本和条款的数量")
    command.add_argument("--json", action="store_true", help="以 JSON 输出，供程序读取")
    command.set_defaults(run=_stats)
    return parser


def _open(options: argparse.Namespace) -> Store:
    return open_store(data_folder(options.data_dir), options.embeddings)


def _sync(options: argparse.Namespace) -> int:
    access = parse_access(options.access)
    if options.workers is not None and options.workers < 1:
        raise UsageError("--workers 至少为 1")
    store = _open(options)
    try:
        with progress_bar("导入", quiet=options.json) as progress:
            report = sync(
                store,
                options.paths,
                access,
                prune=options.prune,
                workers=options.workers,
                progress=progress,
            )
    finally:
        store.close()
    if options.json:
        say(json.dumps(_report(report), ensure_ascii=False))
    else:
        _print_report(report)
    taken = report.added + report.updated + report.unchanged + report.removed
    return 1 if report.failed and not taken else 0


def _report(report: SyncReport) -> dict[str, Any]:
    return {**asdict(report), "failed": [asdict(failure) for failure in report.failed]}


def _print_report(report: SyncReport) -> None:
    rate = f"，{report.chunks / report.seconds:.0f} 条款/秒" if report.chunks else ""
    say(
        f"新增 {report.added}，更新 {report.updated}，未变 {report.unchanged}，移出 {report.removed}，"
        f"失败 {len(report.failed)}；写入条款 {report.chunks} 个，用时 {report.seconds:.1f} 秒{rate}"
    )
    for failure in report.failed:
        say(one_line(f"  失败 {failure.path}：{failure.error}"))
    if report.skipped:
        first = one_line(report.skipped[0])
        say(f"  跳过 {len(report.skipped)} 个不是文档的文件，例如 {first}")
    for name in report.unknown:
        say(f"  清单中的 {one_line(name)} 没有对应的文件")
    if report.missing:
        first = one_line(report.missing[0])
        say(f"  {len(report.missing)} 份文件的原件已不在，例如 {first}；移出检索：加 --prune")


def _list(options: argparse.Namespace) -> int:
    store = _open(options)
    access = parse_access(options.access) if options.access else None
    documents = store.catalogue.documents(access=access, current=None if options.all else True)
    relations = store.catalogue.relations_of(document.id for document in documents)
    today = date.today()
    for document in documents:
        status = status_on(document, relations.get(document.id, []), today)
        if options.json:
            say(json.dumps(_fields(document, status), ensure_ascii=False))
        else:
            say(in_a_line(document, status))
    if not documents and not options.json:
        advise("还没有文件；导入示例：python -m corpus sync corpus/sample/files/public")
    return 0


def _fields(document: Document, status: Status | None) -> dict[str, Any]:
    fields = asdict(document)
    fields |= fields.pop("metadata")
    fields["status"] = status
    return {key: str(value) if isinstance(value, date) else value for key, value in fields.items()}


def _show(options: argparse.Namespace) -> int:
    store = _open(options)
    document = document_resembling(store.catalogue, options.document)
    relations = store.catalogue.relations_of([document.id]).get(document.id, [])
    status = status_on(document, relations, date.today())
    chunks = store.catalogue.chunks_of(document.id) if options.chunks else []
    if options.json:
        fields = _fields(document, status) | {"text": store.catalogue.text(document.id)}
        if options.chunks:
            fields["chunks"] = [asdict(chunk) for chunk in chunks]
        say(json.dumps(fields, ensure_ascii=False))
        return 0
    for line in described(document, status, relations, store.catalogue):
        say(line)
    say("")
    if options.chunks:
        for chunk in chunks:
            say(
                f"[{chunk.locator or '—'}] {' / '.join(chunk.heading_path)}\n{chunk.text.strip()}\n"
            )
    else:
        say(store.catalogue.text(document.id))
    return 0


def _repeal(options: argparse.Namespace) -> int:
    store = _open(options)
    older = document_named(store.catalogue, options.document)
    newer = document_named(store.catalogue, options.by) if options.by else None
    if newer and newer.id == older.id:
        raise UsageError("一份文件不能废止它自己")
    since = options.since or (newer.metadata.effective if newer else None)
    with store.writing():
        store.catalogue.relate(
            Relation(
                older=older.id,
                newer=newer.id if newer else "",
                kind=RelationKind.REPEALS,
                since=since,
                note=options.note,
                by_hand=True,
            )
        )
    by = f"，由《{newer.metadata.title}》替代" if newer else ""
    say(f"《{older.metadata.title}》已标为废止（自 {since or '始'}）{by}；立即生效")
    return 0


def _remove(options: argparse.Namespace) -> int:
    store = _open(options)
    document = document_named(store.catalogue, options.document)
    remove(store, [document])
    store.close()
    advise(
        f"《{document.metadata.title}》已移出检索；再次导入：python -m corpus sync {document.source}"
    )
    return 0


def _verify(options: argparse.Namespace) -> int:
    store = _open(options)
    reports = [verify(store, access, deep=options.deep) for access in Access]
    for report in reports:
        if options.json:
            say(json.dumps({**asdict(report), "clean": report.clean}, ensure_ascii=False))
        else:
            verdict = "一致" if report.clean else "不一致"
            say(f"{ACCESS_WORDS[report.access]}：{report.chunks} 个条款，{verdict}")
            if not report.clean:
                advise(_disagreement(report))
    return 0 if all(report.clean for report in reports) else 1


def _disagreement(report: VerifyReport) -> str:
    """Say what does not agree, and the command that mends it."""
    if report.unfinished:
        return "  上次导入没有完成；请再运行一次同样的导入命令（python -m corpus sync …）"
    counts = {
        "缺少的向量": report.missing_vectors,
        "多余的向量": report.extra_vectors,
        "词语索引缺少的条款": report.missing_words,
        "词语索引多余的条款": report.extra_words,
        "两边不一的文件": report.wrong_documents,
        "与原文不符的条款": report.broken_text,
        "不符的向量": report.wrong_vectors or 0,
    }
    found = "，".join(f"{name} {count}" for name, count in counts.items() if count)
    return f"  {found}\n  修复：python -m corpus rebuild"


def _rebuild(options: argparse.Namespace) -> int:
    store = _open(options)
    with progress_bar("重建", quiet=False) as progress:
        chunks = rebuild(store, progress=progress)
    store.close()
    say(f"已重建 {chunks} 个条款的索引（{store.embedder.name}）")
    return 0


def _stats(options: argparse.Namespace) -> int:
    store = _open(options)
    stats = store.catalogue.stats()
    if options.json:
        say(json.dumps(stats, ensure_ascii=False))
        return 0
    for access, counts in stats.items():
        say(
            f"{ACCESS_WORDS[Access(access)]}：{counts['documents']} 份文件（含旧版本 {counts['versions']}），"
            f"{counts['chunks']} 个条款"
        )
    return 0
