"""The command line of `python -m assistant`: its commands together, one of them run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.commands import ask, check, doctor, draft, models, search, serve, users
from corpus.command_line import CommandLine
from corpus.console import run_command

COMMANDS = (ask, search, draft, check, serve, users, models, doctor)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0 done, 1 nothing could be done, 130 interrupted."""
    options = _parser().parse_args(arguments)
    return run_command(options)


def _parser() -> CommandLine:
    parser = CommandLine(
        prog="python -m assistant",
        description="政务服务助手：提问、检索、起草和检查公文、启动网页。",
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="目录",
        help="数据目录（默认 $ASSISTANT_DATA_DIR 或 ./data）",
    )
    parser.add_argument("--embeddings", metavar="模型", help="向量模型，须与建立索引时一致")
    commands = parser.add_subparsers(required=True, metavar="命令")
    for command in COMMANDS:
        command.add(commands)
    return parser
