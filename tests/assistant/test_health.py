"""The checks behind `doctor`: what a machine lacks is named with what it is needed for."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.drafting.labels import PRODUCER_VARIABLE, UNSET_PRODUCER
from assistant.health import Check, examine

OWN_PRODUCER = UNSET_PRODUCER.replace("0" * 18, "91110000MA01ABCD12")


def checked(folder: Path, name: str) -> Check:
    return next(check for check in examine(folder, None, "none") if check.name == name)


def test_libreoffice_is_named_with_all_that_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    check = checked(tmp_path, "LibreOffice")
    assert not check.well and not check.needed
    assert all(use in check.advice for use in (".doc", "PDF", "预览", "版记"))
    program = tmp_path / "libreoffice"
    program.touch(mode=0o755)
    assert checked(tmp_path, "LibreOffice").well


@pytest.mark.parametrize(
    ("code", "well", "seen"),
    [("", False, "都是零"), (OWN_PRODUCER, True, OWN_PRODUCER), ("ABC", False, "'ABC' 不对")],
    ids=["unset", "set", "no code"],
)
def test_a_label_of_zeros_is_noticed(
    code: str, well: bool, seen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if code:
        monkeypatch.setenv(PRODUCER_VARIABLE, code)
    check = checked(tmp_path, "AIGC 标识")
    assert check.well is well and seen in check.seen
    assert not check.needed and PRODUCER_VARIABLE in check.advice
