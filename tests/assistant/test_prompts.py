"""Prompts are checked data: an edit without a new version is seen, user text is never expanded."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import yaml

from assistant.prompting import load_prompt
from assistant.replies import PROMPTS

# file@version → digest of what it holds, comments left out. Change a file of `prompts/`: raise its
# version, and put the new pair here.
LOCKED = {
    "answer@2": "d4c7c973b1228a28",
    "draft/_writing@2": "88d5ea691966b92b",
    "draft/任免通知@2": "16d3553ba4570928",
    "draft/会议通知@2": "8cc314e05f84ae93",
    "draft/公告@2": "eb2a86cfdf8d7324",
    "draft/公报@2": "53307afe3602331e",
    "draft/决定@2": "697eb76279e568d6",
    "draft/决议@2": "f93d29073356cd57",
    "draft/函@2": "bcd52b3de9461e6a",
    "draft/印发通知@2": "ae2245912d992cba",
    "draft/命令@2": "4d297fcb6d98d2a3",
    "draft/复函@2": "d241550145c5f4e1",
    "draft/建议答复@2": "de88f25d5c274a24",
    "draft/意见@2": "07a24830900af8ed",
    "draft/批复@2": "80a9300bcbc5f54c",
    "draft/报告@2": "e2358188b8cec9c5",
    "draft/提案答复@3": "1120d74fc4428515",
    "draft/纪要@2": "cf6e7f1a99852673",
    "draft/议案@2": "12c2ae2d59c6592e",
    "draft/请示@2": "85fc36deaaa78124",
    "draft/转发通知@3": "a99023a5420729ea",
    "draft/通告@2": "84af0c411b38e836",
    "draft/通报@2": "956abf3d00042217",
    "draft/通知@2": "b977c4979f7f8033",
    "places@1": "e53e00dd2955a1c4",
    "replies.en@4": "6a416e4bf2b99147",
    "replies@4": "759b96b732ca9aa5",
    "rewrite@2": "b17f7772a410939b",
    "routing@2": "1541324b6a55ae77",
    "screening@2": "aead6f86c836fbf9",
}


def locked_form(path: Path) -> tuple[str, str]:
    held = yaml.safe_load(path.read_text("utf-8"))
    words = json.dumps(held, ensure_ascii=False, sort_keys=True, default=str)
    name = path.relative_to(PROMPTS).with_suffix("").as_posix()
    return f"{name}@{held['version']}", hashlib.sha256(words.encode()).hexdigest()[:16]


def test_whatever_changes_in_a_file_of_prompts_has_a_new_version() -> None:
    # The words for fields and the examples have no version: no answer and no draft is made by them.
    examples = PROMPTS / "draft" / "examples"
    files = [path for path in PROMPTS.rglob("*.yaml") if path.parent != examples]
    locked = dict(locked_form(path) for path in files if path.name != "_fields.yaml")
    assert locked == LOCKED


def test_what_a_person_writes_is_not_expanded() -> None:
    prompt = load_prompt("answer")
    said = prompt.render(passages="$question ${question} $$", question="$passages")
    assert "$question ${question} $$" in said
    assert "问题：$passages" in said


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nvariables: [a]\nuser: $b",
        "version: 1\nvariables: []\nuser: x\nmodel: y",
        "variables: []\nuser: x",
        "version: 1\nvariables: []\nuser: x\npassage: $secret",
    ],
    ids=["undeclared", "unknown", "no version", "passage"],
)
def test_a_broken_prompt_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"bad\.yaml"):
        load_prompt("bad", tmp_path)
