"""One way from facts to a kept, checked draft, shared by the command line and the staff page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.drafting.assemble import assemble
from assistant.drafting.checking import check_document
from assistant.drafting.compose import compose, recompose_section
from assistant.drafting.document import OfficialDocument
from assistant.drafting.draft import Draft, History
from assistant.drafting.errors import DraftingError
from assistant.drafting.facts import Facts
from assistant.drafting.kinds import Kind
from assistant.drafting.rules.engine import Finding
from assistant.services import Services

if TYPE_CHECKING:  # LangChain takes a second to import: only a model pays for it
    from langchain_core.language_models import BaseChatModel


@dataclass(frozen=True, slots=True)
class Drafted:
    """A new version, all versions with it, the document it prints and what the checker found."""

    draft: Draft
    history: History
    document: OfficialDocument
    findings: tuple[Finding, ...]


def write_draft(
    kind: Kind,
    facts: Facts,
    history: History,
    *,
    services: Services | None,
    as_of: date,
    model: BaseChatModel | None = None,
    section: str = "",
) -> Drafted:
    """Draft a new version, whole or one section of the latest, and check what it prints.

    Raises:
        DraftingError: A section is asked for and there is no earlier version of this kind.
    """
    if section:
        last = history.latest
        if last is None or last.kind != kind.name:
            raise DraftingError(f"还没有{kind.name}的上一版，不能只重写 {section!r}；请先整篇起草")
        draft = recompose_section(last, section, kind, facts, services, as_of=as_of, model=model)
    else:
        draft = compose(kind, facts, services, as_of=as_of, model=model)
    kept = history.add(draft)
    newest = kept.latest or draft
    document = assemble(newest, kind, facts)
    findings = check_document(
        document, kind, services=services, as_of=as_of, sources=sources(newest, facts)
    )
    return Drafted(newest, kept, document, tuple(findings))


def sources(draft: Draft, facts: Facts) -> list[str]:
    """Return every text that a figure or name of a draft may come from."""
    clauses = [f"{basis.name}{basis.locator}\n{basis.quote}" for basis in draft.basis]
    blocked = [f"《{entry.title}》{entry.document_number}" for entry in draft.blocked]
    return [facts.text(), *clauses, *blocked]


def history_path(out: Path) -> Path:
    """Return where the versions of a draft are kept: beside it, as NAME.draft.json."""
    return out.with_suffix(".draft.json")
