"""The form of a kind, made from its file, with the panel that searches the basis beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import quote

from assistant.drafting.facts import example_text
from assistant.drafting.kinds import Field, FieldType, Kind
from assistant.drafting.reading import FORMATS
from assistant.staff.basis_page import basis_panel
from assistant.staff.forms import show_fact
from assistant.staff.frame import file_input, form_start, render_staff_page
from assistant.staff.sessions import Session
from assistant.web.markup import attributes, element

KEEP = "keep_by_hand"
UPLOAD = "upload"
_ROWS = {
    FieldType.TEXT: 4,
    FieldType.ITEMS: 6,
    FieldType.NAMES: 2,
    FieldType.ATTACHMENTS: 4,
    FieldType.PROPOSAL: 10,
}
_HOW = {
    FieldType.ITEMS: "一行一条；下一行开头空两格，写这一条的具体内容。",
    FieldType.NAMES: "一行一个。",
    FieldType.ATTACHMENTS: "一行一个名称；下面空两格写附件正文；表格一行写作 | 甲 | 乙 |，第一行是表头。",
    FieldType.PROPOSAL: "粘贴提案或建议的全文，或在下面上传文件。",
    FieldType.DATE: "",
}


def render_form(
    kind: Kind,
    values: Mapping[str, str],
    session: Session,
    *,
    action: str,
    heading: str,
    message: str = "",
    based_on: int = 0,
    by_hand: Sequence[str] = (),
) -> str:
    """Return the form of a kind.

    Args:
        kind: The kind of document.
        values: What stands in the fields, in the notation of the form.
        session: Who fills it in.
        action: Where it is sent.
        heading: What the page is.
        message: What was wrong with what was sent.
        based_on: The version it changes, 0 for a new draft.
        by_hand: The sections that a person wrote, which drafting anew would overwrite.
    """
    told = element("p", escape(message), class_="warning", role="alert") if message else ""
    groups = "".join(
        element(
            "fieldset",
            element("legend", legend)
            + "".join(
                _field(entry, values.get(entry.name, ""))
                for entry in kind.fields
                if entry.required is required
            ),
        )
        for required, legend in ((True, "必填"), (False, "选填"))
    )
    hidden = f'<input type="hidden" name="based_on" value="{based_on}">'
    form = (
        form_start(
            session,
            action,
            class_="facts-form",
            id="facts-form",
            enctype="multipart/form-data" if upload_field(kind) else None,
        )
        + hidden
        + groups
        + (_keep(by_hand, bool(values.get(KEEP))) if by_hand else "")
        + element(
            "p",
            element("button", "起草并检查", type="submit", class_="primary"),
            class_="buttons",
        )
        + "</form>"
    )
    hint = "带“必填”的请尽量填全；不知道的留空，成稿里标为【待补：…】，系统不会替您编。"
    return render_staff_page(
        heading,
        element("h1", escape(heading))
        + element("p", escape(kind.summary))
        + element("p", hint, class_="hint")
        + element("p", element("a", "去查依据", href="#basis-heading"), class_="to-panel")
        + told
        + element("div", form + basis_panel(), class_="with-panel"),
        session,
        "/staff/drafts/new" if not based_on else "",
    )


def _keep(by_hand: Sequence[str], chosen: bool) -> str:
    box = f"<input{attributes(type='checkbox', name=KEEP, value='1', checked=chosen)}>"
    words = f"保留手工修改的部分：{'、'.join(by_hand)}（不勾选则按事实重写，旧版仍在）"
    return element("label", box + element("span", escape(words)), class_="choice")


def upload_field(kind: Kind) -> Field | None:
    """Return the field of a kind whose text may come as a file, or None."""
    return next((entry for entry in kind.fields if entry.type is FieldType.PROPOSAL), None)


def form_values(kind: Kind, facts: Mapping[str, object]) -> dict[str, str]:
    """Return facts as the fields of a form show them."""
    return {entry.name: show_fact(entry, facts.get(entry.name)) for entry in kind.fields}


def new_path(kind: Kind) -> str:
    """Return where the form of a new draft is sent."""
    return f"/staff/drafts/new?kind={quote(kind.name)}"


def _field(entry: Field, value: str) -> str:
    # The name of a field is Chinese; an id may hold it, and the label points at it.
    key = f"field-{entry.name}"
    mark = element("span", "必填", class_="required") if entry.required else ""
    label = element("label", escape(entry.name) + mark, for_=key)
    how = _HOW.get(entry.type, "")
    example = show_fact(entry, entry.example) if entry.type in _ROWS else example_text(entry)
    several = "\n" in example
    shown = (
        element("details", element("summary", "看示例") + element("pre", escape(example)))
        if several
        else element("p", f"例：{escape(example)}", class_="hint")
    )
    help_id = f"help-{entry.name}"
    hint = element("p", escape(f"{entry.help}{how}"), class_="hint", id=help_id)
    upload = _upload(entry) if entry.type is FieldType.PROPOSAL else ""
    return element(
        "div", label + hint + _control(entry, value, key, help_id) + upload + shown, class_="fact"
    )


def _upload(entry: Field) -> str:
    key = f"file-{entry.name}"
    label = element("label", f"或上传文件（{'、'.join(FORMATS)}），优先于上面的文字", for_=key)
    return element(
        "div",
        label + file_input(UPLOAD, id_=key),
    )


def _control(entry: Field, value: str, key: str, help_id: str) -> str:
    # Not `required`: what is not known yet may stay empty and is marked in the draft.
    common = attributes(id=key, name=entry.name, aria_describedby=help_id)
    if entry.type in _ROWS:
        rows = max(_ROWS[entry.type], min(value.count("\n") + 1, 20))
        return f'<textarea{common} rows="{rows}">\n{escape(value)}</textarea>'
    choices = ("是", "否") if entry.type is FieldType.YES_NO else entry.choices
    if choices:
        options = "".join(
            element("option", escape(choice) or "（不填）", value=choice, selected=choice == value)
            for choice in ("", *choices)
        )
        return f"<select{common}>{options}</select>"
    return f'<input type="text"{common}{attributes(value=value, autocomplete="off")}>'
