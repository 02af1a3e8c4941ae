"""Which questions a name on the command line means: our own, or those of a BEIR folder."""

from __future__ import annotations

from pathlib import Path

from corpus.errors import UsageError
from eval.beir import load_beir
from eval.gold_set import load_drafts, load_gold
from eval.samples import DataSet

GOLD = "gold"
DRAFTING = "drafting"


def load_data(name: str, task: str = "") -> DataSet:
    """Return our own samples for `gold`, else those of the BEIR folder of that path.

    Raises:
        UsageError: There is no such folder, its files are wrong, or it has nothing for the task.
    """
    if task == DRAFTING:
        if name != GOLD:
            raise UsageError("起草任务只有自带的样例；请用 --data gold")
        return load_drafts()
    return load_gold() if name == GOLD else load_beir(Path(name))
