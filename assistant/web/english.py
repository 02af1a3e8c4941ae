"""What surrounds the quotes of an answer in English; quotes, titles and issuers stay as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from string import Template

import yaml

from assistant.conversation import Answer, Basis
from assistant.replies import PROMPTS, Replies, Reply, load_replies
from assistant.web.texts import Language, Texts

FILE = Path(__file__).parent / "english.yaml"
REPLIES = PROMPTS / "replies.en.yaml"
_NAME = re.compile(r"\\\$((?a:[a-z]+))")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the assistant in both languages, with the same $names."""

    chinese: str
    english: str

    def translate(self, text: str, words: Mapping[str, str]) -> str:
        """Return a text of this form in English, its filled-in parts kept; "" for any other."""
        found = _pattern(self.chinese).fullmatch(text)
        if found is None:
            return ""
        values = {name: _translated(value, words) for name, value in found.groupdict().items()}
        return Template(self.english).substitute(values)


def in_language(answer: Answer, texts: Texts) -> Answer:
    """Return an answer whose opening, next step, notices and warnings are in the page's language."""
    if texts.language is not Language.ENGLISH or not answer.trace.reply:
        return answer
    chinese, english = load_replies(), _english()
    name = "written" if answer.basis is Basis.MODEL else answer.trace.reply
    before, after = chinese.named(name), english.named(name)
    opening = chinese.named(answer.trace.reply)
    text = answer.text
    if answer.basis is Basis.REPLY:
        text = _reply(opening, english.named(answer.trace.reply), text)
    elif opening.text and text.startswith(opening.text):
        text = english.named(answer.trace.reply).text + text.removeprefix(opening.text)
    return replace(
        answer,
        text=_warnings(text),
        next_step=Said(before.next_step, after.next_step).translate(answer.next_step, {})
        or answer.next_step,
        notices=tuple(_notice(notice) for notice in answer.notices),
    )


def _reply(chinese: Reply, english: Reply, text: str) -> str:
    return Said(chinese.text, english.text).translate(text, {}) or text


def _notice(notice: str) -> str:
    said, words = _sentences()
    return next((found for one in said if (found := one.translate(notice, words))), notice)


def _warnings(text: str) -> str:
    """Put the warnings that stand behind quotes into English."""
    return re.sub(
        r"（注意：该文件[^（）]*(?:《[^《》]*》)?）", lambda found: _notice(found[0]), text
    )


def _translated(value: str, words: Mapping[str, str]) -> str:
    parts = value.split("、")
    return (
        ", ".join(words.get(part, part) for part in parts)
        if len(parts) > 1
        else words.get(value, value)
    )


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Return a pattern for a template; a name that comes twice must be filled the same way twice."""
    seen: set[str] = set()

    def group(match: re.Match[str]) -> str:
        if match[1] in seen:
            return f"(?P={match[1]})"
        seen.add(match[1])
        return f"(?P<{match[1]}>.+?)"

    return re.compile(_NAME.sub(group, re.escape(template)), re.DOTALL)


@cache
def _english() -> Replies:
    return load_replies(REPLIES)


@cache
def _sentences() -> tuple[tuple[Said, ...], Mapping[str, str]]:
    data = yaml.safe_load(FILE.read_text("utf-8"))
    said = tuple(Said(entry["zh"], entry["en"]) for entry in data["sentences"])
    return said, data["words"]
