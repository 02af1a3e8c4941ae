"""`compare`: what differs between two runs, and which questions changed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.console import say

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add(commands: Commands) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "compare", help="逐题比较两次运行：差值、95%% 置信区间、变化的题目"
    )
    command.add_argument("before", type=Path, metavar="A", help="先前的结果文件夹")
    command.add_argument("after", type=Path, metavar="B", help="后来的结果文件夹")
    command.add_argument("--show", type=int, default=20, help="列出变化最大的若干题（默认 20）")
    command.add_argument("--seed", type=int, default=1, help="置信区间抽样的种子")
    command.set_defaults(run=_compare)


def _compare(options: argparse.Namespace) -> int:
    # Imported here: `--help` needs none of the libraries below.
    from eval.comparing import compare
    from eval.rows import read_run
    from eval.table import change_lines, difference_lines

    found = compare(read_run(options.before), read_run(options.after), seed=options.seed)
    for line in difference_lines(found):
        say(line)
    for change in found.changes[: options.show]:
        for line in change_lines(change):
            say(line)
    return 0
