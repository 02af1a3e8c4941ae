"""Load `prompts/replies.yaml`: what is said for each way a question can end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from string import Template
from typing import Any

import yaml

PROMPTS = Path(__file__).parent.parent / "prompts"


class AnswerStatus(StrEnum):
    """Every way a question can end; each has its reply and next step in `prompts/`.

    A greeting has no status of its own: like small talk it ends as `out_of_scope`, in words of its
    own (`particular` in the file), so that counts of refusals stay comparable.
    """

    ANSWERED = "answered"
    PARTIAL = "partial"
    NO_EVIDENCE = "no_evidence"  # nothing found that answers: no text is made up
    CLARIFY = "clarify"  # the answer depends on what was not said
    OUT_OF_SCOPE = "out_of_scope"  # another place's rules, or no public service at all
    PERSONAL_CASE = "personal_case"  # a person's own file: only the office can look
    EMERGENCY = "emergency"
    BLOCKED = "blocked"  # an attack, or a text with a state-secret mark
    SUPERSEDED_ONLY = "superseded_only"  # only drafts, repealed or expired texts were found
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Reply:
    """The words of one ending: an opening text (may be empty) and the next step (never empty)."""

    name: str
    status: AnswerStatus
    text: str
    next_step: str

    def fill(self, **values: str) -> Reply:
        """Return the reply with its $names filled once; what is filled in is never expanded."""
        return replace(
            self,
            text=Template(self.text).substitute(values),
            next_step=Template(self.next_step).substitute(values),
        )


@dataclass(frozen=True, slots=True)
class Replies:
    """The replies by status and by name, with the version of their file."""

    version: int
    by_status: Mapping[AnswerStatus, Reply]
    particular: Mapping[str, Reply]

    def __getitem__(self, status: AnswerStatus) -> Reply:
        """Return the reply of a status."""
        return self.by_status[status]

    def named(self, name: str) -> Reply:
        """Return a particular reply, or that of the status of this name.

        Raises:
            ValueError: There is neither.
        """
        return self.particular.get(name) or self.by_status[AnswerStatus(name)]


def load_replies(path: Path = PROMPTS / "replies.yaml") -> Replies:
    """Read and check the replies.

    Raises:
        ValueError: A status has no reply, an entry is unknown, or a next step is empty.
    """
    data = yaml.safe_load(path.read_text("utf-8"))
    unknown = set(data) - {"version", "notes", "replies", "particular"}
    missing = {str(status) for status in AnswerStatus} ^ set(data.get("replies", {}))
    if unknown or missing:
        raise ValueError(f"{path.name}: unknown or missing entries {sorted(unknown | missing)}")
    by_status = {
        AnswerStatus(name): _reply(path, name, AnswerStatus(name), entry)
        for name, entry in data["replies"].items()
    }
    particular = {
        name: _reply(path, name, AnswerStatus(entry.pop("status", "")), entry)
        for name, entry in (data.get("particular") or {}).items()
    }
    return Replies(int(data["version"]), by_status, particular)


def _reply(path: Path, name: str, status: AnswerStatus, entry: Mapping[str, Any]) -> Reply:
    if set(entry) != {"text", "next_step"} or not entry["next_step"].strip():
        raise ValueError(f"{path.name}: {name!r} needs text and a next_step that is not empty")
    return Reply(name, status, entry["text"], entry["next_step"])
