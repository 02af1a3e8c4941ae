"""What the command lines share: running one, lines out, days in, a progress bar."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from corpus.errors import CorpusError
from corpus.interpreter import as_typed_here
from corpus.interrupting import INTERRUPTED, INTERRUPTED_LINE, quiet_from_now_on


def say(line: str, *, error: bool = False) -> None:
    """Write one line to standard output, or to standard error."""
    stream = sys.stderr if error else sys.stdout
    # A lone surrogate (a file name that is not UTF-8) must not end the program.
    stream.write(line.encode("utf-8", "backslashreplace").decode() + "\n")
    stream.flush()


def advise(line: str, *, error: bool = False) -> None:
    """Write one line that names a command to run, as it is typed in this shell."""
    say(as_typed_here(line), error=error)


def one_line(text: str) -> str:
    """Return a text on one line: a file's name may hold line ends and control characters."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def run_command(options: argparse.Namespace, *, interrupted: str = INTERRUPTED_LINE) -> int:
    """Run the command that `options.run` names; an error becomes one line, never a traceback.

    Returns:
        The exit status: 0 done, 1 nothing could be done, 130 interrupted.
    """
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except CorpusError as error:
        advise(f"错误：{error}", error=True)
        return 1
    except KeyboardInterrupt:
        quiet_from_now_on()
        say(interrupted, error=True)
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except EOFError:
        say("错误：输入到此为止，没有做完；请重新运行同一条命令", error=True)
        return 1
    except OSError as error:
        named = f" {str(error.filename)!r}" if error.filename else ""
        say(
            f"错误：读写{named} 失败：{error.strerror or error}；请检查路径、权限和空间", error=True
        )
        return 1


def parse_day(word: str) -> date:
    """Return the day that an argument of the command line names."""
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{word!r} 不是日期，应写作 2025-09-12") from None


@contextmanager
def progress_bar(verb: str, *, quiet: bool) -> Iterator[Callable[[int, int, int], None] | None]:
    """Show files done of all, clauses a second and the time left; nothing unless on a terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    with Progress(
        SpinnerColumn(),
        TextColumn(verb),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("剩余"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task(verb, total=None, rate="")

        def update(done: int, total: int, chunks: int) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            rate = f"{chunks / elapsed:.0f} 条款/秒" if elapsed > 1 else ""
            bar.update(task, completed=done, total=total, rate=rate)

        yield update
