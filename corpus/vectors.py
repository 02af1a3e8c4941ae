"""The dense index: one Chroma collection of chunk vectors in a folder of its own."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Chroma reads these when it is imported; nothing may leave this machine.
os.environ["ANONYMIZED_TELEMETRY"] = "False"

import chromadb
from chromadb.api.collection_configuration import HNSWConfiguration
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import ChromaError

from corpus.errors import StorageError

# HNSW, measured on 157,028 clauses × 256 (eval/LOG.md): what costs recall and what costs time.
_GRAPH: HNSWConfiguration = {
    "space": "ip",  # vectors have length one: the inner product is the cosine
    "ef_construction": 100,
    "max_neighbors": 16,
    "ef_search": 200,
    "batch_size": 5_000,
    "sync_threshold": 50_000,
}
_SETTLING = 2  # the lowest threshold that Chroma takes
_WRITE_BATCH = 5_000  # Chroma refuses more than 5,461 rows at once on some builds of SQLite
_COLLECTION = "chunks"


class VectorIndex:
    """Chunk vectors by nearness; one folder on disk, written by one process at a time."""

    def __init__(self, folder: Path) -> None:
        """Open the collection in a folder, creating it where there is none."""
        self.folder = folder
        self._unsettled = False
        self._open()

    def _open(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._client = chromadb.PersistentClient(
                str(self.folder), Settings(anonymized_telemetry=False, allow_reset=False)
            )
            self._collection = self._client.get_or_create_collection(
                _COLLECTION, configuration={"hnsw": _GRAPH}, embedding_function=None
            )
        except (OSError, ValueError, RuntimeError, ChromaError) as error:
            raise StorageError(
                f"向量索引 {self.folder} 打不开：{error}；重建：python -m corpus rebuild"
            ) from error

    def add(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Add or replace vectors, float32 of shape (len(ids), dimension)."""
        self._unsettled = True
        with self._guard():
            for start in range(0, len(ids), _WRITE_BATCH):
                part = slice(start, start + _WRITE_BATCH)
                self._collection.upsert(list(ids[part]), embeddings=vectors[part])

    def delete(self, ids: Iterable[str]) -> None:
        """Delete vectors by id; unknown ids are no error."""
        self._unsettled = True
        wanted = list(ids)
        with self._guard():
            for start in range(0, len(wanted), _WRITE_BATCH):
                self._collection.delete(wanted[start : start + _WRITE_BATCH])

    def settle(self) -> None:
        """Have the graph of what was added and deleted written to disk, so that all search the same.

        Chroma keeps fewer than `sync_threshold` vectors as a log and builds their graph anew in each
        process that opens it, each time a little differently: the same question would find other
        neighbours after a restart (192 of 200 the same; eval/LOG.md). A low threshold makes it
        write the graph at the next search.
        """
        if not self._unsettled or not self.count():
            return
        with self._guard(), warnings.catch_warnings():
            # Chroma's own notice about collections without an embedding function.
            warnings.simplefilter("ignore", DeprecationWarning)
            for threshold in (_SETTLING, _GRAPH["sync_threshold"]):
                self._collection.modify(configuration={"hnsw": {"sync_threshold": threshold}})
                self.reload()
                some = self._collection.get(limit=1, include=["embeddings"])
                self.search(np.asarray(some["embeddings"], dtype=np.float32)[0], 1)
        self._unsettled = False

    def search(
        self, vector: NDArray[np.float32], limit: int, among: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return (chunk id, cosine) of the nearest vectors, nearest first.

        `among` holds the only ids that count, None for all; ids that are not here are no error.
        """
        if limit < 1 or (among is not None and not among):
            return []
        # `include=[]` would leave the distances out; documents and metadata are never stored.
        with self._guard():
            found = self._collection.query(
                query_embeddings=vector[None, :],
                n_results=limit,
                ids=None if among is None else list(among),
                include=["distances"],
            )
        distances = (found["distances"] or [[]])[0]
        return [
            (chunk_id, 1.0 - float(distance))
            for chunk_id, distance in zip(found["ids"][0], distances, strict=True)
        ]

    def ids(self) -> set[str]:
        """Return the ids of all vectors."""
        return {chunk_id for batch in self._pages([]) for chunk_id in batch["ids"]}

    def vectors(self) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
        """Yield every vector with its id, in batches."""
        for batch in self._pages(["embeddings"]):
            yield list(batch["ids"]), np.asarray(batch["embeddings"], dtype=np.float32)

    def count(self) -> int:
        """Return how many vectors there are."""
        with self._guard():
            return int(self._collection.count())

    def close(self) -> None:
        """Let go of the files, so that the folder can be replaced or read afresh."""
        self.forget_open_files()

    @staticmethod
    def forget_open_files() -> None:
        """Drop every collection that Chroma keeps open in this process."""
        SharedSystemClient.clear_system_cache()

    def reload(self) -> None:
        """See what another process wrote.

        A second process's vectors show in `count()` but never in a query until the collection is
        opened anew.
        """
        self.close()
        self._open()

    def _pages(self, include: list[str]) -> Iterator[Any]:
        offset = 0
        while True:
            with self._guard():
                batch = self._collection.get(limit=20_000, offset=offset, include=include)  # type: ignore[arg-type]
            if not batch["ids"]:
                return
            yield batch
            offset += len(batch["ids"])

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Turn Chroma's errors into a sentence."""
        try:
            yield
        except (OSError, RuntimeError, ChromaError) as error:
            reason = " ".join(str(error).split())
            if "full" in reason or "No space" in reason:
                raise StorageError(
                    f"向量索引 {self.folder} 写入失败，磁盘已满；请清理空间后重新运行同一条命令"
                ) from error
            raise StorageError(
                f"向量索引 {self.folder} 已损坏或无法写入（{reason[:160]}）；"
                "请确认磁盘有空间后运行：python -m corpus rebuild"
            ) from error
