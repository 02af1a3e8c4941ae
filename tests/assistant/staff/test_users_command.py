"""`python -m assistant users`: passwords come from a pipe or a prompt, never from an argument."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from assistant.__main__ import main
from assistant.staff.accounts import Accounts
from assistant.staff.database import StaffDatabase
from tests.assistant.staff.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("cheap_hashes")


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str, piped: str = "") -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(piped))
    return main(["--data-dir", str(folder), "users", *arguments])


def test_add_list_disable_and_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path, "list") == 0
    assert "还没有账号" in capsys.readouterr().out
    assert run(monkeypatch, tmp_path, "add", "小李", "--role", "审核", piped=f"{PASSWORD}\n") == 0
    assert run(monkeypatch, tmp_path, "add", "小李", piped=f"{PASSWORD}\n") == 1
    assert run(monkeypatch, tmp_path, "add", "小王", piped="") == 1
    out = capsys.readouterr()
    assert "已存在" in out.err and "密码应为" in out.err and PASSWORD not in out.out + out.err
    assert run(monkeypatch, tmp_path, "disable", "小李") == 0
    assert run(monkeypatch, tmp_path, "disable", "无此人") == 1
    assert run(monkeypatch, tmp_path, "list") == 0
    assert "小李\t审核\t已停用" in capsys.readouterr().out
    new = "另外 一句 很长 的话"
    assert run(monkeypatch, tmp_path, "password", "小李", piped=f"{new}\r\n") == 0
    database = StaffDatabase(tmp_path)
    try:
        assert Accounts(database).check("小李", new)
        assert not Accounts(database).check("小李", PASSWORD)
    finally:
        database.close()


def test_a_password_is_no_argument(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        run(monkeypatch, tmp_path, "add", "小李", "--password", PASSWORD)
    with pytest.raises(SystemExit):
        run(monkeypatch, tmp_path, "add", "小李", PASSWORD)


def test_two_passwords_typed_that_differ_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    typed = iter([PASSWORD, PASSWORD + "x"])
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    assert main(["--data-dir", str(tmp_path), "users", "add", "小李"]) == 1
    assert "不一样" in capsys.readouterr().err
