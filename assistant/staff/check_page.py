"""The page where a file is dropped and its findings are seen beside its text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from assistant.drafting.reading import FORMATS, ReadDocument
from assistant.drafting.rules.engine import Finding
from assistant.staff.draft_page import render_findings
from assistant.staff.frame import file_input, form_start, render_staff_page
from assistant.staff.preview import render_lines
from assistant.staff.sessions import Session
from assistant.web.gate import LARGEST_UPLOAD
from assistant.web.markup import element

MEND = "mend"  # the button that asks for a mended copy instead of the findings


def render_check(
    session: Session,
    *,
    name: str = "",
    document: ReadDocument | None = None,
    findings: Sequence[Finding] = (),
    message: str = "",
    citations: bool = True,
) -> str:
    """Return the page with its form, and below it what was found in a file.

    Args:
        session: Who asks.
        name: The name of the file.
        document: What was read; nothing before a file is sent.
        findings: What was found in it.
        message: Why the file could not be checked, or there is no copy.
        citations: Whether quoted documents could be held against the corpus.
    """
    told = element("p", escape(message), class_="warning", role="alert") if message else ""
    return render_staff_page(
        "检查文件",
        element("h1", "检查文件")
        + _form(session)
        + told
        + (_result(name, document, findings, citations) if document else ""),
        session,
        "/staff/check",
    )


def _form(session: Session) -> str:
    size = LARGEST_UPLOAD // 1024 // 1024
    return (
        form_start(session, "/staff/check", enctype="multipart/form-data", class_="check-form")
        + element("label", "把文件拖到这里，或选择文件", for_="file")
        + file_input("file", id_="file", required=True, aria_describedby="file-help")
        + element(
            "p",
            f"{'、'.join(FORMATS)}，不超过 {size} MB。文件只在内存里检查，不保存；涉密文件不得上传。",
            class_="hint",
            id="file-help",
        )
        + element(
            "p",
            element("button", "检查", type="submit", class_="primary")
            + element(
                "button", "下载改好的副本", type="submit", name=MEND, value="1", class_="tool"
            ),
            class_="buttons",
        )
        + "</form>"
    )


def _result(name: str, document: ReadDocument, findings: Sequence[Finding], citations: bool) -> str:
    blocking = sum(finding.blocking for finding in findings)
    told = (
        f"共 {len(findings)} 处，其中属“规定”的 {blocking} 处。"
        if findings
        else "没有发现问题；仍须人工审核。"
    )
    mechanical = sum(bool(finding.edits) for finding in findings)
    if mechanical:
        told += (
            f"其中 {mechanical} 处能机械改正：在上面再选一次文件，点“下载改好的副本”；"
            "其余须人工修改。"
        )
    elif findings:
        told += "没有能机械改正的，须人工修改。"
    facts = f"{name}　文种：{document.kind or '未识别'}"
    held = "" if citations else element("p", "资料库打不开，未核对所引文件。", class_="warning")
    return (
        element("h2", "检查结果", id="result")
        + element("p", escape(facts))
        + held
        + element(
            "div",
            element("div", render_lines(document.lines, findings=findings), class_="preview-column")
            + element(
                "div",
                element("p", told) + (render_findings(findings) if findings else ""),
                class_="panel",
            ),
            class_="with-panel draft-layout",
        )
    )
