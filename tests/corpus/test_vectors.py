"""The dense index gives every process the same neighbours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from corpus.vectors import VectorIndex

ASK = """
import json, sys
from pathlib import Path
import numpy as np
from corpus.vectors import VectorIndex
index = VectorIndex(Path(sys.argv[1]))
drawn = np.random.default_rng(7).normal(size=(20, 32)).astype(np.float32)
print(json.dumps([[key for key, _ in index.search(one, 60)] for one in drawn]))
"""


def filled(folder: Path) -> VectorIndex:
    index = VectorIndex(folder)
    drawn = np.random.default_rng(1).normal(size=(3_000, 32)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    index.add([f"{n:016x}" for n in range(len(drawn))], drawn)
    index.delete([f"{n:016x}" for n in range(0, 300, 3)])
    return index


def test_two_processes_find_the_same_neighbours(tmp_path: Path) -> None:
    index = filled(tmp_path)
    index.settle()
    index.close()
    found = [
        subprocess.run(
            [sys.executable, "-c", ASK, str(tmp_path)], capture_output=True, text=True, check=True
        ).stdout.splitlines()[-1]
        for _ in range(2)
    ]
    assert json.loads(found[0]) == json.loads(found[1])


def test_settling_loses_nothing_and_more_can_be_added(tmp_path: Path) -> None:
    index = filled(tmp_path)
    before = index.ids()
    index.settle()
    assert index.ids() == before and index.count() == 2_900
    one = np.zeros((1, 32), dtype=np.float32)
    one[0, 5] = 1.0
    index.add(["f" * 16], one)
    index.settle()
    assert index.search(one[0], 1)[0][0] == "f" * 16
    assert index.count() == 2_901


def test_an_empty_index_settles(tmp_path: Path) -> None:
    VectorIndex(tmp_path).settle()
