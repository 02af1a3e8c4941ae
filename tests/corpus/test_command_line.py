"""Every word of the command lines is Chinese, and wrong arguments end with status 2."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from assistant.__main__ import main as assistant_main
from corpus.__main__ import main as corpus_main
from corpus.command_line import CommandLine, in_chinese
from corpus.console import run_command

Main = Callable[[Sequence[str]], int]
MAINS = {"assistant": assistant_main, "corpus": corpus_main}
# Two words of letters in a row that stand for something a person types or a name.
KNOWN = re.compile(r"python -m (?:corpus|assistant)(?: [a-z]+)*|JSONL?|GGUF|sha256|SQLite")


@pytest.fixture(autouse=True)
def activated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is activated, so that commands are named as the README writes them."""
    monkeypatch.setenv("PATH", str(Path(sys.prefix, "bin")))


def ended(main: Main, arguments: Sequence[str]) -> int:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert isinstance(end.value.code, int)
    return end.value.code


def helps(main: Main, capsys: pytest.CaptureFixture[str], *command: str) -> list[str]:
    """The help of a program, of its commands and of their actions."""
    assert ended(main, [*command, "--help"]) == 0
    said = capsys.readouterr().out
    below = [helps(main, capsys, *command, name) for name in re.findall(r"(?m)^    (\w+) +", said)]
    return [said, *(text for texts in below for text in texts)]


@pytest.mark.parametrize("name", MAINS)
def test_help_is_chinese_throughout(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts = helps(MAINS[name], capsys)
    assert len(texts) > 8
    for text in texts:
        assert text.startswith("用法：python -m ")
        assert "显示这段说明" in text
        for english in ("usage", "options:", "arguments", "show this", "default:"):
            assert english not in text
        assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", KNOWN.sub("", text)), text
        # A name that stands for a value is Chinese, and every argument says what it is.
        assert not re.search(r"--[a-z-]+ [A-Z_]+\b", text), text
        assert not re.search(r"(?m)^  (-\S+|\w+)$(?!\n {4,})", text), text


def test_columns_stand_under_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    parser = CommandLine(prog="x")
    parser.add_argument("--day", metavar="日期", help="甲")
    parser.add_argument("--a-word", action="store_true", help="乙" * 60 + "，丙")
    lines = parser.format_help().splitlines()
    first, second, *more = lines[lines.index("选项：") + 2 :]
    assert first == "  --day 日期  甲"
    assert second.startswith("  --a-word    乙")
    assert more and all(line.startswith(" " * 14 + "乙") for line in more)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "缺少：命令"),
        (["snyc"], "命令：没有 'snyc'，可用：sync、list、"),
        (["sync"], "缺少：路径"),
        (["sync", "x", "--workers", "many"], "--workers：'many' 不是整数"),
        (["list", "--no-such"], "不认识的参数 --no-such"),
        (["list", "--embeddings", "static"], "（--embeddings 要写在命令前面）"),
        (["list", "--access"], "--access：后面要写一个值"),
        (["list", "--all=1"], "--all：不带值，多了 '1'"),
        (["repeal", "x", "--since", "2025"], "--since：'2025' 不是日期"),
    ],
    ids=["none", "command", "missing", "type", "unknown", "misplaced", "value", "flag", "day"],
)
def test_wrong_arguments_are_said_in_chinese(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(corpus_main, arguments) == 2
    said = capsys.readouterr()
    assert not said.out
    assert says in said.err and said.err.startswith("用法：")
    assert said.err.splitlines()[-1].startswith("错误：")


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("one of the arguments --a --b is required", "缺少其中之一：--a --b"),
        ("argument -b: not allowed with argument -a", "-b：不能与 -a 同用"),
        ("ambiguous option: --a could match --ab, --ac", "--a 不够明确，可能是 --ab、--ac"),
        # Python 3.11 and later write the choices with and without quotes.
        ("argument x: invalid choice: 'c' (choose from 'a', 'b')", "x：没有 'c'，可用：a、b"),
        ("argument x: invalid choice: 'c' (choose from a, b)", "x：没有 'c'，可用：a、b"),
        ("something Python says later", "something Python says later"),
    ],
    ids=["one-of", "together", "ambiguous", "quoted", "plain", "unknown"],
)
def test_what_argparse_says_has_its_chinese(message: str, says: str) -> None:
    assert in_chinese(message) == says


def test_a_parser_is_still_one_of_argparse() -> None:
    parser = CommandLine(prog="x")
    commands = parser.add_subparsers(required=True, metavar="命令")
    commands.add_parser("go", help="走").set_defaults(run="go")
    assert isinstance(parser, argparse.ArgumentParser)
    assert parser.parse_args(["go"]).run == "go"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (EOFError(), "输入到此为止"),
        (FileNotFoundError(2, "No such file or directory", "/nowhere/out.jsonl"), "/nowhere/out"),
    ],
)
def test_what_the_system_refuses_is_one_line(
    error: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(_: argparse.Namespace) -> int:
        raise error

    assert run_command(argparse.Namespace(run=run)) == 1
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1
