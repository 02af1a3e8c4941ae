"""The load test's own checks: a quote that does not stand, mixed and old versions, a cut stream."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from corpus.documents import Access
from corpus.embedding import Embedder
from corpus.ingest import sync
from corpus.store import Store
from eval.serving import OURS, Record, Reply, _finished, check, write_version


@pytest.fixture(scope="module")
def two_versions(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder
) -> tuple[Path, dict[int, list[str]]]:
    """Return a corpus of two versions, and the ids of their documents."""
    folder, files = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("files")
    ids = {}
    for version in (1, 2):
        write_version(files, version)
        store = Store(folder, embedder)
        assert not sync(store, [files], Access.PUBLIC).failed
        ids[version] = sorted(document.id for document in store.catalogue.documents())
        store.close()
    assert not set(ids[1]) & set(ids[2])
    return folder, ids


def cited(*documents: str, quote: str = "试验区夜间值守津贴") -> Reply:
    now = time.monotonic()
    citations = tuple(
        {"document_id": one, "start": 0, "end": len(quote), "quote": quote} for one in documents
    )
    return Reply("问", now, now, False, citations)


def wrong(folder: Path, *replies: Reply, finished: tuple[tuple[int, float], ...] = ()) -> list[str]:
    return check(folder, Record(replies=list(replies), finished=list(finished)))


def test_what_is_right_is_left_alone(two_versions: tuple[Path, dict[int, list[str]]]) -> None:
    folder, ids = two_versions
    assert len(ids[1]) == len(OURS)
    assert not wrong(folder, cited(*ids[1]), cited(*ids[2]))


def test_every_kind_of_wrong_is_found(two_versions: tuple[Path, dict[int, list[str]]]) -> None:
    folder, ids = two_versions
    assert wrong(folder, cited(ids[1][0], quote="试验区夜间值守津帖"))
    assert wrong(folder, cited(ids[1][0], ids[2][1]))
    assert wrong(folder, cited("x" * 24))
    long_ago = time.monotonic() - 60
    assert wrong(folder, cited(ids[1][0]), finished=((1, long_ago - 60), (2, long_ago)))
    assert not wrong(folder, cited(ids[1][0]), finished=((1, long_ago), (2, time.monotonic())))
    assert check(folder, Record(unanswered=["问"]))


def test_a_cut_stream_has_no_answer() -> None:
    whole = (
        'event: extracted\ndata: {"answer": {}}\n\nevent: finished\ndata: {"answer": {"a": 1}}\n\n'
    )
    assert _finished(whole) == {"a": 1}
    assert _finished(whole[:50]) is None
