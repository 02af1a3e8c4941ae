"""Accounts of staff: names, roles, passwords by Argon2id, and the lock after failed tries."""

from __future__ import annotations

import hashlib
import re
import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from assistant.staff.database import StaffDatabase, attempts, log, sessions, users
from assistant.staff.workflow import Role
from corpus.errors import UsageError

MOST_FAILURES = 5
LOCKED_SECONDS = 15 * 60
FORGOTTEN_SECONDS = 24 * 3600  # tries older than a day no longer count
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
# Each hash takes 64 MiB (RFC 9106, second recommended option): two at once, the others wait.
_AT_ONCE = 2
_NAME = re.compile(r"[\w.@-]{2,40}")


@dataclass(frozen=True, slots=True)
class User:
    """A member of staff; `disabled` means that the account is kept but nobody can log in."""

    name: str
    role: Role
    disabled: bool = False


class Accounts:
    """The accounts of a staff database."""

    def __init__(self, database: StaffDatabase, *, clock: Callable[[], float] = time.time) -> None:
        """Work on a database."""
        self._database = database
        self._clock = clock
        self._hasher = PasswordHasher()
        self._hashing = threading.BoundedSemaphore(_AT_ONCE)
        # Checked where a name is nobody's, so that it takes as long as for a name that is.
        self._nobody = self._hasher.hash("nobody")

    def add(self, name: str, role: Role, password: str) -> User:
        """Add an account.

        Raises:
            UsageError: The name is taken or not one, or the password is too weak.
        """
        name = _canonical(name)
        if not _NAME.fullmatch(name):
            raise UsageError(f"用户名 {name!r} 不对：2 到 40 个字，只用汉字、字母、数字和 . _ @ -")
        hashed = self._hash(name, password)
        with self._database.begin() as connection:
            taken = connection.execute(sa.select(users.c.name).where(users.c.name == name)).first()
            if taken:
                raise UsageError(
                    f"用户 {name!r} 已存在；改密码：python -m assistant users password {name}"
                )
            connection.execute(
                users.insert().values(
                    name=name, role=role, password=hashed, disabled=False, created=self._clock()
                )
            )
            self._note(connection, "管理员（命令行）", "添加用户", f"{name}（{role}）")
        return User(name, role)

    def all(self) -> list[User]:
        """Return every account by name."""
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(users).order_by(users.c.name))
            return [User(row.name, Role(row.role), row.disabled) for row in rows]

    def find(self, name: str) -> User:
        """Return an account.

        Raises:
            UsageError: There is none of that name.
        """
        for user in self.all():
            if user.name == _canonical(name):
                return user
        raise UsageError(f"没有用户 {name!r}；查看全部：python -m assistant users list")

    def disable(self, name: str) -> None:
        """Close an account and end its sessions; what it did stays on record.

        Raises:
            UsageError: There is none of that name.
        """
        user = self.find(name)
        with self._database.begin() as connection:
            connection.execute(
                users.update().where(users.c.name == user.name).values(disabled=True)
            )
            connection.execute(sessions.delete().where(sessions.c.user == user.name))
            self._note(connection, "管理员（命令行）", "停用用户", user.name)

    def set_password(self, name: str, password: str) -> None:
        """Give an account a new password, end its sessions, open and unlock it.

        Raises:
            UsageError: There is none of that name, or the password is too weak.
        """
        user = self.find(name)
        hashed = self._hash(user.name, password)
        with self._database.begin() as connection:
            connection.execute(
                users.update()
                .where(users.c.name == user.name)
                .values(password=hashed, disabled=False)
            )
            connection.execute(sessions.delete().where(sessions.c.user == user.name))
            connection.execute(
                attempts.delete().where(attempts.c.name_digest == _digest(user.name))
            )
            self._note(connection, "管理员（命令行）", "重设密码", user.name)

    def check(self, name: str, password: str) -> User | None:
        """Return the user of a name and password, None where they do not belong together.

        A name that is nobody's, a closed and a locked account are answered alike, in the same
        time and with the same writes, so that nothing tells which names exist.
        """
        name = _canonical(name)[:200]
        key = _digest(name)
        now = self._clock()
        with self._database.begin() as connection:
            row = connection.execute(sa.select(users).where(users.c.name == name)).first()
        matches = self._matches(row.password if row else self._nobody, password)
        with self._database.begin() as connection:
            # The lock is judged where the try is counted: many tries at once must not slip by.
            connection.execute(attempts.delete().where(attempts.c.last < now - FORGOTTEN_SECONDS))
            tried = connection.execute(
                sa.select(attempts).where(attempts.c.name_digest == key)
            ).first()
            locked = tried is not None and tried.locked_until > now
            right = matches and row is not None and not row.disabled and not locked
            if not locked:
                connection.execute(attempts.delete().where(attempts.c.name_digest == key))
            if not locked and not right:
                # Once a lock has run out, the count begins anew.
                expired = tried is not None and tried.locked_until > 0
                failures = 1 if tried is None or expired else tried.failures + 1
                until = now + LOCKED_SECONDS if failures >= MOST_FAILURES else 0.0
                connection.execute(
                    attempts.insert().values(
                        name_digest=key, failures=failures, last=now, locked_until=until
                    )
                )
                if until and row is not None:
                    self._note(connection, name, "连续输错密码，账号暂时锁定", "")
        return User(row.name, Role(row.role)) if right and row is not None else None

    def _matches(self, hashed: str, password: str) -> bool:
        with self._hashing:
            try:
                return self._hasher.verify(hashed, password[:LONGEST_PASSWORD])
            except (VerificationError, InvalidHashError):
                return False

    def _hash(self, name: str, password: str) -> str:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise UsageError(
                f"密码应为 {SHORTEST_PASSWORD} 到 {LONGEST_PASSWORD} 个字符；可以用几个不相干的词连起来"
            )
        if name.casefold() in password.casefold() or len(set(password)) < 4:
            raise UsageError("密码太容易猜：不要含用户名，也不要只用几个重复的字符")
        with self._hashing:
            return self._hasher.hash(password)

    def _note(self, connection: sa.Connection, who: str, action: str, note: str) -> None:
        connection.execute(
            log.insert().values(time=self._clock(), who=who, action=action, note=note)
        )


def _canonical(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip()


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
