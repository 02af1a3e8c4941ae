"""The staff database: its tables, opened under the data directory; a log that cannot be changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from corpus.errors import StorageError

FILE_NAME = "staff.db"
BUSY_MS = 10_000
_tables = sa.MetaData()

users = sa.Table(
    "users",
    _tables,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("password", sa.String, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False, default=False),
    sa.Column("created", sa.Float, nullable=False),
)
# Kept by the digest of the name that was tried, whether or not it is anybody's.
attempts = sa.Table(
    "attempts",
    _tables,
    sa.Column("name_digest", sa.String, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last", sa.Float, nullable=False),
    sa.Column("locked_until", sa.Float, nullable=False),
)
sessions = sa.Table(
    "sessions",
    _tables,
    sa.Column("token_digest", sa.String, primary_key=True),
    sa.Column("user", sa.ForeignKey("users.name"), nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("seen", sa.Float, nullable=False),
)
drafts = sa.Table(
    "drafts",
    _tables,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("owner", sa.ForeignKey("users.name"), nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("reviewed", sa.Integer),
    sa.Column("signed", sa.Integer),
    sa.Column("updated", sa.Float, nullable=False),
)
versions = sa.Table(
    "versions",
    _tables,
    sa.Column("draft", sa.ForeignKey("drafts.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("author", sa.ForeignKey("users.name"), nullable=False),
    sa.Column("saved", sa.Float, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
)
log = sa.Table(
    "log",
    _tables,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("time", sa.Float, nullable=False),
    sa.Column("who", sa.String, nullable=False),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("draft", sa.String, nullable=False, default=""),
    sa.Column("version", sa.Integer),
    sa.Column("note", sa.String, nullable=False, default=""),
    sqlite_autoincrement=True,
)


def _protect(_table: sa.Table, connection: sa.Connection, **_: Any) -> None:
    for change in ("update", "delete"):
        connection.exec_driver_sql(
            f"create trigger log_no_{change} before {change} on log "
            "begin select raise(abort, 'the log is append-only'); end"
        )


sa.event.listen(log, "after_create", _protect)


class StaffDatabase:
    """The SQLite database of accounts, sessions, drafts and their log; readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        """Open the database of a data directory, creating it where there is none.

        Raises:
            StorageError: It cannot be used.
        """
        self.path = folder / FILE_NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StorageError(
                f"工作人员库 {str(self.path)!r} 打不开：{error.strerror}；请检查数据目录的权限"
            ) from error
        self._engine = sa.create_engine(f"sqlite:///{self.path}")
        sa.event.listen(self._engine, "connect", _configure)
        with self._guard():
            _tables.create_all(self._engine)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Hold a transaction: committed at the end, rolled back by an error.

        Raises:
            StorageError: The database is locked, full, read-only or damaged.
        """
        with self._guard(), self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Release the connections."""
        self._engine.dispose()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.IntegrityError:
            raise
        except DatabaseError as error:
            raise StorageError(
                f"工作人员库 {self.path.name!r} 出错：{error.orig}；请检查磁盘和权限，或恢复备份"
            ) from error


def _configure(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"pragma busy_timeout = {BUSY_MS}")
    cursor.execute("pragma journal_mode = wal")
    cursor.execute("pragma foreign_keys = on")
    cursor.close()
