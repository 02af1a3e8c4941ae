"""Which questions a name on the command line means: our own, or those of a BEIR folder."""

from __future__ import annotations

from pathlib import Path

from eval.beir import load_beir
from eval.gold_set import load_gold
from eval.samples import DataSet

GOLD = "gold"


def load_data(name: str) -> DataSet:
    """Return our own questions for `gold`, else those of the BEIR folder of that path.

    Raises:
        UsageError: There is no such folder, or its files are wrong.
    """
    return load_gold() if name == GOLD else load_beir(Path(name))
