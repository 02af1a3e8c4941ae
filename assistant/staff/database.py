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
from corpus.folders import make_private

FILE_NAME = "staff.db"
BUSY_MS = 10_000
_tables = sa.MetaData()


def _stated(name: str, *described: Any, **options: Any) -> sa.Column[Any]:
    """Return a column that every row fills."""
    return sa.Column(name, *described, nullable=False, **options)


users = sa.Table(
    "users",
    _tables,
    sa.Column("name", sa.String, primary_key=True),
    _stated("role", sa.String),
    _stated("password", sa.String),
    _stated("disabled", sa.Boolean, default=False),
    _stated("created", sa.Float),
)
# Kept by the digest of the name that was tried, whether or not it is anybody's.
attempts = sa.Table(
    "attempts",
    _tables,
    sa.Column("name_digest", sa.String, primary_key=True),
    _stated("failures", sa.Integer),
    _stated("last", sa.Float),
    _stated("locked_until", sa.Float),
)
sessions = sa.Table(
    "sessions",
    _tables,
    sa.Column("token_digest", sa.String, primary_key=True),
    _stated("user", sa.ForeignKey("users.name")),
    _stated("created", sa.Float),
    _stated("seen", sa.Float),
)
drafts = sa.Table(
    "drafts",
    _tables,
    sa.Column("id", sa.String, primary_key=True),
    _stated("kind", sa.String),
    _stated("title", sa.String),
    _stated("owner", sa.ForeignKey("users.name")),
    _stated("state", sa.String),
    _stated("version", sa.Integer),
    sa.Column("reviewed", sa.Integer),
    sa.Column("signed", sa.Integer),
    _stated("updated", sa.Float),
)
versions = sa.Table(
    "versions",
    _tables,
    sa.Column("draft", sa.ForeignKey("drafts.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    _stated("author", sa.ForeignKey("users.name")),
    _stated("saved", sa.Float),
    _stated("content", sa.JSON),
)
log = sa.Table(
    "log",
    _tables,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    _stated("time", sa.Float),
    _stated("who", sa.String),
    _stated("action", sa.String),
    _stated("draft", sa.String, default=""),
    sa.Column("version", sa.Integer),
    _stated("note", sa.String, default=""),
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
            make_private(folder)
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
