"""Facts + basis → a draft: each section from its template or a model, every quote tied to its span."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from assistant.drafting.basis import Found, find_basis
from assistant.drafting.document import heading_level
from assistant.drafting.draft import (
    Basis,
    Draft,
    QuotedSpan,
    Section,
    mark_printed,
    replace_section,
)
from assistant.drafting.errors import DraftingError
from assistant.drafting.facts import Facts, missing_fields
from assistant.drafting.kinds import Kind, SectionSpec
from assistant.drafting.proposal import Suggestion, is_body, split_suggestions
from assistant.drafting.templates import PLACEHOLDER, plain_item, render, render_line
from assistant.services import Services
from corpus.numerals import chinese_to_int, int_to_chinese

if TYPE_CHECKING:  # LangChain takes a second to import: only a model pays for it
    from langchain_core.language_models import BaseChatModel

REPLY_BODY = "{答复正文}"
_DONE, _COMING = "举措及成效", "下一步工作"  # an entry for each suggestion, in their order
MORE_LENGTH = 200  # characters of facts with which a matter is searched a second time


@dataclass(frozen=True, slots=True)
class _Planned:
    """A section before it is written: its template text and what it may quote."""

    spec: SectionSpec
    name: str
    paragraphs: tuple[str, ...]
    basis: tuple[Basis, ...]


def compose(
    kind: Kind,
    facts: Facts,
    services: Services | None = None,
    *,
    as_of: date,
    model: BaseChatModel | None = None,
    only: str = "",
) -> Draft:
    """Draft a document from its facts: basis found and quoted, gaps marked, nothing invented.

    Without services no basis is looked for; without a model the templates of the kind stand, as
    they do in every section but `only` where one is named.
    """
    question = render_line(kind.basis_question, facts.values, frozenset())
    issuer = str(facts.values.get("发文机关", ""))
    found = find_basis(
        question, _named(facts), services, as_of=as_of, issuer=issuer, more=_told(facts)
    )
    suggestions = split_suggestions(facts.proposal) if facts.proposal else []
    replies = [_reply_basis(s, services, as_of, issuer) for s in suggestions]
    planned = _plan(kind, facts, found, suggestions, replies)
    sections: list[Section] = []
    for entry in planned:
        wanted = not only or entry.name == only
        sections.append(_write(entry, kind, facts, model if wanted else None))
    every = _renumbered([*found.offered, *(b for reply in replies for b in reply.offered)])
    blocked = {
        entry.title + entry.document_number: entry
        for source in (found, *replies)
        for entry in source.blocked
    }
    draft = Draft(
        kind=kind.name,
        kind_version=kind.version,
        facts=dict(facts.raw),
        sections=tuple(sections),
        basis=every,
        blocked=tuple(blocked.values()),
        quoted=_quoted(sections, every),
        missing=tuple(entry.name for entry in missing_fields(kind, facts)),
        as_of=as_of.isoformat(),
        produce_id=str(uuid.uuid4()),
        notes=found.notes,
    )
    printed = mark_printed(draft)
    unanswered = _left_over(facts, len(suggestions)) if facts.proposal else []
    return replace(printed, notes=(*found.notes, *_unprinted(every, printed, facts), *unanswered))


def recompose_section(
    draft: Draft,
    name: str,
    kind: Kind,
    facts: Facts,
    services: Services | None = None,
    *,
    as_of: date,
    model: BaseChatModel | None = None,
) -> Draft:
    """Write one section again from the facts; every other section stays as it is.

    Raises:
        DraftingError: The draft has no section of that name.
    """
    if all(section.name != name for section in draft.sections):
        known = "、".join(section.name for section in draft.sections)
        raise DraftingError(f"没有部分 {name!r}；现有：{known}")
    fresh = compose(kind, facts, services, as_of=as_of, model=model, only=name)
    section = next((entry for entry in fresh.sections if entry.name == name), None)
    if section is None:
        raise DraftingError(f"按现在的事实，{kind.name}不再有部分 {name!r}；请整篇重新起草")
    text = "\n".join(section.paragraphs)
    spans = [span for span in fresh.quoted if span.section == name]
    used = {span.basis for span in spans}
    used |= {basis.number for basis in fresh.basis if basis.chosen and basis.is_named_in(text)}
    # A clause that the draft has keeps its number; new ones are numbered on after those.
    shift = max((basis.number for basis in draft.basis), default=0)
    before = {_span(basis): basis.number for basis in draft.basis}
    numbers = {
        basis.number: before.get(_span(basis), basis.number + shift)
        for basis in fresh.basis
        if basis.number in used
    }
    again = set(numbers.values())
    basis = (
        *(replace(old, chosen=old.chosen or old.number in again) for old in draft.basis),
        *(
            replace(new, number=numbers[new.number], chosen=True)
            for new in fresh.basis
            if new.number in used and _span(new) not in before
        ),
    )
    spans = [replace(span, basis=numbers[span.basis]) for span in spans]
    written = replace_section(replace(draft, basis=basis), section, spans)
    return replace(
        written,
        facts=fresh.facts,
        missing=fresh.missing,
        produce_id=fresh.produce_id,
        notes=(*draft.notes, *_unprinted(basis, written, facts)),
    )


def _span(basis: Basis) -> tuple[str, int, int]:
    return basis.document_id, basis.start, basis.end


def _unprinted(before: Sequence[Basis], draft: Draft, facts: Facts) -> list[str]:
    """Return a note for each basis that a person named and that the text does not cite."""
    if not _named(facts):
        return []
    printed = {basis.number for basis in draft.basis if basis.chosen}
    return [
        f"依据 {basis.name} 没有印进正文；要引用的，请写进事实或手工修改正文"
        for basis in before
        if basis.chosen and basis.number not in printed
    ]


def _left_over(facts: Facts, suggestions: int) -> list[str]:
    """Return a note for each entry of a reply that stands under no suggestion, so is not printed."""
    return [
        f"{name}第{place}项“{plain_item(item)[:20]}”没有对应的建议，没有印进正文；"
        "请核对提案的条数，或并入前面的条目"
        for name in (_DONE, _COMING)
        for place, item in enumerate(facts.values.get(name, []), start=1)
        if place > suggestions and item
    ]


def form_of_address(facts: Facts) -> str:
    """Return how a reply addresses its proposer: 贵单位 for a body, 您 for a person."""
    given = facts.values.get("称呼单位")
    if given:
        return str(given)
    return "贵单位" if is_body(str(facts.values.get("提案人", ""))) else "您"


def quote_line(basis: Basis) -> str:
    """Return the sentence that quotes a clause word for word, with title, 文号 and place."""
    shown, place = shown_quote(basis.quote), cited_place(basis)
    verb = "规定" if place else "提出"
    return f"{basis.name}{place}{verb}：“{shown}”"


def cited_place(basis: Basis) -> str:
    """Return the place of a clause as a document cites it, empty where it is no article."""
    found = re.fullmatch(r"第[^\s]+条(?:第[^\s]+[款项])*", basis.locator)
    return found[0] if found else ""


def shown_quote(quote: str) -> str:
    """Return a quote as it stands inside quotation marks: its own become single (GB/T 15834)."""
    return quote.replace("“", "‘").replace("”", "’")


def _told(facts: Facts) -> str:
    """Return what the facts tell of the matter beside its name: why, and the first things to do."""
    told = [str(facts.values.get("缘由", ""))]
    for name in ("事项", "请示事项", "商洽事项", "议定事项", "主要任务", "工作情况", "答复意见"):
        value = facts.values.get(name) or []
        told += [plain_item(item) for item in (value if isinstance(value, list) else [value])]
    return "\n".join(told)[:MORE_LENGTH]


def _named(facts: Facts) -> list[str]:
    return [str(name) for name in facts.values.get("依据", [])]


def _plan(
    kind: Kind,
    facts: Facts,
    found: Found,
    suggestions: Sequence[Suggestion],
    replies: Sequence[Found],
) -> list[_Planned]:
    values: dict[str, Any] = dict(facts.values)
    values["称呼"] = form_of_address(facts)
    values["依据"] = _listed([basis.name for basis in found.chosen])
    values["依据原文"] = "\n".join(quote_line(b) + _stop(b) for b in found.chosen if b.quote)
    values["依据名称"] = _listed([b.name + cited_place(b) for b in found.chosen if not b.quote])
    grounds = ["上述规定" if values["依据原文"] else "", values["依据名称"]]
    values["上述规定"] = f"根据{'和'.join(filter(None, grounds))}，" if any(grounds) else ""
    # 云江省民政厅《云江省民政厅关于……》 would name the agency twice.
    if str(values.get("来文标题", "")).startswith(str(values.get("来文机关", ""))):
        values.pop("来文机关", None)
    required = frozenset(entry.name for entry in kind.fields if entry.required)
    planned: list[_Planned] = []
    first = 1
    for spec in kind.sections:
        if spec.template.strip() == REPLY_BODY:
            planned += _plan_replies(spec, facts, suggestions, replies, first)
            continue
        paragraphs = render(spec.template, values, required, first=first)
        first += sum(heading_level(line) == 1 for line in paragraphs)
        if paragraphs:
            planned.append(_Planned(spec, spec.name, tuple(paragraphs), found.chosen))
    return _without_lone_number(planned)


def _without_lone_number(planned: list[_Planned]) -> list[_Planned]:
    """Return the sections without the number of an entry that is the only one: one is no list."""
    heads = [line for entry in planned for line in entry.paragraphs if heading_level(line) == 1]
    if len(heads) != 1 or not heads[0].endswith("。"):
        return planned
    bare = heads[0].partition("、")[2]
    return [
        replace(
            entry,
            paragraphs=tuple(bare if line == heads[0] else line for line in entry.paragraphs),
        )
        for entry in planned
    ]


def _listed(names: Sequence[str]) -> str:
    """Return names in one line; between two titles in 《》 stands no 、 (GB/T 15834)."""
    return "、".join(dict.fromkeys(names)).replace("》、《", "》《")


def _stop(basis: Basis) -> str:
    """Return what follows the closing quotation mark: nothing, the quote ends with its own stop."""
    return "" if basis.quote.endswith(("。", "！", "？")) else "。"


def _plan_replies(
    spec: SectionSpec,
    facts: Facts,
    suggestions: Sequence[Suggestion],
    replies: Sequence[Found],
    first: int,
) -> list[_Planned]:
    if not suggestions:
        gap = (PLACEHOLDER.format("提案原文，以便逐条答复"),)
        return [_Planned(spec, spec.name, gap, ())]
    done, next_steps = facts.values.get(_DONE, []), facts.values.get(_COMING, [])
    planned = []
    for place, suggestion in enumerate(suggestions):
        found = replies[place]
        numeral = render("{#}" + suggestion.title, {}, frozenset(), first=first + place)
        taken = [*_fact_lines(done, place), *(quote_line(b) + _stop(b) for b in found.chosen)]
        coming = _fact_lines(next_steps, place)
        lines = [
            *numeral,
            "（一）举措及成效",
            *(taken or [PLACEHOLDER.format(f"第{place + 1}条建议的举措及成效，资料库未检索到")]),
            "（二）下一步工作",
            *(coming or [PLACEHOLDER.format(f"第{place + 1}条建议的下一步工作")]),
        ]
        planned.append(_Planned(spec, f"{spec.name}{place + 1}", tuple(lines), found.chosen))
    return planned


def _fact_lines(items: Sequence[Any], place: int) -> list[str]:
    if place >= len(items) or not items[place]:
        return []
    item = items[place]
    text = plain_item(item)
    content = item.get("内容") if isinstance(item, dict) else None
    parts = content if isinstance(content, list) else [content] if content else []
    return [f"{text}。", *(f"{plain_item(part)}。" for part in parts)]


def _reply_basis(
    suggestion: Suggestion, services: Services | None, as_of: date, issuer: str
) -> Found:
    if services is None:
        return Found()
    # What has been done stands in reports and earlier replies as well as in rules.
    return find_basis(
        suggestion.heading,
        [],
        services,
        as_of=as_of,
        issuer=issuer,
        only_rules=False,
        more=suggestion.text[:MORE_LENGTH],
    )


def _write(planned: _Planned, kind: Kind, facts: Facts, model: BaseChatModel | None) -> Section:
    if model is None or not planned.spec.prompt:
        return Section(planned.name, planned.paragraphs)
    from assistant.drafting.writing import Task, load_writing_prompt, write_section

    task = Task(
        kind=kind.name,
        section=planned.name,
        prompt=planned.spec.prompt,
        facts=facts.text(),
        basis=planned.basis,
        template=planned.paragraphs,
    )
    written = write_section(model, task, load_writing_prompt())
    author = str(getattr(model, "model_name", "") or model._llm_type)
    paragraphs = _same_numbers(written.paragraphs, planned.paragraphs)
    return Section(
        planned.name, paragraphs, author if written.by_model else "template", written.notes
    )


def _same_numbers(written: Sequence[str], template: Sequence[str]) -> tuple[str, ...]:
    """Return the model's paragraphs with first-level numbers that run on from the sections before."""
    firsts = [line for line in template if heading_level(line) == 1]
    if not firsts:
        return tuple(written)

    number = chinese_to_int(firsts[0].partition("、")[0])
    result = []
    for line in written:
        if heading_level(line) == 1:
            line = f"{int_to_chinese(number)}、{line.partition('、')[2]}"
            number += 1
        result.append(line)
    return tuple(result)


def _renumbered(basis: Sequence[Basis]) -> tuple[Basis, ...]:
    """Number clauses through the whole draft; the same span offered twice keeps one number."""
    seen: dict[tuple[str, int, int], Basis] = {}
    for entry in basis:
        key = _span(entry)
        before = seen.get(key)
        if before is None:
            seen[key] = replace(entry, number=len(seen) + 1)
        elif entry.chosen:
            seen[key] = replace(before, chosen=True)
    return tuple(seen.values())


def _quoted(sections: Sequence[Section], basis: Sequence[Basis]) -> tuple[QuotedSpan, ...]:
    return tuple(
        QuotedSpan(section.name, shown_quote(entry.quote), entry.number)
        for section in sections
        for entry in basis
        if entry.quote and shown_quote(entry.quote) in "\n".join(section.paragraphs)
    )
