"""Prompts are checked data: an edit without a new version is seen, user text is never expanded."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.prompting import load_prompt
from assistant.replies import PROMPTS

# name@version → digest of its words. Change a prompt: raise its version, and put the new pair here.
LOCKED = {
    "answer@2": "2246a698288c0acf",
    "rewrite@2": "de956105def2b214",
}


@pytest.mark.parametrize("label", LOCKED)
def test_a_changed_prompt_has_a_new_version(label: str) -> None:
    prompt = load_prompt(label.partition("@")[0])
    assert (prompt.label, prompt.digest) == (label, LOCKED[label])


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


def test_every_prompt_is_locked() -> None:
    named = {f"{path.stem}.yaml" for path in PROMPTS.glob("*.yaml")}
    assert {f"{label.partition('@')[0]}.yaml" for label in LOCKED} <= named
