"""Accounts, their lock and sessions: what opens, what stays shut, and what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from assistant.staff.accounts import LOCKED_SECONDS, MOST_FAILURES, Accounts
from assistant.staff.database import StaffDatabase, attempts, log, sessions, users
from assistant.staff.sessions import IDLE_SECONDS, LONGEST_SECONDS, Sessions, form_token
from assistant.staff.workflow import Role
from corpus.errors import StorageError, UsageError
from tests.assistant.staff.conftest import PASSWORD, Clock

pytestmark = pytest.mark.usefixtures("cheap_hashes")


@pytest.fixture
def accounts(database: StaffDatabase, clock: Clock) -> Accounts:
    accounts = Accounts(database, clock=clock)
    accounts.add("小李", Role.DRAFTER, PASSWORD)
    return accounts


def test_the_right_password_opens_and_no_other(accounts: Accounts) -> None:
    user = accounts.check("小李", PASSWORD)
    assert user and user.role is Role.DRAFTER
    for wrong in ("", PASSWORD + " ", PASSWORD[:-1], "' or 1=1 --"):
        assert accounts.check("小李", wrong) is None
    assert accounts.check("无此人", PASSWORD) is None


def test_passwords_are_kept_as_argon2id_only(accounts: Accounts, database: StaffDatabase) -> None:
    with database.begin() as connection:
        kept = connection.execute(sa.select(users.c.password)).scalar_one()
    assert kept.startswith("$argon2id$")
    assert PASSWORD.encode() not in database.path.read_bytes()
    assert database.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["小李", "无此人"])
def test_failed_tries_lock_a_name_whether_or_not_it_is_anybodys(
    accounts: Accounts, database: StaffDatabase, clock: Clock, name: str
) -> None:
    for _ in range(MOST_FAILURES):
        assert accounts.check(name, "wrong wrong wrong") is None
    with database.begin() as connection:
        row = connection.execute(sa.select(attempts)).one()
    assert row.failures == MOST_FAILURES and row.locked_until == clock.now + LOCKED_SECONDS
    assert name not in row.name_digest
    assert accounts.check(name, PASSWORD) is None
    clock.now += LOCKED_SECONDS + 1
    assert (accounts.check(name, PASSWORD) is not None) is (name == "小李")


def test_a_success_ends_the_count(accounts: Accounts) -> None:
    for _ in range(3):
        for _ in range(MOST_FAILURES - 1):
            assert accounts.check("小李", "wrong wrong wrong") is None
        assert accounts.check("小李", PASSWORD) is not None


def test_names_are_one_in_every_width_and_are_not_taken_twice(accounts: Accounts) -> None:
    accounts.add("zhang.san", Role.REVIEWER, PASSWORD)
    assert accounts.check("ｚｈａｎｇ．ｓａｎ ", PASSWORD)
    for name in ("小李", " 小李 "):
        with pytest.raises(UsageError, match="已存在"):
            accounts.add(name, Role.SIGNER, PASSWORD)
    for name in ("", "a", "x" * 41, "甲\n乙", "<b>"):
        with pytest.raises(UsageError, match="用户名"):
            accounts.add(name, Role.SIGNER, PASSWORD)


@pytest.mark.parametrize("weak", ["", "short", "1111111111111", "小李的密码12345678", "x" * 201])
def test_weak_passwords_are_refused(accounts: Accounts, weak: str) -> None:
    with pytest.raises(UsageError, match="密码"):
        accounts.set_password("小李", weak)
    assert accounts.check("小李", PASSWORD)


def test_a_session_is_kept_as_a_digest_and_ends_by_leaving(
    accounts: Accounts, database: StaffDatabase, clock: Clock
) -> None:
    user = accounts.find("小李")
    open_ones = Sessions(database, clock=clock)
    token, other = open_ones.open(user), open_ones.open(user)
    assert token != other and len(token) >= 43
    with database.begin() as connection:
        kept = connection.execute(sa.select(sessions.c.token_digest)).scalars().all()
    assert token not in kept and form_token(token) not in kept
    found = open_ones.find(token)
    assert found and found.user == user and found.form_token == form_token(token)
    open_ones.end(token)
    assert open_ones.find(token) is None and open_ones.find(other)
    for forged in ("", "x" * 43, kept[0], token[:-1], form_token(other), "\udcff"):
        assert open_ones.find(forged) is None


def test_a_session_ends_by_idling_and_by_age(
    accounts: Accounts, database: StaffDatabase, clock: Clock
) -> None:
    open_ones = Sessions(database, clock=clock)
    idle, busy = (open_ones.open(accounts.find("小李")) for _ in range(2))
    started = clock.now
    while clock.now + IDLE_SECONDS - 60 <= started + LONGEST_SECONDS:
        clock.now += IDLE_SECONDS - 60
        assert open_ones.find(busy)
    assert open_ones.find(idle) is None
    clock.now = started + LONGEST_SECONDS + 1
    assert open_ones.find(busy) is None


def test_a_closed_account_and_a_new_password_end_every_session(
    accounts: Accounts, database: StaffDatabase, clock: Clock
) -> None:
    open_ones = Sessions(database, clock=clock)
    token = open_ones.open(accounts.find("小李"))
    accounts.set_password("小李", "完全 不同 的 一句话")
    assert open_ones.find(token) is None and accounts.check("小李", PASSWORD) is None
    token = open_ones.open(accounts.find("小李"))
    accounts.disable("小李")
    assert open_ones.find(token) is None
    assert accounts.check("小李", "完全 不同 的 一句话") is None
    with pytest.raises(UsageError, match="没有用户"):
        accounts.disable("无此人")


def test_the_log_can_only_be_added_to(accounts: Accounts, database: StaffDatabase) -> None:
    for change in (log.update().values(who="别人"), log.delete()):
        with pytest.raises((StorageError, sa.exc.IntegrityError)), database.begin() as connection:
            connection.execute(change)
    with database.begin() as connection:
        assert connection.execute(sa.select(log.c.action)).scalars().all() == ["添加用户"]


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="数据目录"):
        StaffDatabase(tmp_path / "file" / "data")
