"""What lies in a folder and is no ordinary file is a line of its own, and the rest is found."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.console import one_line
from corpus.documents import Access
from corpus.embedding import Embedder
from corpus.ingest import sync
from corpus.sources import discover
from corpus.store import Store

TEXT = "清河市养犬管理办法\n第一条 为了规范养犬行为，制定本办法。\n"


def put(path: Path) -> None:
    path.write_text(TEXT, "utf-8")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "odd.txt")


def loop(folder: Path) -> None:
    (folder / "odd.txt").symlink_to(folder / "odd.txt")


def link_out(folder: Path) -> None:
    outside = folder.parent / "outside.txt"
    put(outside)
    (folder / "odd.txt").symlink_to(outside)


def name_in_another_encoding(folder: Path) -> None:
    put(Path(os.fsdecode(os.fsencode(folder) + b"/" + "请示.txt".encode("gb18030"))))


def film(folder: Path) -> None:
    with (folder / "odd.pdf").open("wb") as file:
        file.truncate(201 << 20)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (pipe, "不是普通文件"),
        (loop, "不是普通文件"),
        (link_out, "导入的文件夹之外"),
        (name_in_another_encoding, "可能是“请示.txt”"),
        (film, "超过 200 MB"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_is_found(
    make: Callable[[Path], None], says: str, tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    put(folder / "good.txt")
    make(folder)
    found = discover([folder])
    assert [file.path.name for file in found.files] == ["good.txt"]
    assert len(found.unreadable) == 1
    assert says in next(iter(found.unreadable.values()))


def test_a_link_within_the_folder_and_a_folder_named_like_a_file_are_followed(
    tmp_path: Path,
) -> None:
    (tmp_path / "x.pdf").mkdir()
    put(tmp_path / "x.pdf" / "a.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "x.pdf" / "a.txt")
    (tmp_path / "again").symlink_to(tmp_path)
    assert len(discover([tmp_path]).files) == 2


def test_folders_nested_beyond_a_path_are_walked_as_far_as_they_can_be(tmp_path: Path) -> None:
    put(tmp_path / "good.txt")
    descriptor = os.open(tmp_path, os.O_RDONLY)
    name = "d" * 250
    for _ in range(20):  # a path may have 4,096 bytes
        os.mkdir(name, dir_fd=descriptor)
        inner = os.open(name, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)
    found = discover([tmp_path])
    assert [file.path.name for file in found.files] == ["good.txt"]
    assert ["打不开" in problem for problem in found.unreadable.values()] == [True]


def test_a_name_with_a_line_end_is_read_and_shown_on_one_line(
    tmp_path: Path, embedder: Embedder
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    put(folder / "第一行\n第二行.txt")
    (folder / "空\n\x1b[31m.txt").write_bytes(b"")
    store = Store(tmp_path / "data", embedder)
    report = sync(store, [folder], Access.PUBLIC, workers=1)
    store.close()
    assert report.added == 1
    assert one_line(report.failed[0].error).startswith("空\\n\\x1b[31m.txt：")
