"""Files → catalogue and indexes: plan, read in parallel, index in batches, record last.

A run may be killed at any moment. The catalogue is told before the first change to an index
(`dirty`) and after the last; a run that finds the mark compares both indexes with the catalogue and
mends them first, so that killing and running again gives the same corpus as an undisturbed run.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field, replace
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from corpus.documents import Access, Chunk, Document, document_id
from corpus.errors import ParseError, StorageError
from corpus.index import Index
from corpus.interrupting import undisturbed_children
from corpus.lexical import document_key
from corpus.reading import ReadFile, prepare_worker, read_file, settings_digest
from corpus.rows import NewDocument
from corpus.sources import Discovery, SourceFile, discover
from corpus.store import Store

BATCH_CHUNKS = 4_000  # chunks indexed together: enough to keep both writers busy, ~100 MB at most
STARTING_SECONDS = 20  # waited at the end for workers that are still starting
TASK_SECONDS = 30  # hard limit of a worker on one file
LONG_TASK_SECONDS = 3_600  # … of a format whose pages may need OCR (each page has its own limit)
LONG_FORMATS = frozenset(
    {".pdf", ".ofd", ".tif", ".tiff", ".doc", ".wps", ".ppt", ".dps", ".xls", ".et", ".rtf"}
)

Progress = Callable[[int, int, int], None]  # files done, files in all, chunks so far


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """What one run will change, decided before anything is touched.

    `add` and `update` are files to read; `missing` are current documents below the synced folders
    whose file is gone.
    """

    add: tuple[SourceFile, ...]
    update: tuple[SourceFile, ...]
    unchanged: int
    missing: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be taken in, and why."""

    path: str
    error: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one run changed; counts are documents, `chunks` those written."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: tuple[Failure, ...] = ()
    chunks: int = 0
    seconds: float = 0.0
    missing: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(slots=True)
class _Batch:
    documents: list[NewDocument] = field(default_factory=list)
    chunks: int = 0


def sync(
    store: Store,
    paths: Sequence[Path],
    access: Access,
    *,
    prune: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> SyncReport:
    """Bring the corpus to what lies under `paths`; one bad file is a line in the report.

    Raises:
        UsageError: A path or a manifest is wrong; nothing was touched.
        StorageError: The data directory cannot be written.
    """
    started = time.monotonic()
    with store.writing():
        found = discover(paths)
        mend(store)
        plan = make_plan(found, store.catalogue.documents(), access)
        changed = bool(plan.add or plan.update or (prune and plan.missing))
        failures = [Failure(str(path), reason) for path, reason in found.unreadable.items()]
        counts = {"added": 0, "updated": 0}
        written = 0
        if changed:
            levels = {access} | {file.access(access) for file in (*plan.add, *plan.update)}
            for level in levels:
                store.index(level)  # refuses an index of another embedder before anything changes
            store.catalogue.set_state(dirty="1")
            for level in levels:
                store.remember_embedder(level)
            read = _read(plan, store, access, workers, failures, progress)
            for batch in _batches(read, access):
                counts_of = write_batch(store, batch.documents)
                counts["added"] += counts_of[0]
                counts["updated"] += counts_of[1]
                written += batch.chunks
            if prune and plan.missing:
                _drop(store, plan.missing)
            store.finish_writing()
            store.catalogue.refresh_relations()
            store.catalogue.set_state(dirty="0")
        return SyncReport(
            **counts,
            unchanged=plan.unchanged,
            removed=len(plan.missing) if prune else 0,
            failed=tuple(sorted(failures, key=lambda failure: failure.path)),
            chunks=written,
            seconds=round(time.monotonic() - started, 3),
            missing=() if prune else tuple(document.source for document in plan.missing),
            skipped=tuple(map(str, found.skipped)),
            unknown=found.unknown,
        )


def make_plan(found: Discovery, known: Iterable[Document], access: Access) -> SyncPlan:
    """Compare the files found with the current documents."""
    current = {document.source: document for document in known}
    add: list[SourceFile] = []
    update: list[SourceFile] = []
    unchanged = 0
    for file in found.files:
        document = current.get(str(file.path))
        if document is None:
            add.append(file)
        elif document.id != _identity(file, access):
            update.append(file)
        else:
            unchanged += 1
    present = {str(file.path) for file in found.files}
    missing = tuple(
        document
        for document in current.values()
        if document.source not in present
        and any(Path(document.source).is_relative_to(root) for root in found.roots)
        # Nobody knows what lies in a folder that does not open: nothing of it is missing.
        and not any(Path(document.source).is_relative_to(path) for path in found.unreadable)
    )
    return SyncPlan(tuple(add), tuple(update), unchanged, missing)


def remove(store: Store, documents: Sequence[Document]) -> None:
    """Take documents out: they are found no more; their text stays for citations already given."""
    with store.writing():
        mend(store)
        store.catalogue.set_state(dirty="1")
        _drop(store, documents)
        store.finish_writing()
        store.catalogue.refresh_relations()
        store.catalogue.set_state(dirty="0")


def rebuild(store: Store, *, progress: Progress | None = None) -> int:
    """Make every index again from the catalogue alone; return the number of chunks."""
    with store.writing():
        store.catalogue.set_state(dirty="1")
        documents = store.catalogue.documents()
        total = 0
        for access in Access:
            store.drop_index(access)
            of_level = [document for document in documents if document.access == access]
            store.remember_embedder(access)
            if of_level:
                total += _index_again(store, access, of_level, progress, total)
        store.finish_writing()
        store.catalogue.refresh_relations()
        store.catalogue.set_state(dirty="0")
        return total


def mend(store: Store) -> None:
    """Bring both indexes to the catalogue after a run that did not end; cheap when none is needed."""
    if store.catalogue.get_state("dirty") != "1":
        return
    for access in Access:
        wanted = store.catalogue.current_chunk_ids(access)
        if not wanted and not store.index_folder(access).exists():
            continue
        documents = {
            document_key(document.id): document
            for document in store.catalogue.documents(access=access)
        }
        try:
            again = _mend_index(store.index(access), store, documents, wanted)
        except StorageError:  # the vectors were cut off in the middle of a write
            store.drop_index(access)
            again = list(documents.values())
        _index_again(store, access, again, None, 0)
        store.finish_writing()
    store.catalogue.refresh_relations()
    store.catalogue.set_state(dirty="0")


def _mend_index(
    index: Index, store: Store, documents: Mapping[str, Document], wanted: set[str]
) -> list[Document]:
    """Delete from an index what the catalogue does not hold; return the documents it lacks."""
    in_vectors, in_words = index.vectors.ids(), index.words.ids()
    index.search("核对")  # a graph that was half written tells so only when it is searched
    index.vectors.delete(in_vectors - wanted)
    index.words.delete(in_words - wanted, index.words.document_keys() - documents.keys())
    lacking = wanted - (in_vectors & in_words)
    broken = {chunk.document_id for chunk in store.catalogue.chunks(lacking).values()}
    broken |= {documents[key].id for key in documents.keys() - index.words.document_keys()}
    return [document for document in documents.values() if document.id in broken]


# ---------------------------------------------------------------- reading


def _identity(file: SourceFile, access: Access) -> str:
    level = file.access(access)
    return document_id(str(file.path), file.sha256, level, settings_digest(file.override))


def _read(
    plan: SyncPlan,
    store: Store,
    access: Access,
    workers: int | None,
    failures: list[Failure],
    progress: Progress | None,
) -> Iterator[tuple[SourceFile, ReadFile]]:
    """Yield each file that could be read, in order; the others become failures."""
    files = (*plan.add, *plan.update)
    chunks = 0
    # Spawned, not forked: the parent holds threads of both indexes.
    context = multiprocessing.get_context("spawn")
    count, started = min(workers or os.cpu_count() or 1, max(1, len(files))), context.Semaphore(0)
    pool = ProcessPool(
        max_workers=count, initializer=prepare_worker, initargs=[started], context=context
    )
    try:
        with undisturbed_children():  # the first task starts the workers
            futures = [
                pool.schedule(
                    read_file,
                    args=[
                        file.path,
                        file.sha256,
                        file.access(access),
                        file.override,
                        store.originals,
                    ],
                    timeout=LONG_TASK_SECONDS
                    if file.path.suffix.lower() in LONG_FORMATS
                    else TASK_SECONDS,
                )
                for file in files
            ]
        for done, (file, future) in enumerate(zip(files, futures, strict=True), start=1):
            try:
                read = future.result()
            except ParseError as error:
                failures.append(Failure(str(file.path), str(error)))
            except FutureTimeoutError:
                failures.append(
                    Failure(str(file.path), f"{file.path.name}：读取超时，已放弃；文件可能已损坏")
                )
            except (ProcessExpired, MemoryError):
                failures.append(
                    Failure(
                        str(file.path),
                        f"{file.path.name}：读取进程异常退出（内存不足或文件已损坏），已跳过",
                    )
                )
            except OSError as error:
                failures.append(
                    Failure(
                        str(file.path), f"{file.path.name}：读取失败：{error.strerror or error}"
                    )
                )
            except Exception as error:  # a fault of ours in one file must not stop the others
                failures.append(
                    Failure(
                        str(file.path),
                        f"{file.path.name}：读取时出错（{type(error).__name__}），已跳过；"
                        "请把这个文件交给维护人员",
                    )
                )
            else:
                chunks += len(read.chunks)
                yield file, read
            if progress:
                progress(done, len(files), chunks)
        # A worker that is stopped while it starts would fill the terminal with its complaint.
        deadline = time.monotonic() + STARTING_SECONDS
        while files and count and started.acquire(timeout=max(0.0, deadline - time.monotonic())):
            count -= 1
        pool.close()
    finally:
        pool.stop()
        pool.join()


def _batches(read: Iterator[tuple[SourceFile, ReadFile]], access: Access) -> Iterator[_Batch]:
    batch = _Batch()
    for file, result in read:
        batch.documents.append(_new_document(file, result, access))
        batch.chunks += len(result.chunks)
        if batch.chunks >= BATCH_CHUNKS:
            yield batch
            batch = _Batch()
    if batch.documents:
        yield batch


def _new_document(file: SourceFile, read: ReadFile, access: Access) -> NewDocument:
    document = Document(
        id=read.document_id,
        source=str(file.path),
        version=1,
        current=True,
        access=file.access(access),
        sha256=file.sha256,
        media_type=read.media_type,
        metadata=read.metadata,
        added=time.time(),
        chunk_count=len(read.chunks),
    )
    return NewDocument(document, read.text, read.chunks, settings_digest(file.override))


# ---------------------------------------------------------------- writing


def write_batch(store: Store, batch: Sequence[NewDocument]) -> tuple[int, int]:
    """Index a batch and then record it; return how many documents were new and how many changed."""
    earlier = store.catalogue.versions_of(new.document.source for new in batch)
    stale: list[Document] = []
    numbered: list[NewDocument] = []
    for new in batch:
        versions = earlier.get(new.document.source, [])
        stale += [version for version in versions if version.current]
        number = max((version.version for version in versions), default=0) + 1
        numbered.append(replace(new, document=replace(new.document, version=number)))
    touched = {new.document.access for new in numbered} | {old.access for old in stale}
    for access in touched:
        of_level = [new for new in numbered if new.document.access == access]
        chunks = [chunk for new in of_level for chunk in new.chunks]
        titles = [new.document.metadata.title for new in of_level for _ in new.chunks]
        index = store.index(access)
        index.add(chunks, titles)
        for old in (old for old in stale if old.access == access):
            index.delete([chunk.id for chunk in store.catalogue.chunks_of(old.id)], [old.id])
        index.commit()
    store.catalogue.record(numbered)
    updated = sum(1 for new in numbered if earlier.get(new.document.source))
    return len(batch) - updated, updated


def _drop(store: Store, documents: Sequence[Document]) -> None:
    for document in documents:
        ids = [chunk.id for chunk in store.catalogue.chunks_of(document.id)]
        store.index(document.access).delete(ids, [document.id])
    for access in {document.access for document in documents}:
        store.index(access).commit()
    store.catalogue.retire([document.id for document in documents])


def _index_again(
    store: Store,
    access: Access,
    documents: Sequence[Document],
    progress: Progress | None,
    before: int,
) -> int:
    index = store.index(access)
    chunks: list[Chunk] = []
    titles: list[str] = []
    total = 0
    for done, document in enumerate(documents, start=1):
        found = store.catalogue.chunks_of(document.id)
        chunks += found
        titles += [document.metadata.title] * len(found)
        total += len(found)
        if len(chunks) >= BATCH_CHUNKS or done == len(documents):
            index.add(chunks, titles)
            index.commit()
            chunks, titles = [], []
            if progress:
                progress(done, len(documents), before + total)
    return total
