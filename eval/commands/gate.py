"""`gate`: measure the baselines again; exit 1 names what fell."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.console import say

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add(commands: Commands) -> None:
    """Add the command and its options."""
    command = commands.add_parser("gate", help="重测 baselines.yaml 的每一项；有下降时退出码为 1")
    command.add_argument("--baselines", type=Path, help="默认 eval/baselines.yaml")
    command.add_argument(
        "--data", type=Path, default=Path(), help="BEIR 文件夹所在的目录（默认当前目录）"
    )
    command.add_argument("--out", type=Path, default=Path("runs") / "gate", help="结果文件夹")
    command.add_argument("--only", action="append", help="只测这一项；可重复")
    command.add_argument(
        "--accept", action="store_true", help="把测得的分数写回基线文件，作为今后的要求"
    )
    command.add_argument("--jobs", type=int, default=1)
    command.set_defaults(run=_gate)


def _gate(options: argparse.Namespace) -> int:
    # Imported here: `--help` needs none of the libraries below.
    from corpus.errors import UsageError
    from eval.gating import BASELINES, Verdict, accept, check, read_baselines
    from eval.provenance import provenance

    path = options.baselines or BASELINES
    baselines = read_baselines(path)
    if options.only:
        unknown = set(options.only) - {baseline.name for baseline in baselines}
        if unknown:
            raise UsageError(f"没有基线 {' '.join(sorted(unknown))}")
        baselines = tuple(b for b in baselines if b.name in options.only)
    fallen: list[str] = []
    measured: dict[str, tuple[Verdict, ...]] = {}
    for baseline, command, verdicts in check(
        baselines, options.data, options.out, jobs=options.jobs
    ):
        measured[baseline.name] = verdicts
        say(f"{baseline.name}：{command}")
        for verdict in verdicts:
            found = "没有测出" if verdict.found is None else f"{verdict.found:.4f}"
            line = (
                f"{verdict.metric} {found}，应为 {verdict.expected.score:.4f}"
                f"（允许差 {verdict.expected.tolerance:.4f}）"
            )
            say(f"  {'通过' if verdict.passed else '下降'}  {line}")
            if not verdict.passed:
                fallen.append(f"{verdict.baseline} {line}")
    if options.accept:
        accept(path, measured, provenance()["commit"])
        say(f"已写回 {path}")
        return 0
    for line in fallen:
        say(f"下降：{line}", error=True)
    say(f"{len(fallen)} 项下降" if fallen else "全部通过")
    return 1 if fallen else 0
