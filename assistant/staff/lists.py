"""The plain pages of staff: login, list of drafts, kinds to choose from, the log, a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

from assistant.drafting.kinds import Kind
from assistant.staff.drafts import Case, Entry, Row
from assistant.staff.frame import render_staff_page, when
from assistant.staff.sessions import IDLE_SECONDS, Session
from assistant.staff.workflow import WRITERS, State
from assistant.web.markup import attributes, element


def render_login(message: str = "", name: str = "") -> str:
    """Return the login page."""
    told = (
        element("p", escape(message), class_="warning", role="alert", id="told") if message else ""
    )
    fields = (
        element("label", "用户名", for_="name")
        + f"<input{attributes(type='text', id='name', name='name', value=name, autocomplete='username', required=True, maxlength=40, autocapitalize='none', spellcheck='false', aria_describedby='told' if message else None)}>"
        + element("label", "密码", for_="password")
        + f"<input{attributes(type='password', id='password', name='password', autocomplete='current-password', required=True, maxlength=200)}>"
        + element("p", element("button", "登录", type="submit", class_="primary"), class_="buttons")
    )
    hint = f"{IDLE_SECONDS // 60} 分钟没有操作会自动退出。忘记密码或没有账号，请找本单位管理员。"
    content = (
        element("h1", "工作人员登录")
        + told
        + element("form", fields, method="post", action="/staff/login", class_="login-form")
        + element("p", hint, class_="hint")
    )
    return render_staff_page("登录", element("div", content, class_="login-box"), None)


def render_list(rows: Sequence[Row], session: Session) -> str:
    """Return the list of drafts with their states."""
    new = (
        element("a", "新建公文", href="/staff/drafts/new", class_="tool link-primary")
        if session.user.role in WRITERS
        else ""
    )
    check = element("a", "检查已有文件", href="/staff/check", class_="tool")
    counts = "".join(
        element("li", f"{state} {sum(row.state is state for row in rows)}") for state in State
    )
    head = element("h1", "文稿") + element("p", new + check, class_="buttons")
    if not rows:
        empty = element("p", "还没有文稿。选一个文种，填好事实，系统检索依据并排成公文格式。")
        return render_staff_page("文稿", head + empty, session, "/staff")
    body = "".join(
        element(
            "tr",
            element("td", element("a", escape(row.title), href=f"/staff/drafts/{row.id}"))
            + element("td", escape(row.kind), data_label="文种")
            + element("td", _state(row.state, row.reviewed), data_label="状态")
            + element("td", f"第 {row.version} 版", data_label="版本")
            + element("td", escape(row.owner), data_label="起草人")
            + element("td", when(row.updated), data_label="更新"),
        )
        for row in rows
    )
    heads = "".join(
        element("th", name, scope="col")
        for name in ("标题", "文种", "状态", "版本", "起草人", "更新")
    )
    table = element(
        "table",
        element("caption", "全部文稿，最近改动的在前", class_="unseen")
        + element("thead", element("tr", heads))
        + element("tbody", body),
        class_="list-table",
    )
    return render_staff_page(
        "文稿", head + element("ul", counts, class_="state-counts") + table, session, "/staff"
    )


def _state(state: State, reviewed: bool) -> str:
    word = "审核（已通过，待签发）" if state is State.REVIEW and reviewed else str(state)
    kind = {State.DRAFTING: "coming", State.REVIEW: "review", State.SIGNED: "valid"}[state]
    return element("span", escape(word), class_=f"badge badge-{kind}")


def render_kinds(kinds: Iterable[Kind], session: Session) -> str:
    """Return the kinds to choose from."""
    items = "".join(
        element(
            "li",
            element("a", escape(kind.name), href=f"/staff/drafts/new?kind={quote(kind.name)}")
            + element("p", escape(kind.summary), class_="hint"),
        )
        for kind in kinds
    )
    return render_staff_page(
        "新建",
        element("h1", "新建公文：选文种") + element("ul", items, class_="kinds"),
        session,
        "/staff/drafts/new",
    )


def render_log(entries: Sequence[Entry], session: Session) -> str:
    """Return the log of everything."""
    return render_staff_page(
        "日志",
        element("h1", "日志")
        + element("p", "只能添加，不能修改或删除；最近的在前。", class_="hint")
        + log_table(entries, with_draft=True),
        session,
        "/staff/log",
    )


def log_table(entries: Sequence[Entry], *, with_draft: bool = False) -> str:
    """Return lines of the log as a table."""
    rows = "".join(
        element(
            "tr",
            element("td", when(entry.time))
            + element("td", escape(entry.who), data_label="谁")
            + element("td", escape(entry.action), data_label="做了什么")
            + element("td", f"第 {entry.version} 版" if entry.version else "", data_label="版本")
            + element("td", escape(entry.note), data_label="说明")
            + (element("td", _link(entry.draft), data_label="文稿") if with_draft else ""),
        )
        for entry in entries
    )
    names = ["时间", "谁", "做了什么", "版本", "说明", *(["文稿"] if with_draft else [])]
    heads = "".join(element("th", name, scope="col") for name in names)
    return element(
        "table",
        element("caption", "日志", class_="unseen")
        + element("thead", element("tr", heads))
        + element("tbody", rows),
        class_="list-table",
    )


def _link(draft: str) -> str:
    return element("a", escape(draft), href=f"/staff/drafts/{quote(draft)}") if draft else ""


def render_comparison(case: Case, older: int, newer: int, difference: str, session: Session) -> str:
    """Return what changed between two versions, line by line."""
    lines = []
    for line in difference.splitlines():
        if line.startswith(("---", "@@")):
            continue
        if line.startswith("+++"):
            name = line.removeprefix("+++ ").partition(" ")[2]
            lines.append(element("h2", escape(name)))
        elif line.startswith("+"):
            lines.append(element("p", _changed("新增", "ins", line[1:]), class_="diff"))
        elif line.startswith("-"):
            lines.append(element("p", _changed("删去", "del", line[1:]), class_="diff"))
        else:
            lines.append(element("p", escape(line[1:]), class_="diff"))
    same = element("p", "两版正文、要素和附件都相同。")
    return render_staff_page(
        "比较",
        element("h1", f"第 {older} 版与第 {newer} 版")
        + element("p", element("a", escape(case.title), href=f"/staff/drafts/{case.id}"))
        + ("".join(lines) or same),
        session,
    )


def _changed(word: str, tag: str, text: str) -> str:
    return element("span", f"{word}：", class_="diff-word") + element(tag, escape(text))
