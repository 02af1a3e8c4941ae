"""Rules and findings: what a rule is, where its finding stands, how it is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from assistant.drafting.reading import Line, ReadDocument


class Level(StrEnum):
    """How binding a rule is: only what a regulation or a standard orders blocks."""

    ORDER = "规定"
    PRACTICE = "实务"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that mends a finding: characters `start` to `end` of one line become `text`."""

    line: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: where (line from 1, the words), what is wrong, its source, how to mend it."""

    rule: str
    level: Level
    line: int
    words: str
    message: str
    source: str
    fix: str
    edits: tuple[Edit, ...] = ()

    @property
    def blocking(self) -> bool:
        """Say whether a document must not go out with it."""
        return self.level is Level.ORDER

    def row(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "rule": self.rule,
            "level": str(self.level),
            "line": self.line,
            "words": self.words,
            "message": self.message,
            "source": self.source,
            "fix": self.fix,
            "fixable": bool(self.edits),
        }

    def line_text(self) -> str:
        """Return it as one line for a person."""
        place = f"第{self.line}行" if self.line else "全文"
        words = f"“{self.words}”" if self.words else ""
        return f"{self.rule}【{self.level}】{place}{words}：{self.message}。{self.fix}（{self.source}）"


Check = Callable[[ReadDocument], Iterable["Hit"]]


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check yields; its rule adds id, level and source."""

    line: int
    words: str
    message: str
    fix: str
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: id, level, source and the function that applies it."""

    id: str
    level: Level
    source: str
    check: Check


@dataclass(slots=True)
class Registry:
    """The rules of one family, in the order in which they are written."""

    rules: list[Rule] = field(default_factory=list)

    def rule(self, rule_id: str, level: Level, source: str) -> Callable[[Check], Check]:
        """Register a function as a rule; an id may have several functions."""

        def register(check: Check) -> Check:
            self.rules.append(Rule(rule_id, level, source, check))
            return check

        return register


def run(rules: Iterable[Rule], document: ReadDocument) -> Iterator[Finding]:
    """Yield the findings of rules over a document."""
    for rule in rules:
        for hit in rule.check(document):
            yield Finding(
                rule=rule.id,
                level=rule.level,
                line=hit.line,
                words=hit.words[:40],
                message=hit.message,
                source=rule.source,
                fix=hit.fix,
                edits=hit.edits,
            )


def replacing(line: Line, start: int, end: int, text: str, message: str, fix: str) -> Hit:
    """Return a hit on some characters of a line that one replacement mends."""
    edit = Edit(line.number, start, end, text)
    return Hit(line.number, line.text[start:end], message, fix, (edit,))
