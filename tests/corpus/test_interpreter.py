"""A command that a message names runs in the shell that reads it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from corpus.__main__ import main
from corpus.interpreter import as_typed_here

SAID = "没有文件；查看：python -m corpus list"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """This program runs in the environment `venv` of the present folder; PATH knows nothing."""
    folder = tmp_path / "venv" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(sys.executable)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return folder


def test_outside_the_environment_the_interpreter_is_named(environment: Path) -> None:
    command = as_typed_here(SAID).split("：")[1]
    assert command == "venv/bin/python -m corpus list"
    # Typed as it stands, it starts Python; what was said already is not said again.
    assert subprocess.run([command.split()[0], "-c", ""], check=True).returncode == 0
    assert as_typed_here(as_typed_here(SAID)) == as_typed_here(SAID)


def test_inside_it_the_command_is_short(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(environment))
    assert as_typed_here(SAID) == SAID


def test_another_environment_is_not_taken_for_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other" / "bin"
    other.mkdir(parents=True)
    (other / "python").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(other))
    assert "venv/bin/python -m corpus list" in as_typed_here(SAID)


def test_from_another_folder_the_whole_path_is_given_and_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = tmp_path / "away"
    away.mkdir()
    monkeypatch.chdir(away)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "with space"))
    assert as_typed_here(SAID).endswith(f"'{tmp_path}/with space/bin/python' -m corpus list")


def test_without_an_environment_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    assert as_typed_here(SAID) == SAID


def test_errors_hints_and_usage_name_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "没有这份文件"]) == 1
    assert "查看全部：venv/bin/python -m corpus list" in capsys.readouterr().err
    assert main(["list"]) == 0
    assert "venv/bin/python -m corpus sync" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["sync"])
    error = capsys.readouterr().err
    assert error.count("venv/bin/python -m corpus sync") == error.count("python -m") == 2
