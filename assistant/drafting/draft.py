"""A draft: its sections, its basis and the spans it quotes, kept version by version."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from difflib import unified_diff
from pathlib import Path
from typing import Any

from assistant.drafting.errors import DraftingError
from assistant.drafting.kinds import Kind
from assistant.drafting.templates import variables

FORMAT = 1
AROUND = "要素和附件"  # the heading under which a comparison shows what stands around the sections


@dataclass(frozen=True, slots=True)
class Basis:
    """A clause that a draft may rest on; `quote` is `text[start:end]` of the stored document.

    `chosen` says that the draft quotes it, or cites it by its name where `quote` is empty; the
    others are offered. `status` is its validity on the day of drafting.
    """

    number: int
    document_id: str
    title: str
    document_number: str
    issuer: str
    status: str
    locator: str
    quote: str
    start: int
    end: int
    source: str
    chosen: bool

    @property
    def name(self) -> str:
        """Return 《标题》（文号）, the order in which a document is quoted."""
        number = f"（{self.document_number}）" if self.document_number else ""
        return f"《{self.title}》{number}"

    def is_named_in(self, text: str) -> bool:
        """Say whether a text names the document."""
        return f"《{self.title}》" in text


@dataclass(frozen=True, slots=True)
class BlockedBasis:
    """A text that must not be quoted as a basis, why, and what took its place."""

    title: str
    document_number: str
    reason: str
    successor: str = ""
    successor_number: str = ""

    def sentence(self) -> str:
        """Say why it is not used and what to use."""
        number = f"（{self.document_number}）" if self.document_number else ""
        name = f"《{self.title}》{number}" if self.title else self.document_number
        by = f"（{self.successor_number}）" if self.successor_number else ""
        then = f"，请改引《{self.successor}》{by}" if self.successor else ""
        return f"{name}{self.reason}，未引用{then}。"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the text: who wrote it (`template` or the model's name) and what was noted."""

    name: str
    paragraphs: tuple[str, ...]
    written_by: str = "template"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuotedSpan:
    """A sentence of the draft that quotes a clause: where it stands and the span it links to.

    `shown` is the quote as the draft prints it: inner quotation marks are single, as GB/T 15834
    sets them; all else is the span itself.
    """

    section: str
    shown: str
    basis: int


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of a draft."""

    kind: str
    kind_version: int
    facts: Mapping[str, Any]
    sections: tuple[Section, ...]
    basis: tuple[Basis, ...]
    blocked: tuple[BlockedBasis, ...]
    quoted: tuple[QuotedSpan, ...]
    missing: tuple[str, ...]
    as_of: str
    produce_id: str
    version: int = 1
    changed: str = ""
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the sections as one text."""
        return "\n".join(line for section in self.sections for line in section.paragraphs)


@dataclass(frozen=True, slots=True)
class History:
    """Every version of one draft, oldest first."""

    versions: tuple[Draft, ...] = field(default_factory=tuple)

    @property
    def latest(self) -> Draft | None:
        """Return the newest version, or None."""
        return self.versions[-1] if self.versions else None

    def add(self, draft: Draft) -> History:
        """Return the history with one more version, numbered on from the last."""
        last = self.latest
        number = last.version + 1 if last else 1
        return History((*self.versions, replace(draft, version=number)))

    def version(self, number: int) -> Draft:
        """Return a version by number.

        Raises:
            DraftingError: There is none.
        """
        for draft in self.versions:
            if draft.version == number:
                return draft
        known = "、".join(str(draft.version) for draft in self.versions)
        raise DraftingError(f"没有第 {number} 版；现有：{known or '无'}")


def replace_section(draft: Draft, section: Section, quoted: Sequence[QuotedSpan]) -> Draft:
    """Return the draft with one section written again and the others as they were."""
    kept = tuple(span for span in draft.quoted if span.section != section.name)
    written = replace(
        draft,
        sections=tuple(section if old.name == section.name else old for old in draft.sections),
        quoted=(*kept, *quoted),
        changed=section.name,
    )
    return mark_printed(written)


def mark_printed(draft: Draft) -> Draft:
    """Return the draft with no basis called chosen that its text neither quotes nor names."""
    text, quoted = draft.text(), {span.basis for span in draft.quoted}
    basis = tuple(
        replace(entry, chosen=entry.number in quoted or entry.is_named_in(text))
        if entry.chosen
        else entry
        for entry in draft.basis
    )
    return replace(draft, basis=basis)


def compare(older: Draft, newer: Draft, kind: Kind) -> str:
    """Return what changed between two versions: section by section, then what stands around them.

    The facts that only the sections print are compared there; every other one is compared here,
    field by field. Empty where nothing changed.
    """
    before, after = (
        {section.name: section.paragraphs for section in draft.sections} for draft in (older, newer)
    )
    parts = [
        _difference(older, newer, name, before.get(name, ()), after.get(name, ()))
        for name in dict.fromkeys([*before, *after])
    ]
    around = _difference(
        older, newer, AROUND, _facts_around(older, kind), _facts_around(newer, kind), context=0
    )
    return "\n".join(part for part in [*parts, around] if part)


def _difference(
    older: Draft,
    newer: Draft,
    name: str,
    before: Sequence[str],
    after: Sequence[str],
    *,
    context: int = 3,
) -> str:
    old, new = (f"第{draft.version}版 {name}" for draft in (older, newer))
    return "\n".join(unified_diff(before, after, old, new, lineterm="", n=context))


def _facts_around(draft: Draft, kind: Kind) -> list[str]:
    """Return the facts that are not, or not only, printed in sections: a line each, with the field."""
    inside = {name for section in kind.sections for name in variables(section.template)}
    inside -= {name for template in (kind.title, kind.mark) for name in variables(template)}
    known = [entry.name for entry in kind.fields]
    return [
        f"{name}：{line}"
        for name in dict.fromkeys([*known, *draft.facts])
        if name not in inside
        for line in _lines(draft.facts.get(name))
    ]


def _lines(value: Any) -> list[str]:
    """Return a fact as lines of text: a list entry by entry, a row of a table in one line."""
    if isinstance(value, Mapping):
        return [line for part in value.values() for line in _lines(part)]
    if isinstance(value, list | tuple):
        if all(isinstance(row, list | tuple) for row in value):
            return [" | ".join("" if cell is None else str(cell) for cell in row) for row in value]
        return [line for part in value for line in _lines(part)]
    if isinstance(value, bool):
        return ["是" if value else "否"]
    return [] if value is None else str(value).splitlines()


def save_history(history: History, path: Path) -> None:
    """Write every version to one JSON file; an interrupted write leaves the old file whole.

    Raises:
        DraftingError: The file cannot be written.
    """
    data = {"format": FORMAT, "versions": [asdict(draft) for draft in history.versions]}
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(json.dumps(data, ensure_ascii=False, indent=1), "utf-8")
        partial.replace(path)
    except OSError as error:
        raise DraftingError(f"写不进 {str(path)!r}：{error.strerror}") from error


def load_history(path: Path) -> History:
    """Return the versions of a file, none where there is no file.

    Raises:
        DraftingError: The file is not one of ours or is damaged.
    """
    if not path.exists():
        return History()
    try:
        data = json.loads(path.read_text("utf-8"))
        return History(tuple(draft_from(entry) for entry in data["versions"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DraftingError(
            f"版本记录 {path.name!r} 读不出（{type(error).__name__}）；请移走它后重新起草"
        ) from error


def draft_from(data: Mapping[str, Any]) -> Draft:
    """Return the draft that a mapping describes, as `dataclasses.asdict` made it."""
    fields = dict(data)
    fields["sections"] = tuple(
        Section(s["name"], tuple(s["paragraphs"]), s["written_by"], tuple(s["notes"]))
        for s in data["sections"]
    )
    fields["basis"] = tuple(Basis(**entry) for entry in data["basis"])
    fields["blocked"] = tuple(BlockedBasis(**entry) for entry in data["blocked"])
    fields["quoted"] = tuple(QuotedSpan(**entry) for entry in data["quoted"])
    fields["missing"] = tuple(data["missing"])
    fields["notes"] = tuple(data["notes"])
    return Draft(**fields)
