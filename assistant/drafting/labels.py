"""The AI label of a draft (GB 45438-2025): visible words, seven-key metadata, its removal logged."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.drafting.errors import ExportError
from corpus.folders import make_private

VISIBLE = "本稿由人工智能（AI）辅助生成，须经人工审核"
# Appendix E of GB 45438-2025, in its order.
KEYS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
_PRODUCER = re.compile(r"00[0-9A-Z]{25}")
# TC260-PG-20252A: 00, kind of subject 1, binding 1, an 18-character credit code, service 1
# (generation), 4 for the application. Zeros stand where the unit has not set its credit code.
UNSET_PRODUCER = "0011" + "0" * 18 + "1" + "0001"
PRODUCER_VARIABLE = "ASSISTANT_AIGC_PRODUCER"


@dataclass(frozen=True, slots=True)
class Label:
    """The metadata of one generated document; `produce_id` is found again in the log."""

    produce_id: str
    producer: str = UNSET_PRODUCER

    def as_json(self) -> str:
        """Return the seven keys in their order, without spaces, as the standard's appendix sets them.

        Raises:
            ExportError: A value holds what the standard does not allow.
        """
        if not _PRODUCER.fullmatch(self.producer):
            raise ExportError(
                f"生成者编码 {self.producer!r} 不对：应为 27 位，以 00 开头，只含数字和大写字母；"
                f"请改 {PRODUCER_VARIABLE}"
            )
        values = dict.fromkeys(KEYS, "")
        values |= {"Label": "1", "ContentProducer": self.producer, "ProduceID": self.produce_id}
        if not all(0x21 <= ord(character) <= 0x7E for v in values.values() for character in v):
            raise ExportError(f"标识编号 {self.produce_id!r} 只能含可见的 ASCII 字符")
        return json.dumps(values, separators=(",", ":"))


def check_label(text: str) -> list[str]:
    """Return what is wrong with a label read back, one sentence each; empty where it is sound."""
    try:
        data = json.loads(text)
    except ValueError:
        return ["AIGC 标识不是 JSON"]
    if not isinstance(data, dict) or tuple(data) != KEYS:
        return ["AIGC 标识应依次含七个键：" + "、".join(KEYS)]
    wrong = []
    if data["Label"] not in ("1", "2", "3"):
        wrong.append("Label 应为 1、2 或 3")
    if not _PRODUCER.fullmatch(str(data["ContentProducer"])):
        wrong.append("ContentProducer 应为 27 位编码")
    if not data["ProduceID"]:
        wrong.append("缺少 ProduceID")
    return wrong


def log_action(folder: Path, action: str, who: str, details: Mapping[str, Any]) -> Path:
    """Add one line to the log of drafting: when, what, who, and the label it concerns.

    Raises:
        ExportError: The log cannot be written; what was to be logged must then not be done.
    """
    path = folder / "drafting-log.jsonl"
    row = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "action": action,
        "who": who,
        **details,
    }
    try:
        make_private(folder)
        with path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(row, ensure_ascii=False) + "\n")
    except OSError as error:
        raise ExportError(
            f"写不进起草日志 {str(path)!r}（{error.strerror}），因此没有导出"
        ) from error
    return path
