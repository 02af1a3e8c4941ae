"""The page of one draft: preview, findings, steps, sections, basis, versions, export, log."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape

from assistant.drafting.document import OfficialDocument
from assistant.drafting.draft import Basis, Draft
from assistant.drafting.pdf import find_libreoffice
from assistant.drafting.rules.engine import Finding
from assistant.staff.drafts import Case, Entry
from assistant.staff.frame import form_start, render_staff_page, small_form, when
from assistant.staff.lists import log_table
from assistant.staff.preview import passage_path, render_paper
from assistant.staff.sessions import Session
from assistant.staff.workflow import WRITERS, State, Step, steps_for
from assistant.web.markup import element

FIRST_PAGES = 2  # pages whose pictures are fetched at once; the others as they come into view


def render_draft(
    case: Case,
    document: OfficialDocument,
    findings: Sequence[Finding],
    entries: Sequence[Entry],
    session: Session,
    *,
    internal: Collection[str] = (),
) -> str:
    """Return the page of a draft; `internal` are the ids of basis documents that are internal."""
    draft, writes = case.latest, session.user.role in WRITERS
    side = (
        _findings(findings)
        + _gaps(draft)
        + (_sections(case, session) if writes else "")
        + _basis(draft, internal)
        + _versions(case)
        + _exports(case, session)
    )
    return render_staff_page(
        case.title,
        element("h1", escape(case.title))
        + _steps(case, session, writes)
        + element(
            "div",
            element(
                "div",
                _views(case, "text") + render_paper(document, draft, findings),
                class_="preview-column",
            )
            + element("div", side, class_="panel"),
            class_="with-panel draft-layout",
        )
        + element("h2", "经过")
        + log_table(entries),
        session,
    )


def render_pages(case: Case, count: int, session: Session) -> str:
    """Return the pages of a draft as they print, one under the other; `count` is 0 without them."""
    path = f"/staff/drafts/{case.id}/pages"
    version = case.progress.version
    pictures = "".join(
        element(
            "li",
            element("p", f"第 {number} 页，共 {count} 页", class_="hint")
            # The version in the address, so that no page of an older one is shown.
            + f'<img src="{path}/{number}?version={version}" alt="第 {number} 页的版面"'
            + f' loading="{"lazy" if number > FIRST_PAGES else "eager"}">',
        )
        for number in range(1, count + 1)
    )
    told = (
        element("ol", pictures, class_="printed-pages")
        if count
        else element("p", "这台机器没有安装 LibreOffice，看不到分页的版面。", class_="warning")
    )
    hint = element(
        "p", "按导出的 .docx 排版：A4，每页 22 行、每行 28 字。字体以本机有的代替。", class_="hint"
    )
    return render_staff_page(
        f"版面：{case.title}",
        element("h1", escape(case.title)) + _views(case, "pages") + hint + told,
        session,
    )


def _views(case: Case, shown: str) -> str:
    links = (
        ("text", "逐行（有出处和问题）", f"/staff/drafts/{case.id}"),
        ("pages", "打印版面（分页）", f"/staff/drafts/{case.id}/pages"),
    )
    items = "".join(
        element(
            "li", element("a", label, href=href, aria_current="page" if name == shown else None)
        )
        for name, label, href in links
        if name == "text" or find_libreoffice()
    )
    return element("nav", element("ul", items), class_="views", aria_label="预览方式")


def render_findings(findings: Sequence[Finding]) -> str:
    """Return findings one by one: where, what, why and how to mend it."""
    items = []
    for finding in findings:
        where = f"第 {finding.line} 行" if finding.line else "全文"
        words = f"“{finding.words}”" if finding.words else ""
        place = element("a", where, href=f"#line-{finding.line}") if finding.line else escape(where)
        level = element(
            "span",
            str(finding.level),
            class_=f"badge badge-{'ended' if finding.blocking else 'coming'}",
        )
        items.append(
            element(
                "li",
                element("p", level + " " + place + escape(words))
                + element("p", escape(finding.message))
                + element("p", escape(f"改法：{finding.fix}"))
                + element("p", escape(f"{finding.rule}　{finding.source}"), class_="hint"),
            )
        )
    return element("ol", "".join(items), class_="findings")


def _findings(findings: Sequence[Finding]) -> str:
    blocking = sum(finding.blocking for finding in findings)
    told = (
        f"共 {len(findings)} 处，其中属“规定”的 {blocking} 处。"
        if findings
        else "没有发现问题；仍须人工审核。"
    )
    return _box("检查结果", element("p", told) + (render_findings(findings) if findings else ""))


def _gaps(draft: Draft) -> str:
    notes = [*draft.notes, *(note for section in draft.sections for note in section.notes)]
    if not draft.missing and not notes:
        return ""
    missing = element("p", f"待补：{escape('、'.join(draft.missing))}") if draft.missing else ""
    items = "".join(element("li", escape(note)) for note in notes)
    return _box("待补和提醒", missing + (element("ul", items) if items else ""))


def _steps(case: Case, session: Session, writes: bool) -> str:
    progress = case.progress
    now = str(progress.state)
    if progress.state is State.REVIEW:
        now = "审核（已通过，待签发）" if progress.reviewed else "审核（待审核）"
    track = "".join(
        element("li", state, aria_current="step" if state is progress.state else None)
        for state in State
    )
    action = f"/staff/drafts/{case.id}/state"
    forms = []
    for step in steps_for(progress, session.user.name, session.user.role):
        fields: dict[str, object] = {"step": step, "version": progress.version}
        if step is Step.RETURN:
            forms.append(
                form_start(session, action, class_="return-form")
                + f'<input type="hidden" name="step" value="{step}">'
                + f'<input type="hidden" name="version" value="{progress.version}">'
                + element("label", "退回理由", for_="return-note")
                + '<input type="text" id="return-note" name="note" maxlength="300" required>'
                + element("button", str(step), type="submit", class_="tool")
                + "</form>"
            )
        else:
            primary = step in (Step.SUBMIT, Step.APPROVE, Step.SIGN)
            forms.append(small_form(session, action, str(step), fields, primary=primary))
    edit = (
        element("a", "修改事实", href=f"/staff/drafts/{case.id}/edit", class_="tool")
        if writes
        else ""
    )
    warning = (
        element("p", "本稿已签发：实质修改会使它退回审核，须重新审核和签发。", class_="hint")
        if progress.state is State.SIGNED and writes
        else ""
    )
    return (
        element("ol", track, class_="track", aria_label="流程")
        + element(
            "p",
            escape(f"现在：{now}　第 {progress.version} 版　起草人 {progress.owner}"),
            class_="now",
        )
        + element("div", edit + "".join(forms), class_="buttons")
        + warning
    )


def _sections(case: Case, session: Session) -> str:
    items = []
    for place, section in enumerate(case.latest.sections):
        fields: dict[str, object] = {"section": section.name, "based_on": case.progress.version}
        again = small_form(session, f"/staff/drafts/{case.id}/sections", "重写", fields)
        author = "模板" if section.written_by == "template" else section.written_by
        key = f"section-{place}"
        by_hand = (
            form_start(session, f"/staff/drafts/{case.id}/sections")
            + f'<input type="hidden" name="section" value="{escape(section.name)}">'
            + f'<input type="hidden" name="based_on" value="{case.progress.version}">'
            + element("label", f"{escape(section.name)}的文字，一段一行", for_=key)
            + f'<textarea id="{key}" name="text" rows="6">\n'
            + escape("\n".join(section.paragraphs))
            + "</textarea>"
            + element("button", "存为新版", type="submit", class_="tool")
            + "</form>"
        )
        items.append(
            element(
                "li",
                element(
                    "div",
                    element("p", element("strong", escape(section.name)) + escape(f"（{author}）"))
                    + again,
                    class_="section-head",
                )
                + element("details", element("summary", "手工修改") + by_hand),
            )
        )
    hint = element("p", "只重写一部分，其余部分不动；旧版都留着。", class_="hint")
    return _box("各部分", hint + element("ul", "".join(items), class_="sections"))


def _basis(draft: Draft, internal: Collection[str]) -> str:
    items = "".join(_basis_item(basis, basis.document_id in internal) for basis in draft.basis)
    quoted = [b.name for b in draft.basis if b.chosen and b.document_id in internal]
    warning = (
        element(
            "p",
            escape(f"引用了内部文件{'、'.join(quoted)}，对外发文前请核对能否公开。"),
            class_="warning",
        )
        if quoted
        else ""
    )
    blocked = "".join(
        element("li", "✕ " + escape(entry.sentence()), class_="blocked") for entry in draft.blocked
    )
    if not items and not blocked:
        return _box("依据", element("p", "没有引用依据。"))
    hint = element("p", "要改引用，在“修改事实”的“依据”里写文号或标题。", class_="hint")
    return _box("依据", warning + hint + element("ul", items + blocked, class_="basis-list"))


def _basis_item(basis: Basis, internal: bool) -> str:
    mark = element("span", "内部", class_="badge badge-internal") if internal else ""
    href = passage_path(basis.document_id, basis.start, basis.end)
    used = "已引用" if basis.chosen else "可选用"
    return element(
        "li",
        element(
            "p",
            element("strong", used)
            + " "
            + element("a", escape(f"{basis.name}{basis.locator}"), href=href)
            + element("span", escape(basis.status), class_="badge badge-valid")
            + mark,
        )
        + (
            element("p", escape(basis.quote), class_="quoted")
            if basis.quote
            else element("p", "没有合适的一句可以摘录，只引名称和条款。", class_="hint")
        ),
    )


def _versions(case: Case) -> str:
    items = []
    for draft, author, saved in zip(case.history.versions, case.authors, case.saved, strict=True):
        what = f"重写“{draft.changed}”" if draft.changed else "整篇"
        number = draft.version
        link = (
            element(
                "a",
                f"与第 {number - 1} 版比较",
                href=f"/staff/drafts/{case.id}/compare?older={number - 1}&newer={number}",
            )
            if number > 1
            else ""
        )
        items.append(
            element("li", escape(f"第 {number} 版　{what}　{author}　{when(saved)}　") + link)
        )
    choose = ""
    if len(items) > 2:
        choose = element(
            "form",
            _version_choice(case, "older", "旧版", 1)
            + _version_choice(case, "newer", "新版", case.progress.version)
            + element("button", "比较", type="submit", class_="tool"),
            method="get",
            action=f"/staff/drafts/{case.id}/compare",
            class_="compare-form",
        )
    return _box("版本", element("ul", "".join(reversed(items)), class_="version-list") + choose)


def _version_choice(case: Case, name: str, label: str, chosen: int) -> str:
    options = "".join(
        element(
            "option",
            f"第 {draft.version} 版",
            value=draft.version,
            selected=draft.version == chosen,
        )
        for draft in case.history.versions
    )
    return element("label", label, for_=f"compare-{name}") + element(
        "select", options, name=name, id=f"compare-{name}"
    )


def _exports(case: Case, session: Session) -> str:
    action = f"/staff/drafts/{case.id}/export"
    suffixes = [".docx", ".md", *([".pdf"] if find_libreoffice() else [])]
    forms = "".join(
        small_form(session, action, f"导出 {suffix}", {"format": suffix}) for suffix in suffixes
    )
    final = ""
    if case.progress.state is State.SIGNED:
        fields: dict[str, object] = {"format": ".docx", "final": "1"}
        final = element(
            "p", "定稿不带页眉的显式 AI 标识，元数据标识保留；操作记入日志。", class_="hint"
        ) + small_form(session, action, "导出定稿 .docx", fields)
    return _box("导出", element("div", forms, class_="buttons") + final)


def _box(heading: str, content: str) -> str:
    return element("section", element("h2", heading) + content, class_="side-box")
