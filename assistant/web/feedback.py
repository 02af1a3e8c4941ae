"""What people think of answers, masked and kept as lines of JSON in the data directory."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from assistant.personal_data import mask
from assistant.web.answers import REASONS
from corpus.errors import StorageError

FILE_NAME = "feedback.jsonl"
LARGEST_FILE = 50_000_000  # bytes; beyond it nothing is added, so that a program cannot fill a disk
_lock = threading.Lock()


class Verdict(StrEnum):
    """Whether an answer helped."""

    HELPFUL = "helpful"
    UNHELPFUL = "unhelpful"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One opinion: the question, how it ended, the sources shown, and what was wrong.

    `sources` are `document id:start-end`, separated by spaces; `reasons` are of `REASONS`.
    """

    verdict: Verdict
    question: str
    status: str = ""
    sources: str = ""
    reasons: Sequence[str] = ()
    comment: str = ""


def store_feedback(folder: Path, feedback: Feedback) -> None:
    """Append an opinion, personal data masked, with the time to the hour and no address.

    Raises:
        StorageError: It cannot be written.
    """
    kept = replace(
        feedback,
        question=mask(feedback.question).text,
        comment=mask(feedback.comment).text,
        status=mask(feedback.status).text,
        reasons=[reason for reason in feedback.reasons if reason in REASONS],
    )
    hour = datetime.now(UTC).strftime("%Y-%m-%dT%H:00Z")
    line = json.dumps({"at": hour, **asdict(kept)}, ensure_ascii=False)
    path = folder / FILE_NAME
    try:
        with _lock:
            if path.exists() and path.stat().st_size > LARGEST_FILE:
                raise StorageError(f"评价文件 {path} 已满；请转存后删除它")
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as file:
                file.write(line.encode("utf-8", "replace").decode() + "\n")
    except OSError as error:
        raise StorageError(f"评价没有存成：{error.strerror}；请检查 {folder} 的权限") from error
