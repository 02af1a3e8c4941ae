"""Sessions of staff: random tokens kept only as digests, ended by leaving, by idling and by age."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from assistant.staff.accounts import User
from assistant.staff.database import StaffDatabase, log, sessions, users
from assistant.staff.workflow import Role

IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 10 * 3600  # a working day
_SEEN_EVERY = 60  # seconds between two notes that a session is in use
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """A person who is logged in, and the token that each of their forms must carry."""

    user: User
    form_token: str


class Sessions:
    """The open sessions of a staff database."""

    def __init__(self, database: StaffDatabase, *, clock: Callable[[], float] = time.time) -> None:
        """Work on a database."""
        self._database = database
        self._clock = clock

    def open(self, user: User) -> str:
        """Return the token of a new session."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        now = self._clock()
        with self._database.begin() as connection:
            connection.execute(
                sessions.delete().where(
                    (sessions.c.created < now - LONGEST_SECONDS)
                    | (sessions.c.seen < now - IDLE_SECONDS)
                )
            )
            connection.execute(
                sessions.insert().values(
                    token_digest=_digest(token), user=user.name, created=now, seen=now
                )
            )
            connection.execute(log.insert().values(time=now, who=user.name, action="登录", note=""))
        return token

    def find(self, token: str) -> Session | None:
        """Return the session of a token, None where it is forged, ended, too old or closed."""
        if not token:
            return None
        key, now = _digest(token), self._clock()
        query = (
            sa.select(sessions.c.created, sessions.c.seen, users)
            .join(users, users.c.name == sessions.c.user)
            .where(sessions.c.token_digest == key)
        )
        with self._database.begin() as connection:
            row = connection.execute(query).first()
            if row is None or row.disabled:
                return None
            if now - row.seen > IDLE_SECONDS or now - row[0] > LONGEST_SECONDS:
                connection.execute(sessions.delete().where(sessions.c.token_digest == key))
                return None
            if now - row.seen > _SEEN_EVERY:
                connection.execute(
                    sessions.update().where(sessions.c.token_digest == key).values(seen=now)
                )
        return Session(User(row.name, Role(row.role)), form_token(token))

    def end(self, token: str) -> None:
        """End a session; its token is worth nothing from now on."""
        with self._database.begin() as connection:
            connection.execute(sessions.delete().where(sessions.c.token_digest == _digest(token)))


def form_token(token: str) -> str:
    """Return the token that forms of a session carry; the session's own cannot be told from it."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
