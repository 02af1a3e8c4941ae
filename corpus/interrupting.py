"""Ctrl-C at any moment: one line and status 130, never a traceback."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130  # what a shell gives for a program that Ctrl-C ended
INTERRUPTED_LINE = "已中断；可以再运行一次同样的命令。"


@contextmanager
def leaving_at_once() -> Iterator[None]:
    """End the program on Ctrl-C at once: for loading libraries, when nothing has been begun.

    An exception would not do: it may come up in a library that swallows it, or that prints it.
    """
    # Where a shell has us ignore Ctrl-C, or a server handles it, that stays.
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    os.write(2, f"{INTERRUPTED_LINE}\n".encode())
    os._exit(INTERRUPTED)


def quiet_from_now_on() -> None:
    """Let a second Ctrl-C end the program without a word: what there is to say has been said."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def undisturbed_children() -> Iterator[None]:
    """Start threads and processes that never hear Ctrl-C, so that only this program answers it."""
    # Loaded here, so that Ctrl-C is answered from the first hundredth of a second on.
    from multiprocessing import resource_tracker

    # Starting the tracker would lift the block that follows; one that runs is left alone.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
