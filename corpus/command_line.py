"""A command line that speaks Chinese: its usage, its help and what is wrong with the arguments."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn
from unicodedata import east_asian_width

from corpus.interpreter import as_typed_here

if TYPE_CHECKING:
    _SubParsers = argparse._SubParsersAction["CommandLine"]
else:
    _SubParsers = argparse._SubParsersAction

_UNKNOWN = "unrecognized arguments: "
_TYPES = {"int": "整数", "float": "数"}
# What argparse says of wrong arguments, and how we say it. Python words some a little differently
# from version to version; one that is not here is shown as argparse wrote it.
_SAYINGS: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"argument (.+?): (.+)", lambda m: f"{m[1]}：{in_chinese(m[2])}"),
    (r"the following arguments are required: (.+)", lambda m: f"缺少：{_listed(m[1])}"),
    (r"one of the arguments (.+) is required", lambda m: f"缺少其中之一：{m[1]}"),
    (_UNKNOWN + r"(.+)", lambda m: f"不认识的参数 {m[1]}"),
    (r"invalid choice: (.+?) \((?:choose from|choices:) (.+)\)", lambda m: _choice(m[1], m[2])),
    (r"unknown parser (.+?) \(choices: (.+)\)", lambda m: _choice(m[1], m[2])),
    (r"invalid (\w+) value: (.+)", lambda m: f"{m[2]} 不是{_TYPES.get(m[1], ' ' + m[1])}"),
    (r"expected one argument", lambda _: "后面要写一个值"),
    (r"expected at most one argument", lambda _: "后面最多写一个值"),
    (r"expected at least one argument", lambda _: "后面至少写一个值"),
    (r"expected (\d+) arguments?", lambda m: f"后面要写 {m[1]} 个值"),
    (r"ignored explicit argument (.+)", lambda m: f"不带值，多了 {m[1]}"),
    (r"not allowed with argument (.+)", lambda m: f"不能与 {m[1]} 同用"),
    (
        r"ambiguous option: (.+) could match (.+)",
        lambda m: f"{m[1]} 不够明确，可能是 {_listed(m[2])}",
    ),
)
# A line may break between two of these: a word of letters, or one character with the marks that
# may not begin or end a line.
_PIECE = re.compile(r"[（《“]*(?:[!-~]+|\S)[，。；：、）》”？！]*\s*")


class CommandLine(argparse.ArgumentParser):
    """The arguments of a command; those that are wrong end the program with one line and status 2."""

    def __init__(self, *, prog: str, **settings: Any) -> None:
        """Make a parser, with the settings of argparse's own."""
        prog = as_typed_here(prog)
        super().__init__(prog=prog, formatter_class=_Help, add_help=False, **settings)
        self.register("action", "parsers", _Commands)
        self._positionals.title = "参数"
        self._optionals.title = "选项"
        self.add_argument("-h", "--help", action="help", help="显示这段说明")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and how to see which there are."""
        self.print_usage(sys.stderr)
        said = in_chinese(message)
        # A parser names words that it does not know; one that it does know came after the command.
        if message.startswith(_UNKNOWN):
            words = (word.split("=")[0] for word in message.removeprefix(_UNKNOWN).split())
            known = [word for word in words if word in self._option_string_actions]
            said += f"（{'、'.join(known)} 要写在命令前面）" if known else ""
        self.exit(2, f"错误：{said}；说明：{self.prog} --help\n")


class _Commands(_SubParsers):
    """The commands of a program; the line that lists one also opens its own help."""

    def add_parser(self, name: str, **settings: Any) -> CommandLine:
        settings.setdefault("description", settings.get("help"))
        return super().add_parser(name, **settings)


class _Help(argparse.HelpFormatter):
    """Help set in columns of the terminal, where a Chinese character is two wide."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)

    def add_argument(self, action: argparse.Action) -> None:
        super().add_argument(action)
        if action.help is not argparse.SUPPRESS:
            width = _width(self._format_action_invocation(action)) + self._current_indent
            self._action_max_length = max(self._action_max_length, width)

    def format_help(self) -> str:
        return re.sub(r"(?m)^(\S+):$", r"\1：", super().format_help())

    def _format_action(self, action: argparse.Action) -> str:
        # argparse pads by characters; what a name is wider than that comes off the padding.
        name = self._format_action_invocation(action)
        wider = _width(name) - len(name)
        padded = name + " " * (wider + 2)
        return super()._format_action(action).replace(padded, name + "  ", 1)

    def _split_lines(self, text: str, width: int) -> list[str]:
        lines = [""]
        for piece in _PIECE.findall(text):
            if lines[-1] and _width(lines[-1] + piece.rstrip()) > width:
                lines.append("")
            lines[-1] += piece
        return [line.rstrip() for line in lines]

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = self._split_lines(text, width - len(indent))
        return "\n".join(indent + line for line in lines)


def in_chinese(message: str) -> str:
    """Return in Chinese what argparse says of wrong arguments."""
    for pattern, say in _SAYINGS:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return say(found)
    return message


def _choice(given: str, choices: str) -> str:
    return f"没有 {given}，可用：{_listed(choices.replace(chr(39), ''))}"


def _listed(names: str) -> str:
    return names.replace(", ", "、")


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
