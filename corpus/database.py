"""The database under the catalogue: opened, migrated, its errors turned into sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from corpus.errors import StorageError

SCHEMA_VERSION = "0001"  # the newest migration in corpus/migrations/versions
BUSY_MS = 10_000
# SQLite keeps 2 MiB of pages by default, so that every search would copy its rows in anew. Read
# through the page cache of the system, 80 clauses of the laws come in 1.4 ms instead of 4.3.
_CACHE_KIB = 64 * 1024
_MAPPED_BYTES = 4 << 30


class Database:
    """A database that a SQLAlchemy URL names; a plain path means SQLite."""

    def __init__(self, url: str | Path) -> None:
        """Open the database, creating or migrating its tables where needed.

        Raises:
            StorageError: It cannot be used.
        """
        self.url = f"sqlite:///{url}" if isinstance(url, Path) else url
        with self._guard():
            self._engine = sa.create_engine(self.url)
            # What errors name it by: without the password.
            self.url = self._engine.url.render_as_string(hide_password=True)
            if self._engine.dialect.name == "sqlite":
                sa.event.listen(self._engine, "connect", _configure_sqlite)
            self._migrate()

    def close(self) -> None:
        """Release the connections."""
        self._engine.dispose()

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Hold a transaction: committed at the end, rolled back by an error.

        Raises:
            StorageError: The database is locked, full, read-only or damaged; the sentence says which.
        """
        with self._guard(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            raise StorageError(_explain(self.url, str(error.orig))) from error
        except (sa.exc.ArgumentError, ModuleNotFoundError) as error:
            raise StorageError(f"目录库地址 {self.url!r} 不能用：{error}") from error

    def _migrate(self) -> None:
        with self._engine.begin() as connection:
            version = None
            if sa.inspect(connection).has_table("alembic_version"):
                version = connection.execute(
                    sa.text("select version_num from alembic_version")
                ).scalar_one_or_none()
            if version == SCHEMA_VERSION:
                return
            if version is not None and version > SCHEMA_VERSION:
                raise StorageError(
                    f"目录库 {self.url} 由更新的程序版本建立（{version}）；请升级本程序后再打开"
                )
            # Imported here: Alembic costs a third of a second that a question should not pay.
            from alembic import command
            from alembic.config import Config

            config = Config()
            config.set_main_option(
                "script_location", str(Path(__file__).parent / "migrations").replace("%", "%%")
            )
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _configure_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"pragma busy_timeout = {BUSY_MS}")
    cursor.execute("pragma journal_mode = wal")
    cursor.execute("pragma synchronous = normal")
    cursor.execute("pragma foreign_keys = on")
    cursor.execute(f"pragma cache_size = -{_CACHE_KIB}")
    cursor.execute(f"pragma mmap_size = {_MAPPED_BYTES}")
    cursor.close()


def _explain(url: str, reason: str) -> str:
    lowered = reason.lower()
    if "locked" in lowered:
        return f"目录库 {url} 正被另一个进程写入（已等待 {BUSY_MS // 1000} 秒）；请等它结束后重试"
    if "full" in lowered or "disk i/o" in lowered:
        return f"目录库 {url} 写入失败，磁盘可能已满：{reason}；请清理空间后重新运行同一条命令"
    if "readonly" in lowered or "unable to open" in lowered or "permission" in lowered:
        return f"目录库 {url} 打不开或不可写：{reason}；请检查目录权限，或用 ASSISTANT_DATA_DIR 另指定目录"
    if "not a database" in lowered or "malformed" in lowered:
        return f"目录库 {url} 已损坏：{reason}；请恢复备份，或删除数据目录后重新运行 python -m corpus sync"
    return f"目录库 {url} 出错：{reason}"
