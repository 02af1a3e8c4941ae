"""`peers`: our retrieval beside LangChain's and Haystack's documented pipelines, in one run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.console import say

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

COLUMNS = ("R@1", "R@5", "R@10", "R@100", "nDCG@10", "RR@10", "p50_ms")


def add(commands: Commands) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "peers", help="与 LangChain、Haystack 的通用方案在同一数据上对照（需要 peers 附加组件）"
    )
    command.add_argument("--data", type=Path, required=True, help="BEIR 文件夹")
    command.add_argument("--out", type=Path, required=True, help="结果文件夹，每个方案一个子文件夹")
    command.add_argument("--limit", type=int, help="只测前若干题")
    command.set_defaults(run=_peers)


def _peers(options: argparse.Namespace) -> int:
    # Imported here: the peers are an extra that other commands do without.
    from eval.peers.running import OURS, run_peers

    say(f"| {options.data.name} | " + " | ".join(COLUMNS) + " |")
    say("|---" * (len(COLUMNS) + 1) + "|")
    for run in run_peers(options.data, options.out, limit=options.limit):
        scores = run.record["scores"]
        shown = (
            f"{scores[name]:.1f}" if name.endswith("_ms") else f"{scores[name]:.3f}"
            for name in COLUMNS
        )
        say(f"| {run.record.get('peer', OURS)} | " + " | ".join(shown) + " |")
    return 0
