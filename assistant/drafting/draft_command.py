"""What `python -m assistant draft` does: list, template, draft, rewrite a section, compare."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistant.commands.common import open_from
from assistant.drafting import labels
from assistant.drafting.draft import Draft, compare, load_history, save_history
from assistant.drafting.errors import DraftingError
from assistant.drafting.export import check_format, export, put
from assistant.drafting.facts import Facts, ask_missing, empty_facts, missing_fields, read_facts
from assistant.drafting.kinds import Kind, find_kind, load_kinds
from assistant.drafting.workbench import Drafted, history_path, write_draft
from assistant.services import Services
from corpus.console import say
from corpus.errors import UsageError
from corpus.store import data_folder, has_catalogue


def run_draft(options: argparse.Namespace) -> int:
    """Run the command; return its exit status."""
    if options.list:
        for entry in load_kinds().values():
            say(f"{entry.name}\t{entry.form}\t{entry.direction}\t{entry.summary}")
        return 0
    if not options.kind:
        raise UsageError("没有写文种；查看全部：python -m assistant draft --list")
    kind = find_kind(options.kind)
    if options.template:
        return _template(kind, options.out)
    if options.compare:
        return _compare(kind, options)
    if options.facts is None or options.out is None:
        raise UsageError(
            f"起草要有 --facts 和 --out；空白事实文件：python -m assistant draft {kind.name} "
            "--template --out facts.yaml"
        )
    check_format(options.out.suffix)
    return _draft(kind, options)


def _template(kind: Kind, out: Path | None) -> int:
    if out is None:
        say(empty_facts(kind))
    elif out.exists():
        raise DraftingError(f"{str(out)!r} 已存在，没有覆盖；请换一个文件名")
    else:
        put(empty_facts(kind).encode(), out)
        say(f"已写出空白事实文件：{out}")
    return 0


def _compare(kind: Kind, options: argparse.Namespace) -> int:
    if options.out is None:
        raise UsageError("--compare 要用 --out 指出是哪一份文稿")
    history = load_history(history_path(options.out))
    older, newer = (history.version(number) for number in options.compare)
    same = f"第 {older.version} 版与第 {newer.version} 版正文、要素和附件都相同。"
    say(compare(older, newer, kind) or same)
    return 0


def _draft(kind: Kind, options: argparse.Namespace) -> int:
    facts = _facts(kind, options)
    services = _services(options)
    history_file = history_path(options.out)
    drafted = write_draft(
        kind,
        facts,
        load_history(history_file),
        services=services,
        as_of=options.as_of,
        model=services.model.model if services and services.model else None,
        section=options.section or "",
    )
    draft = drafted.draft
    producer = os.environ.get(labels.PRODUCER_VARIABLE, labels.UNSET_PRODUCER)
    label = labels.Label(draft.produce_id, producer)
    exported = export(drafted.document, options.out.suffix, label, final=bool(options.final))
    labels.log_action(
        data_folder(options.data_dir),
        "导出定稿（去除显式标识）" if options.final else "导出草稿",
        options.final or "",
        {
            "produce_id": draft.produce_id,
            "kind": kind.name,
            "version": draft.version,
            "file": options.out.name,
        },
    )
    put(exported.data, options.out)
    save_history(drafted.history, history_file)
    if options.json:
        say(json.dumps(_row(drafted, exported.metadata, options.out), ensure_ascii=False))
    else:
        _print(drafted, options.out)
    return 0


def _facts(kind: Kind, options: argparse.Namespace) -> Facts:
    facts = read_facts(options.facts, kind)
    interactive = sys.stdin.isatty() and not (options.no_ask or options.json)
    if interactive and missing_fields(kind, facts):
        say("还缺下面的必填事实，可以现在补充：")
        facts = ask_missing(kind, facts, input, say, folder=options.facts.parent)
    return facts


def _services(options: argparse.Namespace) -> Services | None:
    """Return the corpus, or None where nothing has been put in yet: a draft needs none."""
    if not has_catalogue(data_folder(options.data_dir)) and options.model == "none":
        return None
    return open_from(options)


def _row(drafted: Drafted, metadata: str, out: Path) -> dict[str, Any]:
    draft = drafted.draft
    return {
        "kind": draft.kind,
        "version": draft.version,
        "out": str(out),
        "title": drafted.document.title,
        "missing": list(draft.missing),
        "sections": [asdict(section) for section in draft.sections],
        "basis": [asdict(basis) for basis in draft.basis],
        "blocked": [asdict(entry) for entry in draft.blocked],
        "quoted": [asdict(span) for span in draft.quoted],
        "notes": list(draft.notes),
        "findings": [finding.row() for finding in drafted.findings],
        "aigc": json.loads(metadata),
    }


def _print(drafted: Drafted, out: Path) -> None:
    draft = drafted.draft
    say(f"已写出 {out}（第 {draft.version} 版；各版本和引文出处在 {history_path(out).name}）")
    if draft.missing:
        say(f"待补：{'、'.join(draft.missing)}")
    _print_basis(draft)
    for note in (*draft.notes, *(n for section in draft.sections for n in section.notes)):
        say(f"注意：{note}")
    if drafted.findings:
        say("检查发现：")
    for finding in drafted.findings:
        say(f"  {finding.line_text()}")


def _print_basis(draft: Draft) -> None:
    if draft.basis:
        say("依据（* 为已引用，其余供选用，写进事实文件的“依据”即可）：")
    for basis in draft.basis:
        mark = "*" if basis.chosen else " "
        say(f" {mark}[{basis.number}] {basis.name} {basis.locator} 【{basis.status}】")
    for entry in draft.blocked:
        say(f"  ✕ {entry.sentence()}")
