"""Folders of ours are closed to the other accounts of the machine, whichever command made them."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.folders import make_private


def test_every_folder_made_is_private_and_one_that_is_there_stays(tmp_path: Path) -> None:
    make_private(tmp_path / "data" / "models")
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("data", "data/models")]
    assert modes == [0o700, 0o700]
    (tmp_path / "data").chmod(0o750)
    make_private(tmp_path / "data")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o750


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(OSError, match="exists"):
        make_private(tmp_path / "data")
