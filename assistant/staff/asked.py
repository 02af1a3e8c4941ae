"""What a request of the staff pages holds: who asks, and the texts and numbers that were sent."""

from __future__ import annotations

from fastapi import Request

from assistant.staff.errors import RefusedError, StaffError
from assistant.staff.sessions import Session
from assistant.staff.workflow import WRITERS


def session_of(request: Request) -> Session:
    """Return who asks."""
    session: Session = request.state.session
    return session


def writer_of(request: Request) -> Session:
    """Return who asks, where they may write.

    Raises:
        RefusedError: Their role does not write.
    """
    session = session_of(request)
    if session.user.role not in WRITERS:
        raise RefusedError(f"角色“{session.user.role}”不起草公文；请用起草、审核或签发人员的账号")
    return session


def texts_of(request: Request) -> dict[str, str]:
    """Return the texts of a form that was sent."""
    return {k: v for k, v in request.state.form.items() if isinstance(v, str)}


def text_of(request: Request, name: str) -> str:
    """Return one text of a form, empty where it was not sent."""
    return texts_of(request).get(name, "").strip()


def number_of(request: Request, name: str) -> int:
    """Return a whole number of a form.

    Raises:
        StaffError: It is none.
    """
    return whole_number(text_of(request, name))


def whole_number(text: str) -> int:
    """Return the number that a text writes.

    Raises:
        StaffError: It writes none.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise StaffError(f"应为版本或位置的数字，不是 {text[:20]!r}")
    return int(text)
