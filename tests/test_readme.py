"""Both READMEs say the same, and only what the commands know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from assistant.__main__ import main as assistant_main
from corpus.__main__ import main as corpus_main

ROOT = Path(__file__).parent.parent
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
MAINS = {"assistant": assistant_main, "corpus": corpus_main}
SPAN = re.compile(r"`([^`\n]+)`")
OPTION = re.compile(r"--[a-z-]+")


def table_rows(readme: Path) -> list[list[str]]:
    """The cells of every table; a bar within code does not end a cell."""
    lines = readme.read_text("utf-8").splitlines()
    rows = [line.strip("| ") for line in lines if line.startswith("|") and "---" not in line]
    return [re.split(r"\s*(?<!\\)\|\s*", row) for row in rows]


def commands(readme: Path) -> Iterator[tuple[str, tuple[str, ...], set[str]]]:
    """Package, command and options of what the README tells people to type."""
    for cells in table_rows(readme):
        package = ""
        for span in SPAN.findall(cells[-1]):
            words = span.replace("\\|", "|").split()
            if words[:2] == ["python", "-m"]:
                package, words = words[2], words[3:]
            if package in MAINS and words[0] != "make":
                yield package, _command(words), set(OPTION.findall(span))
    for line in readme.read_text("utf-8").splitlines():
        typed = re.match(r"\$ python -m (\w+) ([^#]*)", line)
        if typed:
            yield typed[1], _command(typed[2].split()), set(OPTION.findall(typed[2]))


def _command(words: list[str]) -> tuple[str, ...]:
    named = tuple(takewhile(re.compile(r"[a-z]+").fullmatch, words))
    # `users list` · `disable`: the second stands for `users disable`.
    return ("users", *named) if named[0] in ("disable", "password") else named


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_command_and_option_of_a_readme_is_there(
    readme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = list(commands(readme))
    assert len(told) > 20
    for package, command, options in told:
        with pytest.raises(SystemExit) as ended:
            MAINS[package]([*command, "--help"])
        assert ended.value.code == 0, command
        assert options <= set(OPTION.findall(capsys.readouterr().out)), command


@pytest.mark.parametrize(
    "pattern",
    [
        r"python -m \w+ \w+|(?<=· `)\w+(?: list)?(?=[` ])",
        r"--[a-z-]+",
        r"(?m)(?:^|`|SERVE=0 )make [a-z]+",
        r"ASSISTANT_[A-Z_]+|…_[A-Z_]+",
        r"docs/[\w./]+|eval/[\w.]+|/staff|/api[\w./]*",
        r"`[a-z_]+`",
    ],
    ids=["commands", "options", "targets", "variables", "places", "names"],
)
def test_both_readmes_name_the_same(pattern: str) -> None:
    english, chinese = (
        set(re.findall(pattern, readme.read_text("utf-8").split(tree)[0]))
        for readme, tree in zip(READMES, ("\n## The tree", "\n## 目录结构"), strict=True)
    )
    assert english and english == chinese


def test_both_readmes_give_the_same_numbers() -> None:
    english, chinese = (
        [sorted(re.findall(r"\d[\d,.]*\d|\.\d+|\d+", " ".join(row))) for row in table_rows(readme)]
        for readme in READMES
    )
    assert len(english) == len(chinese) > 20
    assert english == chinese


def test_each_readme_links_to_the_other() -> None:
    assert "(README.zh-CN.md)" in READMES[0].read_text("utf-8")
    assert "(README.md)" in READMES[1].read_text("utf-8")
