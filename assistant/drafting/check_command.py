"""What `python -m assistant check` does: read, check, print, mend."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from assistant.commands.common import open_from
from assistant.drafting.checking import check_read
from assistant.drafting.draft import load_history
from assistant.drafting.export import put
from assistant.drafting.facts import facts_from, read_facts
from assistant.drafting.fixing import edits_of, fix_file, fixed_path
from assistant.drafting.kinds import Kind, find_kind, load_kinds
from assistant.drafting.reading import ReadDocument, read_document
from assistant.drafting.rules.engine import Finding
from assistant.drafting.workbench import history_path
from assistant.services import Services
from corpus.console import advise, say
from corpus.store import data_folder, has_catalogue


def run_check(options: argparse.Namespace) -> int:
    """Run the command; the exit status is 0 also where something was found."""
    kind = find_kind(options.kind) if options.kind else None
    document = read_document(options.file, kind=kind.document_kind if kind else "")
    document = replace(document, sources=tuple(_sources(document, kind, options)))
    services = _services(options)
    findings = check_read(document, services=services, as_of=options.as_of)
    fixed: Path | None = None
    if options.fix and edits_of(findings):
        fixed = options.out or fixed_path(options.file)
        put(fix_file(options.file, findings), fixed)
    if options.json:
        say(json.dumps(_row(document, findings, fixed, services), ensure_ascii=False))
    else:
        _print(document, findings, fixed, services)
    return 0


def _sources(document: ReadDocument, kind: Kind | None, options: argparse.Namespace) -> list[str]:
    """Return what the text may rest on: a facts file named, or the versions kept beside the file."""
    history = load_history(history_path(options.file))
    clauses = [
        f"{basis.name}{basis.locator}\n{basis.quote}"
        for basis in (history.latest.basis if history.latest else ())
    ]
    if options.facts:
        named = kind or next(
            (k for k in load_kinds().values() if k.document_kind == document.kind), None
        )
        if named is None:
            named = find_kind(document.kind)
        return [read_facts(options.facts, named).text(), *clauses]
    if history.latest is None:
        return []
    known = find_kind(history.latest.kind)
    return [facts_from(history.latest.facts, known, folder=options.file.parent).text(), *clauses]


def _services(options: argparse.Namespace) -> Services | None:
    if not has_catalogue(data_folder(options.data_dir)):
        return None
    return open_from(options)


def _row(
    document: ReadDocument,
    findings: list[Finding],
    fixed: Path | None,
    services: Services | None,
) -> dict[str, object]:
    return {
        "kind": document.kind,
        "title": document.title,
        "citations_checked": services is not None,
        "findings": [finding.row() for finding in findings],
        "blocking": sum(finding.blocking for finding in findings),
        "fixed": str(fixed) if fixed else None,
    }


def _print(
    document: ReadDocument,
    findings: list[Finding],
    fixed: Path | None,
    services: Services | None,
) -> None:
    say(
        f"文种：{document.kind or '（未识别，可用 --kind 指定）'}　标题：{document.title or '（未找到）'}"
    )
    for finding in findings:
        say(finding.line_text())
    blocking = sum(finding.blocking for finding in findings)
    say(f"共 {len(findings)} 处，其中属“规定”的 {blocking} 处。" if findings else "没有发现问题。")
    if services is None:
        advise("没有资料库，未核对所引文件；导入：python -m corpus sync 文件夹")
    if fixed:
        say(f"已把能机械改正的改好，另存为 {fixed}")
