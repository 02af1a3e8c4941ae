"""A document is found by a part of its name; several are listed, none gets the nearest names."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.__main__ import main
from corpus.documents import Access
from corpus.embedding import Embedder
from corpus.ingest import sync
from corpus.store import Store

FILES = {
    "养犬办法.md": "# 清河市养犬管理办法\n\n第一条 每户限养两只犬。\n",
    "养犬暂行.md": "# 清河市城市养犬管理暂行办法\n\n第一条 每户限养一只犬。\n",
    "高龄.txt": "清河市民政局关于做好高龄津贴发放工作的通知\n各县（区）民政局：\n一、按月发放。\n",
}
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A data directory with three public documents and one internal."""
    place = tmp_path_factory.mktemp("filled")
    folder = place / "files"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    internal = place / "口径.md"
    internal.write_text("# 养老金审核口径\n\n第一条 先核工龄。\n", "utf-8")
    store = Store(place / "data", embedder)
    assert not sync(store, [folder], Access.PUBLIC, workers=1).failed
    assert not sync(store, [internal], Access.INTERNAL, workers=1).failed
    store.close()
    return place / "data"


@pytest.fixture
def say(filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command over a copy of those documents; status, output, errors."""
    shutil.copytree(filled, tmp_path / "data")

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_list_says_who_may_see_a_document(say: Say) -> None:
    status, said, _ = say("list")
    levels = {line.split()[-1]: line.split()[1] for line in said.splitlines()}
    assert status == 0 and len(levels) == 4
    assert levels.pop("养老金审核口径") == "内部"
    assert set(levels.values()) == {"公开"}


@pytest.mark.parametrize(
    "name",
    ["高龄津贴", "高龄.txt", "关于做好高龄津贴发放", "《高龄津贴发放工作的通知》", "高龄 津贴"],
    ids=["title", "file", "longer", "brackets", "space"],
)
def test_a_part_of_one_name_shows_the_document(name: str, say: Say) -> None:
    status, said, _ = say("show", name)
    assert status == 0
    assert said.startswith("标题：清河市民政局关于做好高龄津贴发放工作的通知\n")
    assert "公开级别：公开\n" in said and said.rstrip().endswith("一、按月发放。")
    assert json.loads(say("show", name, "--json")[1])["title"] == said[3:].splitlines()[0]


def test_a_whole_title_goes_before_one_that_has_it_as_a_part(say: Say) -> None:
    status, said, _ = say("show", "养犬管理暂行办法")
    assert status == 0 and "清河市城市养犬管理暂行办法" in said
    assert say("show", "清河市养犬管理办法")[0] == 0


def test_several_are_listed_with_what_to_type(say: Say) -> None:
    status, said, error = say("show", "养犬")
    assert (status, said) == (1, "")
    first, *listed, last = error.splitlines()
    assert "对应 2 份文件" in first and "编号" in last
    assert [line.split()[2:] for line in listed] == [
        ["《清河市养犬管理办法》", "养犬办法.md"],
        ["《清河市城市养犬管理暂行办法》", "养犬暂行.md"],
    ]
    for line in listed:
        assert say("show", line.split()[0])[0] == 0


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("高龄津帖", "高龄津贴发放工作"),
        ("养犬管里", "清河市养犬管理办法"),
        ("飞行汽车", None),
        ("", None),
    ],
    ids=["slip", "slip-of-two", "nothing", "empty"],
)
def test_none_gets_the_nearest_names(name: str, near: str | None, say: Say) -> None:
    status, _, error = say("show", name)
    assert status == 1 and len(error.splitlines()) == 1
    assert f"没有找到文件 {name!r}" in error and "python -m corpus list" in error
    assert (near in error) if near else ("相近" not in error)


@pytest.mark.parametrize("command", [["remove"], ["repeal"]], ids=lambda words: words[0])
def test_a_part_of_a_name_is_not_enough_to_change_anything(command: list[str], say: Say) -> None:
    status, _, error = say(*command, "高龄津贴")
    assert status == 1
    assert "名称相近的有：《清河市民政局关于做好高龄津贴发放工作的通知》" in error
    assert len(say("list")[1].splitlines()) == 4 and "已废止" not in say("list")[1]


def test_what_ended_a_document_is_said_in_words(say: Say) -> None:
    new, old = "清河市养犬管理办法", "清河市城市养犬管理暂行办法"
    assert say("repeal", old, "--by", new, "--since", "2025-05-01", "--note", "第八条")[0] == 0
    said = say("show", old)[1]
    assert "效力状态：已废止" in said
    assert f"自 2025-05-01 起被废止，见《{new}》（" in said and said.count("第八条") == 1
