"""The gate: measure every baseline again and say which score fell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import UsageError
from eval.data_sets import GOLD
from eval.metrics import higher_is_better
from eval.rows import Run
from eval.runs import Plan, run
from eval.tasks import TASKS

BASELINES = Path(__file__).parent / "baselines.yaml"


@dataclass(frozen=True, slots=True)
class Expected:
    """A score that a version must reach, and how much it may miss it by (same unit)."""

    score: float
    tolerance: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """One measurement of the gate: a task, its data set, and what each metric must reach."""

    name: str
    task: str
    data: str
    limit: int | None
    expect: Mapping[str, Expected]

    def command(self, data: str, out: Path) -> str:
        """Return the command that makes the measurement by hand."""
        limit = f" --limit {self.limit}" if self.limit else ""
        return f"python -m eval run {self.task} --data {data} --out {out}{limit}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One metric of one baseline: what was expected and found; `found` is None if not measured."""

    baseline: str
    metric: str
    expected: Expected
    found: float | None

    @property
    def passed(self) -> bool:
        """Say whether the score is no worse than expected, up to the tolerance."""
        if self.found is None:
            return False
        gain = self.found - self.expected.score
        return (gain if higher_is_better(self.metric) else -gain) >= -self.expected.tolerance - 1e-9


def read_baselines(path: Path) -> tuple[Baseline, ...]:
    """Read and check the baselines.

    Raises:
        UsageError: The file cannot be read, or an entry is wrong.
    """
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
        return tuple(_baseline(entry) for entry in content["baselines"])
    except OSError as error:
        raise UsageError(f"读不出 {str(path)!r}：{error.strerror}") from error
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{path} 的内容不对：{error}；格式见 eval/baselines.yaml 开头") from error


def check(
    baselines: tuple[Baseline, ...], data: Path, out: Path, *, jobs: int = 1, quiet: bool = False
) -> Iterator[tuple[Baseline, str, tuple[Verdict, ...]]]:
    """Measure every baseline afresh; yield each with its command and one verdict a metric."""
    for baseline in baselines:
        source = baseline.data if baseline.data == GOLD else str(data / baseline.data)
        folder = out / baseline.name
        plan = Plan(baseline.task, source, baseline.limit, jobs)
        measured = run(plan, folder, fresh=True, quiet=quiet)
        yield baseline, baseline.command(source, folder), judge(baseline, measured)


def accept(path: Path, measured: Mapping[str, tuple[Verdict, ...]], commit: str) -> None:
    """Write measured scores into the file as what is expected from now on; tolerances stay.

    The comment at the top stays; entries that were not measured stay as they are.
    """
    text = path.read_text("utf-8")
    content = yaml.safe_load(text)
    for entry in content["baselines"]:
        verdicts = measured.get(entry["name"], ())
        for verdict in verdicts:
            if verdict.found is not None:
                entry["expect"][verdict.metric]["score"] = round(verdict.found, 4)
        if verdicts:
            entry["commit"] = commit[:12]
    comment = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    written = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, default_flow_style=None)
    path.write_text(comment + written, "utf-8")


def judge(baseline: Baseline, measured: Run) -> tuple[Verdict, ...]:
    """Compare a complete run with what its baseline expects."""
    scores = measured.record["scores"]
    return tuple(
        Verdict(baseline.name, metric, expected, scores.get(metric))
        for metric, expected in baseline.expect.items()
    )


def _baseline(entry: Mapping[str, Any]) -> Baseline:
    words = entry["run"].split()
    if len(words) != 2 or words[0] not in TASKS:
        raise ValueError(f"run: {entry['run']!r} is not a task and its data")
    unknown = set(entry) - {"name", "run", "limit", "commit", "expect"}
    if unknown:
        raise ValueError(f"{entry['name']}: unknown entries {sorted(unknown)}")
    expect = {
        metric: Expected(float(row["score"]), float(row["tolerance"]))
        for metric, row in entry["expect"].items()
    }
    if not expect:
        raise ValueError(f"{entry['name']}: nothing is expected")
    return Baseline(entry["name"], words[0], words[1], entry.get("limit"), expect)
