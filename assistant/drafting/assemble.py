"""A draft → the official document it prints: title, addressees, note and the rest from the facts."""

from __future__ import annotations

from collections.abc import Callable

from assistant.drafting.document import OfficialDocument, without_outer_brackets
from assistant.drafting.draft import Draft
from assistant.drafting.facts import Facts
from assistant.drafting.kinds import Kind
from assistant.drafting.proposal import is_body
from assistant.drafting.templates import PLACEHOLDER, render_line

_REPLY = "答复"
MOST_IN_TITLE = 3  # joint issuers that a title names one by one
_PERSONS = {"提案答复": "委员", "建议答复": "代表"}


def assemble(draft: Draft, kind: Kind, facts: Facts) -> OfficialDocument:
    """Return everything that is printed; a required element without a fact is a marked gap."""
    required = frozenset(entry.name for entry in kind.fields if entry.required)

    def line(template: str) -> str:
        return render_line(template, facts.values, required)

    def fact(name: str) -> str:
        value = facts.values.get(name)
        if isinstance(value, list):
            return "、".join(str(item) for item in value)
        if value is None:
            return PLACEHOLDER.format(name) if name in required else ""
        return str(value)

    def names(name: str) -> tuple[str, ...]:
        value = facts.values.get(name)
        if isinstance(value, list):
            return tuple(str(item) for item in value)
        return (PLACEHOLDER.format(name),) if name in required else ()

    issuers = (fact("发文机关"), *names("联合发文机关"))
    titled = {**facts.values, "发文机关": _issuers_in_title(issuers)}
    addressees = _addressees(kind, fact)
    return OfficialDocument(
        kind=kind.document_kind,
        form=kind.form,
        direction=kind.direction,
        title=fact("标题") or render_line(kind.title, titled, required),
        body=tuple(text for section in draft.sections for text in section.paragraphs),
        issuers=tuple(name for name in issuers if name),
        mark=line(kind.mark),
        number=fact("令号") or fact("发文字号"),
        signers=names("签发人"),
        copy_number=fact("份号"),
        urgency=fact("紧急程度"),
        addressees=addressees,
        subtitle=f"（{without_outer_brackets(fact('题注'))}）" if fact("题注") else "",
        people=tuple((label, fact(label)) for label in ("出席", "请假", "列席") if fact(label)),
        attachments=facts.attachments,
        date=fact("成文日期"),
        sealed=bool(facts.values.get("加盖印章", kind.sealed)),
        sign_post=fact("签署职务"),
        sign_name=fact("签署人"),
        note=_note(kind, fact),
        copies_to=_ended(fact("抄送机关")),
        printer=fact("印发机关"),
        print_date=fact("印发日期"),
        category=fact("办理类别"),
        openness=fact("公开属性"),
    )


def _issuers_in_title(issuers: tuple[str, ...]) -> str:
    """Return who issues as the title says it: each of up to three, else the host and the number."""
    if len(issuers) > MOST_IN_TITLE:
        return f"{issuers[0]}等{len(issuers)}部门"
    return "　".join(issuers)


def _addressees(kind: Kind, fact: Callable[[str], str]) -> str:
    if kind.document_kind == _REPLY:
        proposer = fact("提案人")
        if "【" in proposer or is_body(proposer):
            return f"{proposer}："
        word = _PERSONS.get(kind.name, "")
        return f"{proposer.removesuffix(word)}{word}："
    given = fact("主送机关").rstrip("：:")
    return f"{given}：" if given else ""


def _note(kind: Kind, fact: Callable[[str], str]) -> str:
    """Return the notes under the date, a line each: the contact of a 请示 or a reply, what was given."""
    parts = []
    if kind.name == "请示" or kind.document_kind == _REPLY:
        parts.append(f"联系人：{fact('联系人')}，联系电话：{fact('联系电话')}")
    if fact("附注"):
        parts.append(without_outer_brackets(fact("附注")))
    return "\n".join(f"（{part}）" for part in parts)


def _ended(text: str) -> str:
    return text.rstrip("。；，") + "。" if text else ""
