"""What one person may take: so many questions a minute, and one pending at a time."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

# A hall full of people shares one address, so the allowance is wide; it stops programs, not people.
PER_MINUTE = 60
BURST = 30
REMEMBERED = 10_000  # clients; the one seen longest ago is forgotten first


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled: float


class RateLimiter:
    """A token bucket for each client; safe to use from several threads."""

    def __init__(
        self,
        per_minute: int = PER_MINUTE,
        burst: int = BURST,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Allow `burst` at once and `per_minute` in the long run; 0 a minute allows everything."""
        self._rate = per_minute / 60
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def allow(self, client: str) -> bool:
        """Take one token of a client; say whether there was one."""
        if self._rate <= 0:
            return True
        with self._lock:
            now = self._clock()
            bucket = self._buckets.setdefault(client, _Bucket(self._burst, now))
            self._buckets.move_to_end(client)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
            bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.filled) * self._rate)
            bucket.filled = now
            if bucket.tokens < 1:
                return False
            bucket.tokens -= 1
            return True


class Pending:
    """The question that each session waits for; a second one is refused until it ends."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._by_session: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def begin(self, session: str) -> threading.Event | None:
        """Return the event that will cancel this session's question, or None if one is pending."""
        with self._lock:
            if session in self._by_session:
                return None
            return self._by_session.setdefault(session, threading.Event())

    def stop(self, session: str) -> None:
        """Cancel the session's question, if there is one."""
        with self._lock:
            event = self._by_session.get(session)
        if event:
            event.set()

    def end(self, session: str, event: threading.Event) -> None:
        """Note that a question has ended; only its own event ends it."""
        with self._lock:
            if self._by_session.get(session) is event:
                del self._by_session[session]
