"""States of a draft, 起草 → 审核 → 签发: who may take which step, and what undoes a signature."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from assistant.drafting.draft import Draft
from assistant.staff.errors import RefusedError

# What registration fills in after the signature (条例 art. 25: 复核, then 登记 gives 发文字号 and the
# number of copies); filling it in changes nothing that was signed.
REGISTERED_LATER = frozenset({"发文字号", "令号", "份号", "成文日期", "印发机关", "印发日期"})
_MARKS = re.compile(r"[\W_]+")
_NUMERAL = re.compile(r"[\d〇一二三四五六七八九十]")
_THOUSANDS = re.compile(r"\d{3}(?!\d)")


class Role(StrEnum):
    """What a person does here."""

    DRAFTER = "起草"
    REVIEWER = "审核"
    SIGNER = "签发"
    MANAGER = "管理"


class State(StrEnum):
    """Where a draft stands."""

    DRAFTING = "起草"
    REVIEW = "审核"
    SIGNED = "签发"


class Step(StrEnum):
    """What moves a draft on or back; the value is the word on the button."""

    SUBMIT = "送审"
    WITHDRAW = "撤回"
    APPROVE = "审核通过"
    RETURN = "退回修改"
    SIGN = "签发"


WRITERS = frozenset({Role.DRAFTER, Role.REVIEWER, Role.SIGNER})
_STEPS: Mapping[Step, tuple[State, State, frozenset[Role]]] = {
    Step.SUBMIT: (State.DRAFTING, State.REVIEW, WRITERS),
    Step.WITHDRAW: (State.REVIEW, State.DRAFTING, WRITERS),
    Step.APPROVE: (State.REVIEW, State.REVIEW, frozenset({Role.REVIEWER})),
    Step.RETURN: (State.REVIEW, State.DRAFTING, frozenset({Role.REVIEWER, Role.SIGNER})),
    Step.SIGN: (State.REVIEW, State.SIGNED, frozenset({Role.SIGNER})),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a draft stands: its state, newest version and author, what was reviewed and signed.

    `writers` are all who saved a version; `reviewed` and `signed` are the numbers of the versions
    that were seen, None where none stands.
    """

    state: State
    version: int
    owner: str
    author: str
    writers: frozenset[str]
    reviewed: int | None = None
    signed: int | None = None


def may_take(step: Step, progress: Progress, name: str, role: Role) -> bool:
    """Say whether a person may take a step now."""
    before, _, roles = _STEPS[step]
    if progress.state is not before or role not in roles:
        return False
    match step:
        case Step.WITHDRAW:
            return name in (progress.owner, progress.author)
        case Step.APPROVE:
            # Nobody reviews what they wrote, though another may have changed a word since.
            return progress.reviewed is None and name not in progress.writers | {progress.owner}
        case Step.SIGN:
            # Nor signs what they drafted; a word changed while signing makes nobody the drafter.
            return progress.reviewed is not None and name != progress.owner
        case _:
            return True


def steps_for(progress: Progress, name: str, role: Role) -> tuple[Step, ...]:
    """Return the steps that a person may take now."""
    return tuple(step for step in Step if may_take(step, progress, name, role))


def take(step: Step, progress: Progress, name: str, role: Role) -> Progress:
    """Return where a draft stands after a step.

    Raises:
        RefusedError: The role or the state does not allow it.
    """
    if not may_take(step, progress, name, role):
        raise RefusedError(
            f"现在不能“{step}”：本稿处于“{progress.state}”，您的角色是“{role}”。请刷新页面查看可做的操作"
        )
    after = _STEPS[step][1]
    match step:
        case Step.APPROVE:
            return _with(progress, after, reviewed=progress.version, signed=None)
        case Step.SIGN:
            return _with(progress, after, reviewed=progress.reviewed, signed=progress.version)
        case _:
            return _with(progress, after, reviewed=None, signed=None)


def after_edit(progress: Progress, author: str, *, substantial: bool) -> Progress:
    """Return where a draft stands once a new version is saved.

    Args:
        progress: Where it stood.
        author: Who saved the version.
        substantial: Whether it differs in substance from what was signed, or else reviewed.
    """
    state = progress.state
    reviewed, signed = progress.reviewed, progress.signed
    if substantial:
        # 条例 art. 25: what needs a substantial change goes back to whom it was signed by.
        state = State.REVIEW if state is State.SIGNED else state
        reviewed = signed = None
    return Progress(
        state=state,
        version=progress.version + 1,
        owner=progress.owner,
        author=author,
        writers=progress.writers | {author},
        reviewed=reviewed,
        signed=signed,
    )


def differs_in_substance(seen: Draft, now: Draft) -> bool:
    """Say whether a version changes more than what registration fills in, spaces or punctuation."""
    return _substance(seen) != _substance(now)


def _substance(draft: Draft) -> tuple[Any, ...]:
    facts = {name: value for name, value in draft.facts.items() if name not in REGISTERED_LATER}
    return draft.kind, _plain(facts), _words(draft.text())


def _words(text: str) -> str:
    """Return a text without spaces and punctuation; the marks that make a figure stay."""
    return _MARKS.sub(_kept, unicodedata.normalize("NFKC", text))


def _kept(run: re.Match[str]) -> str:
    """Return what stays of a run of marks: all between two figures, else %, symbols, a leading dash.

    1.5万元 is not 15万元, 10% not 10‰, 3～5 not 35, -5 not 5; 1,500 and 1500 are one figure.
    """
    marks = "".join(run[0].split())
    before = run.string[max(run.start() - 1, 0) : run.start()]
    after = run.string[run.end() : run.end() + 1]
    if _NUMERAL.match(before) and _NUMERAL.match(after):
        if marks == "," and _THOUSANDS.match(run.string, run.end()):
            return ""
        # Two figures that only a space parts are two, unless one is written in Chinese.
        return marks or (" " if before.isdecimal() and after.isdecimal() else "")
    return "".join(
        mark
        for place, mark in enumerate(marks, start=1)
        if mark in "%‰"
        or unicodedata.category(mark).startswith("S")
        or (mark in "-—–" and place == len(marks) and after.isdecimal())
    )


def _plain(value: Any) -> Any:
    """Return a fact with what JSON cannot tell apart made one."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items() if part not in (None, "", [])}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return _words(str(value)) if not isinstance(value, bool) else value


def _with(
    progress: Progress, state: State, *, reviewed: int | None, signed: int | None
) -> Progress:
    return replace(progress, state=state, reviewed=reviewed, signed=signed)
