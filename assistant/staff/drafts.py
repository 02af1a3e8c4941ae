"""Drafts in the staff database: versions kept one by one, steps taken, and the log of both."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa

from assistant.drafting.draft import Draft, History, draft_from
from assistant.staff.accounts import User
from assistant.staff.database import StaffDatabase, drafts, log, versions
from assistant.staff.errors import ConflictError, MissingError, RefusedError
from assistant.staff.workflow import (
    WRITERS,
    Progress,
    State,
    Step,
    after_edit,
    differs_in_substance,
    take,
)

LONGEST_LOG = 500  # entries shown


@dataclass(frozen=True, slots=True)
class Case:
    """A draft on its way: where it stands, and every version, oldest first."""

    id: str
    kind: str
    title: str
    progress: Progress
    history: History
    authors: tuple[str, ...] = ()
    saved: tuple[float, ...] = ()

    @property
    def latest(self) -> Draft:
        """Return the newest version."""
        return self.history.versions[-1]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list of drafts; `updated` is seconds since 1970."""

    id: str
    kind: str
    title: str
    owner: str
    state: State
    version: int
    reviewed: bool
    updated: float


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log; `time` is seconds since 1970."""

    time: float
    who: str
    action: str
    draft: str
    version: int | None
    note: str


class Drafts:
    """The drafts of a staff database."""

    def __init__(self, database: StaffDatabase, *, clock: Callable[[], float] = time.time) -> None:
        """Work on a database."""
        self._database = database
        self._clock = clock

    def all(self) -> list[Row]:
        """Return every draft, the one changed last first."""
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(drafts).order_by(drafts.c.updated.desc()))
            return [
                Row(
                    row.id,
                    row.kind,
                    row.title,
                    row.owner,
                    State(row.state),
                    row.version,
                    row.reviewed is not None,
                    row.updated,
                )
                for row in rows
            ]

    def create(self, draft: Draft, title: str, user: User) -> str:
        """Keep the first version of a draft; return the draft's id.

        Raises:
            RefusedError: The role does not write.
        """
        _check_writer(user)
        key, now = secrets.token_hex(8), self._clock()
        with self._database.begin() as connection:
            connection.execute(
                drafts.insert().values(
                    id=key,
                    kind=draft.kind,
                    title=title,
                    owner=user.name,
                    state=State.DRAFTING,
                    version=1,
                    updated=now,
                )
            )
            self._keep(connection, key, replace(draft, version=1), user, now)
            self._note(connection, user, "新建", key, 1, draft.kind)
        return key

    def find(self, key: str) -> Case:
        """Return a draft with all its versions.

        Raises:
            MissingError: There is none.
        """
        with self._database.begin() as connection:
            return _case(connection, key)

    def save(self, key: str, draft: Draft, title: str, user: User, *, based_on: int) -> Case:
        """Keep a new version; a substantial change after the signature returns it to review.

        Args:
            key: The draft's id.
            draft: What is to be kept; its number is given here.
            title: The title that it prints.
            user: Who saves it.
            based_on: The version that it was made from.

        Raises:
            RefusedError: The role does not write.
            ConflictError: There is a newer version than the one it was made from.
            MissingError: There is no such draft.
        """
        _check_writer(user)
        now = self._clock()
        try:
            with self._database.begin() as connection:
                case = _case(connection, key)
                progress = case.progress
                if progress.version != based_on:
                    raise ConflictError(_conflict(progress.version))
                seen = progress.signed or progress.reviewed
                substantial = seen is not None and differs_in_substance(
                    case.history.version(seen), draft
                )
                after = after_edit(progress, user.name, substantial=substantial)
                self._keep(connection, key, replace(draft, version=after.version), user, now)
                self._move(connection, key, progress, after, now, title=title)
                changed = f"重写：{draft.changed}" if draft.changed else "整篇"
                self._note(connection, user, "存为新版", key, after.version, changed)
                if progress.state is State.SIGNED and after.state is State.REVIEW:
                    self._note(
                        connection, user, "签发后有实质修改，退回审核", key, after.version, ""
                    )
                elif substantial:
                    self._note(
                        connection, user, "审核后有实质修改，须重新审核", key, after.version, ""
                    )
        except sa.exc.IntegrityError:
            raise ConflictError(_conflict(based_on + 1)) from None
        return self.find(key)

    def step(self, key: str, step: Step, user: User, *, version: int, note: str = "") -> None:
        """Take a step with the version that the person has seen.

        Raises:
            RefusedError: The role or the state does not allow it.
            ConflictError: There is a newer version than the one seen.
            MissingError: There is no such draft.
        """
        with self._database.begin() as connection:
            case = _case(connection, key)
            if case.progress.version != version:
                raise ConflictError(_conflict(case.progress.version))
            after = take(step, case.progress, user.name, user.role)
            self._move(connection, key, case.progress, after, self._clock(), title=case.title)
            self._note(connection, user, str(step), key, version, note)

    def note(self, key: str, user: User, action: str, version: int, note: str = "") -> None:
        """Add a line to the log of a draft."""
        with self._database.begin() as connection:
            self._note(connection, user, action, key, version, note)

    def log(self, key: str = "") -> list[Entry]:
        """Return the newest lines of the log, of one draft or of everything."""
        query = sa.select(log).order_by(log.c.number.desc()).limit(LONGEST_LOG)
        if key:
            query = query.where(log.c.draft == key)
        with self._database.begin() as connection:
            return [
                Entry(row.time, row.who, row.action, row.draft, row.version, row.note)
                for row in connection.execute(query)
            ]

    def _keep(
        self, connection: sa.Connection, key: str, draft: Draft, user: User, now: float
    ) -> None:
        connection.execute(
            versions.insert().values(
                draft=key, version=draft.version, author=user.name, saved=now, content=_row(draft)
            )
        )

    def _move(
        self,
        connection: sa.Connection,
        key: str,
        before: Progress,
        after: Progress,
        now: float,
        *,
        title: str,
    ) -> None:
        moved = connection.execute(
            drafts.update()
            .where(
                drafts.c.id == key,
                drafts.c.version == before.version,
                drafts.c.state == before.state,
                drafts.c.reviewed.is_not_distinct_from(before.reviewed),
                drafts.c.signed.is_not_distinct_from(before.signed),
            )
            .values(
                title=title,
                state=after.state,
                version=after.version,
                reviewed=after.reviewed,
                signed=after.signed,
                updated=now,
            )
        )
        if moved.rowcount != 1:
            raise ConflictError("这份文稿刚被别人改动，您这次的操作没有生效；请刷新后再试")

    def _note(
        self,
        connection: sa.Connection,
        user: User,
        action: str,
        key: str,
        version: int,
        note: str,
    ) -> None:
        connection.execute(
            log.insert().values(
                time=self._clock(),
                who=user.name,
                action=action,
                draft=key,
                version=version,
                note=note[:500],
            )
        )


def _case(connection: sa.Connection, key: str) -> Case:
    row = connection.execute(sa.select(drafts).where(drafts.c.id == key)).first()
    if row is None:
        raise MissingError("没有这份文稿，或它已不在；请回到文稿列表")
    kept = connection.execute(
        sa.select(versions).where(versions.c.draft == key).order_by(versions.c.version)
    ).all()
    progress = Progress(
        state=State(row.state),
        version=row.version,
        owner=row.owner,
        author=kept[-1].author,
        writers=frozenset(entry.author for entry in kept),
        reviewed=row.reviewed,
        signed=row.signed,
    )
    history = History(tuple(draft_from(entry.content) for entry in kept))
    return Case(
        row.id,
        row.kind,
        row.title,
        progress,
        history,
        tuple(entry.author for entry in kept),
        tuple(entry.saved for entry in kept),
    )


def _row(draft: Draft) -> dict[str, Any]:
    return asdict(draft)


def _check_writer(user: User) -> None:
    if user.role not in WRITERS:
        raise RefusedError(f"角色“{user.role}”不起草公文；请用起草、审核或签发人员的账号")


def _conflict(version: int) -> str:
    return f"别人刚存了第 {version} 版，您这次的改动没有保存；请打开最新版再改"
