"""`run`: measure one task on one data set."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.console import say
from eval.tasks import TASKS

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add(commands: Commands) -> None:
    """Add the command and its options."""
    command = commands.add_parser("run", help="在一个数据集上测一项任务；中断后用同一条命令续跑")
    command.add_argument("task", choices=TASKS)
    command.add_argument(
        "--data",
        required=True,
        help="BEIR 文件夹（corpus.jsonl、queries.jsonl、qrels/），或 gold（自带的题目和示例文件）",
    )
    command.add_argument("--out", type=Path, required=True, help="结果文件夹")
    command.add_argument("--limit", type=int, help="只测前若干题")
    command.add_argument("--jobs", type=int, default=1, help="并行进程数（会影响耗时读数）")
    command.add_argument("--seed", type=int, default=1, help="置信区间抽样的种子")
    command.add_argument(
        "--model",
        default="none",
        help="用语言模型作答：none（默认）、.gguf 文件或 http://主机/v1#名",
    )
    command.add_argument("--judge", default="none", help="用语言模型评分（answering），写法同上")
    command.add_argument("--fresh", action="store_true", help="清掉 --out 里已有的结果，从头开始")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    # Imported here: `--help` and the other commands need neither the indexes nor their libraries.
    from eval.report.writing import write_reports
    from eval.runs import Plan, run
    from eval.table import score_lines

    plan = Plan(
        options.task,
        options.data,
        options.limit,
        options.jobs,
        options.seed,
        options.model,
        options.judge,
    )
    found = run(plan, options.out, fresh=options.fresh)
    for line in score_lines(found):
        say(line)
    for path in (options.out / "run.json", *write_reports(found)):
        say(str(path))
    return 0
