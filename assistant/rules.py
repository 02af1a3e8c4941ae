"""Load rules of words and patterns kept as data (`prompts/screening.yaml`, `prompts/routing.yaml`)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One named rule: it holds where one of `any` is found and none of `unless`.

    `squeezed` patterns are looked for in the text without spaces and punctuation as well, so that
    putting some between the characters hides nothing.
    """

    name: str
    any: re.Pattern[str] | None
    squeezed: re.Pattern[str] | None
    unless: re.Pattern[str] | None

    def holds(self, text: str) -> bool:
        """Say whether the rule holds for a text."""
        lowered = unicodedata.normalize("NFKC", text).lower()
        if self.unless and self.unless.search(lowered):
            return False
        return bool(
            (self.any and self.any.search(lowered))
            or (self.squeezed and self.squeezed.search(_NOT_WORD.sub("", lowered)))
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one file in order, with its version."""

    version: int
    rules: tuple[Rule, ...]

    def first(self, text: str) -> str:
        """Return the name of the first rule that holds for a text; empty where none does."""
        return next((rule.name for rule in self.rules if rule.holds(text)), "")


def load_rules(path: Path) -> Rules:
    """Read and compile a file of rules.

    Raises:
        ValueError: An entry is unknown, a rule has no pattern, or a pattern cannot be compiled.
    """
    data = yaml.safe_load(path.read_text("utf-8"))
    unknown = set(data) - {"version", "notes", "words", "rules"}
    if unknown:
        raise ValueError(f"{path.name}: unknown entries {sorted(unknown)}")
    words = {name: f"(?:{text})" for name, text in (data.get("words") or {}).items()}
    return Rules(
        int(data["version"]),
        tuple(_rule(path, name, entry, words) for name, entry in data["rules"].items()),
    )


def _rule(path: Path, name: str, entry: Mapping[str, Any], words: Mapping[str, str]) -> Rule:
    if set(entry) - {"any", "squeezed", "unless"} or not {"any", "squeezed"} & set(entry):
        raise ValueError(f"{path.name}: rule {name!r} needs any or squeezed, and at most unless")
    try:
        return Rule(
            name,
            _pattern(entry.get("any"), words),
            _pattern(entry.get("squeezed"), words),
            _pattern(entry.get("unless"), words),
        )
    except re.error as error:
        raise ValueError(f"{path.name}: rule {name!r} has a broken pattern: {error}") from error


def _pattern(parts: Iterable[str] | None, words: Mapping[str, str]) -> re.Pattern[str] | None:
    if not parts:
        return None
    # Only a $ before a Latin letter names words; elsewhere it is the end of the text.
    return re.compile("|".join(f"(?:{_Words(part).safe_substitute(words)})" for part in parts))


class _Words(Template):
    idpattern = "(?a:[a-z]+)"
    braceidpattern = "(?a:[a-z]+)"
