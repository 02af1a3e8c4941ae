"""Load `prompts/replies.yaml`: what is said for each way a question can end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

PROMPTS = Path(__file__).parent.parent / "prompts"


class AnswerStatus(StrEnum):
    """Every way a question can end today; each has its reply and next step in `prompts/`."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    NO_EVIDENCE = "no_evidence"  # nothing found that answers: no text is made up
    SUPERSEDED_ONLY = "superseded_only"  # only drafts, repealed or expired texts were found
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Reply:
    """The words of one ending: an opening text (may be empty) and the next step (never empty)."""

    text: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Replies:
    """The replies by status, with the version of their file."""

    version: int
    by_status: Mapping[AnswerStatus, Reply]

    def __getitem__(self, status: AnswerStatus) -> Reply:
        """Return the reply of a status."""
        return self.by_status[status]


def load_replies(path: Path = PROMPTS / "replies.yaml") -> Replies:
    """Read and check the replies.

    Raises:
        ValueError: A status has no reply, an entry is unknown, or a next step is empty.
    """
    data = yaml.safe_load(path.read_text("utf-8"))
    unknown = set(data) - {"version", "notes", "replies"}
    missing = {str(status) for status in AnswerStatus} ^ set(data.get("replies", {}))
    if unknown or missing:
        raise ValueError(f"{path.name}: unknown or missing entries {sorted(unknown | missing)}")
    by_status = {}
    for name, entry in data["replies"].items():
        if set(entry) != {"text", "next_step"} or not entry["next_step"].strip():
            raise ValueError(f"{path.name}: {name!r} needs text and a next_step that is not empty")
        by_status[AnswerStatus(name)] = Reply(entry["text"], entry["next_step"])
    return Replies(int(data["version"]), by_status)
