"""Let many answers read one state of the corpus; a newer state is opened when nobody reads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Chroma keeps its open folders in a table of the whole process: two reopenings must not interleave.
_REOPENING = threading.Lock()
# A draft that a model writes reads one state for minutes. Others wait for its end only so long,
# then go on with the state that is open, and try again after a while. In seconds.
PATIENCE, PAUSE = 2.0, 10.0


class Snapshot:
    """One state of the corpus, shared by readers, replaced between them."""

    def __init__(self, newest: Callable[[int], int], reopen: Callable[[], None]) -> None:
        """Name how to ask for the newest finished state, given the open one, and how to open it."""
        self._newest = newest
        self._reopen = reopen
        self._gate = threading.Condition()
        self._readers = 0
        self._replacing = False
        self._not_before = 0.0
        self._open = newest(-1)

    @contextmanager
    def reading(self) -> Iterator[int]:
        """Hold one state; yield its revision. Not to be nested."""
        with self._gate:
            self._gate.wait_for(lambda: not self._replacing)
            newest = self._newest(self._open)
            if newest != self._open and time.monotonic() >= self._not_before:
                self._replace(newest)
            self._readers += 1
            revision = self._open
        try:
            yield revision
        finally:
            with self._gate:
                self._readers -= 1
                self._gate.notify_all()

    def _replace(self, newest: int) -> None:
        self._replacing = True
        try:
            if not self._gate.wait_for(lambda: self._readers == 0, PATIENCE):
                self._not_before = time.monotonic() + PAUSE
                return
            with _REOPENING:
                self._reopen()
            self._open = newest
        finally:
            self._replacing = False
            self._gate.notify_all()
