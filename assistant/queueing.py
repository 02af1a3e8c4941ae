"""A fair queue before something that serves one caller at a time, with a position to show."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType


class FairQueue:
    """First come, first served; each waiting caller can see its place."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._turn = threading.Condition()
        self._tickets: deque[Ticket] = deque()

    def enter(self) -> Ticket:
        """Take a place at the end; leave it with `leave()` or by ending its `with` block."""
        with self._turn:
            ticket = Ticket(self)
            self._tickets.append(ticket)
            return ticket

    def __len__(self) -> int:
        """Return how many callers wait or are being served."""
        return len(self._tickets)

    def position(self, ticket: Ticket) -> int:
        """Return how many callers are before a ticket; 0 is being served."""
        with self._turn:
            return self._tickets.index(ticket)

    def wait(self, ticket: Ticket, seconds: float) -> bool:
        """Wait at most so long for a ticket's turn; say whether it has come."""
        with self._turn:
            return self._turn.wait_for(lambda: self._tickets[0] is ticket, seconds)

    def remove(self, ticket: Ticket) -> None:
        """Give a place up, waiting or served; the next caller's turn begins."""
        with self._turn:
            if ticket in self._tickets:
                self._tickets.remove(ticket)
                self._turn.notify_all()


class Ticket:
    """One caller's place in a queue."""

    def __init__(self, queue: FairQueue) -> None:
        """Belong to a queue; made by `FairQueue.enter`."""
        self._queue = queue

    @property
    def position(self) -> int:
        """How many callers are before this one; 0 is being served."""
        return self._queue.position(self)

    def wait(self, seconds: float) -> bool:
        """Wait at most so long for the turn; say whether it has come."""
        return self._queue.wait(self, seconds)

    def leave(self) -> None:
        """Give the place up; doing it twice is no error."""
        self._queue.remove(self)

    def __enter__(self) -> Ticket:
        """Return the ticket."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the place up."""
        self.leave()
