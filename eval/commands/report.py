"""`report`: a run as Markdown and as one HTML file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.console import say

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add(commands: Commands) -> None:
    """Add the command and its options."""
    command = commands.add_parser("report", help="把一次运行写成 report.md 和 report.html")
    command.add_argument("folder", type=Path, metavar="RUN", help="结果文件夹")
    command.set_defaults(run=_report)


def _report(options: argparse.Namespace) -> int:
    # Imported here: `--help` needs none of the libraries below.
    from eval.report.writing import write_reports
    from eval.rows import read_run

    for path in write_reports(read_run(options.folder)):
        say(str(path))
    return 0
