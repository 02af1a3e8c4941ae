"""Folders that no other account of the machine reads."""

from __future__ import annotations

from pathlib import Path


def make_private(folder: Path) -> None:
    """Create a folder, and those above it that are not there, for its owner alone.

    `Path.mkdir` gives its mode to the last folder only. One that is there keeps its rights: a
    person may have opened it on purpose.

    Raises:
        OSError: It cannot be created.
    """
    for part in (*reversed(folder.parents), folder):
        if not part.exists():
            part.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(exist_ok=True)  # a file of this name is an error
