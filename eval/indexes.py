"""The index of a data set's documents, built by the real ingest once and kept in a cache."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from corpus.console import progress_bar
from corpus.documents import Access, digest
from corpus.errors import UsageError
from corpus.ingest import sync
from corpus.reading import READER_VERSION
from corpus.store import CATALOGUE_URL_VARIABLE, Store, open_store
from corpus.texts import TextDocument, add_texts
from eval.beir import CORPUS, read_documents
from eval.samples import DataSet

CACHE_VARIABLE = "ASSISTANT_EVAL_CACHE"  # where the indexes are kept


def cache_folder() -> Path:
    """Return the folder of the indexes: $ASSISTANT_EVAL_CACHE, else data/eval."""
    return Path(os.environ.get(CACHE_VARIABLE) or Path("data") / "eval")


def build_index(data: DataSet, cache: Path, *, quiet: bool = False) -> Path:
    """Return the data directory that holds a data set's documents, built where there is none.

    Its name holds a digest of the documents, the reader and the embedder, so that a second run
    reuses it and a changed one never does.

    Raises:
        CorpusError: The documents cannot be read or indexed.
    """
    if os.environ.get(CATALOGUE_URL_VARIABLE):
        raise UsageError(f"测量用自己的目录库，不写入正式的库；请先取消 {CATALOGUE_URL_VARIABLE}")
    probe = open_store(cache / "probe")
    built_by = f"{READER_VERSION}:{probe.index_signature()}"
    probe.close()
    signature = digest(_documents_content(data) + built_by.encode())[:16]
    folder = cache / f"{data.name}-{signature}"
    store = Store(folder, probe.embedder)
    try:
        if store.catalogue.get_state("complete") != "1":
            if is_beir(data):
                _add_texts(store, data, quiet=quiet)
            else:
                _add_files(store, data, quiet=quiet)
            store.catalogue.set_state(complete="1")
    finally:
        store.close()
    return folder


def is_beir(data: DataSet) -> bool:
    """Say whether a data set brings its documents as rows of texts rather than as files."""
    return (data.folder / CORPUS).is_file()


def name_of(source: str, data: DataSet) -> str:
    """Return how a data set names the document that came from a source."""
    return source if is_beir(data) else Path(source).name


def _documents_content(data: DataSet) -> bytes:
    """Return the bytes that decide what the documents of a data set are."""
    if is_beir(data):
        return (data.folder / CORPUS).read_bytes()
    return b"".join(
        path.relative_to(data.folder).as_posix().encode() + path.read_bytes()
        for path in sorted(data.folder.rglob("*"))
        if path.is_file()
    )


def _add_texts(store: Store, data: DataSet, *, quiet: bool) -> None:
    documents = [TextDocument(*row) for row in read_documents(data.folder)]
    with progress_bar("建立索引", quiet=quiet) as progress:

        def counted() -> Iterator[TextDocument]:
            for done, document in enumerate(documents, start=1):
                if progress:
                    progress(done, len(documents), done)
                yield document

        add_texts(store, counted())


def _add_files(store: Store, data: DataSet, *, quiet: bool) -> None:
    for access in Access:
        below = data.folder / access
        if not below.is_dir():
            continue
        with progress_bar("建立索引", quiet=quiet) as progress:
            report = sync(store, [below], access, progress=progress)
        if report.failed:
            first = report.failed[0]
            raise UsageError(f"示例文件 {first.path} 读不出：{first.error}")
