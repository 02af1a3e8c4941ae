"""`doctor`: what is missing on this machine and what to do."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from assistant.health import examine
from corpus.console import advise, say
from corpus.store import data_folder

if TYPE_CHECKING:
    from assistant.commands.common import Commands


def add(commands: Commands) -> None:
    """Add the command and its options."""
    command = commands.add_parser("doctor", help="检查本机还缺什么、该怎么办")
    command.add_argument(
        "--model", metavar="模型", help="要检查的语言模型（默认 $ASSISTANT_MODEL）"
    )
    command.add_argument("--json", action="store_true", help="以 JSON 输出，供程序读取")
    command.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    ill = False
    folder = data_folder(options.data_dir)
    for check in examine(folder, options.embeddings, options.model):
        ill = ill or (check.needed and not check.well)
        if options.json:
            say(json.dumps(asdict(check), ensure_ascii=False))
            continue
        mark = "好" if check.well else ("缺" if check.needed else "可选")
        say(f"[{mark}] {check.name}：{check.seen}")
        if not check.well:
            advise(f"      → {check.advice}")
    return 1 if ill else 0
