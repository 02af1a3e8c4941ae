"""`python -m eval`: measure a version of the assistant, compare two, gate a release."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from corpus.console import run_command
from eval.commands import compare, gate, peers, report, run

COMMANDS = (run, compare, gate, report, peers)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0 done, 1 it failed or something fell."""
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="命令")
    for command in COMMANDS:
        command.add(commands)
    return run_command(
        parser.parse_args(arguments), interrupted="已中断；用同一条命令续跑，已完成的题目不会重做。"
    )


if __name__ == "__main__":
    sys.exit(main())
