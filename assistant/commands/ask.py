"""`ask`: one question or a file of them, answered with citations."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.answer import answer
from assistant.commands.common import open_from
from assistant.conversation import Answer, Basis, Role, Turn
from assistant.replies import AnswerStatus
from corpus.console import parse_day, say
from corpus.errors import UsageError

if TYPE_CHECKING:
    from assistant.commands.common import Commands


def add(commands: Commands) -> None:
    """Add the command and its options."""
    command = commands.add_parser("ask", help="提问，得到带出处的回答；没有依据就不作答")
    command.add_argument("question", nargs="?", metavar="问题", help="要问的话；用引号括起来")
    command.add_argument(
        "--batch", type=Path, metavar="文件", help="JSONL 文件，每行含 id、question，可含 history"
    )
    command.add_argument("--out", type=Path, metavar="文件", help="--batch 的结果写到这里（JSONL）")
    command.add_argument(
        "--history",
        type=Path,
        metavar="文件",
        help="先前的对话：JSON 列表或 JSONL，每项含 role 和 text，或只是问题",
    )
    command.add_argument(
        "--model",
        metavar="模型",
        help="none（默认，原文摘录）、.gguf 文件，或 http://主机/v1#模型名",
    )
    command.add_argument(
        "--access", default="public", metavar="级别", help="public（默认）或 internal"
    )
    command.add_argument(
        "--as-of", type=parse_day, metavar="日期", help="按哪一天有效的文件回答（YYYY-MM-DD）"
    )
    command.add_argument("--json", action="store_true", help="以 JSON 输出，供程序读取")
    command.set_defaults(run=_ask)


def _ask(options: argparse.Namespace) -> int:
    if options.batch:
        return _ask_batch(options)
    if not (options.question or "").strip():
        raise UsageError('没有问题；例如：python -m assistant ask "高龄津贴怎么领"')
    history = _read_history(options.history) if options.history else ()
    services = open_from(options)
    as_of = options.as_of or date.today()
    given = answer(options.question, services, as_of=as_of, history=history)
    if options.json:
        say(json.dumps(_answer(given), ensure_ascii=False))
    else:
        _print_answer(given, options.as_of)
    return 1 if given.status is AnswerStatus.ERROR else 0


def _ask_batch(options: argparse.Namespace) -> int:
    if options.out is None:
        raise UsageError("--batch 需要 --out 指定结果文件")
    questions = list(_read_batch(options.batch))
    services = open_from(options)
    as_of = options.as_of or date.today()
    with options.out.open("w", encoding="utf-8") as out:
        for entry in questions:
            given = answer(entry["question"], services, as_of=as_of, history=entry["history"])
            row = {"id": entry["id"], **_answer(given)}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            out.flush()
    say(f"已回答 {len(questions)} 个问题：{options.out}")
    return 0


def _read_batch(path: Path) -> Iterable[dict[str, Any]]:
    for number, line in enumerate(_read(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            yield {
                "id": entry["id"],
                "question": str(entry["question"]),
                "history": _turns(entry.get("history") or ()),
            }
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{path.name} 第 {number} 行应为含 id 和 question 的 JSON：{error}"
            ) from error


def _read_history(path: Path) -> tuple[Turn, ...]:
    text = _read(path)
    try:
        if text.lstrip().startswith("["):
            return _turns(json.loads(text))
        return _turns([json.loads(line) for line in text.splitlines() if line.strip()])
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f'{path.name} 应为 [{{"role": "user", "text": "…"}}, …]，最早的在前：{error}'
        ) from error


def _turns(entries: Iterable[str | Mapping[str, str]]) -> tuple[Turn, ...]:
    """Return turns; an entry that is only a text is a question of the person."""
    if isinstance(entries, str | Mapping):
        raise TypeError("history 应为列表")
    return tuple(
        Turn(Role.USER, entry)
        if isinstance(entry, str)
        else Turn(Role(entry["role"]), str(entry["text"]))
        for entry in entries
    )


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"读不出 {str(path)!r}：{error}") from error


def _answer(given: Answer) -> dict[str, Any]:
    return asdict(given)


def _print_answer(given: Answer, as_of: date | None) -> None:
    """Print an answer; a day that was asked for stands beside each status, which is that day's."""
    if given.basis is Basis.MODEL:
        say("（内容由AI生成，仅供参考，请以正式文件为准）")
    say(given.text)
    for suggestion in given.suggestions:
        say(f"  · {suggestion}")
    if given.citations:
        say("\n依据：")
    for citation in given.citations:
        number = f"（{citation.document_number}）" if citation.document_number else ""
        place = " ".join(
            p for p in (citation.locator, f"第{citation.page}页" if citation.page else "") if p
        )
        status = f"{as_of} {citation.status}" if as_of else citation.status
        say(
            f"  [{citation.number}]《{citation.title or '（无标题）'}》{number} {place}  【{status}】"
        )
        facts = " ".join(p for p in (citation.issuer, citation.published) if p)
        say(f"      {facts}\n      {citation.source}" if facts else f"      {citation.source}")
    for notice in given.notices:
        say(f"\n注意：{notice}")
    if as_of and as_of < date.today():
        say(
            f"\n注意：以上按 {as_of} 当天有效的文件回答，现在的规定可能不同；不加 --as-of 再问即可比较。"
        )
    say(f"\n{given.next_step}")
