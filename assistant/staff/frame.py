"""The frame of every staff page: head, header with who is logged in, content, footer."""

from __future__ import annotations

from datetime import datetime
from html import escape

from assistant.drafting.reading import FORMATS
from assistant.staff.sessions import Session
from assistant.staff.workflow import Role
from assistant.web.gate import LARGEST_UPLOAD
from assistant.web.markup import attributes, element
from assistant.web.page import static_path

NAME = "公文起草与审签"
_WARNING = "内部工作页面：含内部文件，不得外传；涉密内容不得在本系统处理"
_PLACES = (("文稿", "/staff"), ("新建", "/staff/drafts/new"), ("查依据", "/staff/basis"), ("检查文件", "/staff/check"))  # fmt: skip


def render_staff_page(title: str, content: str, session: Session | None, path: str = "") -> str:
    """Return a whole page around content that is HTML already.

    Args:
        title: What the page is.
        content: HTML.
        session: Who is logged in; nobody on the login page.
        path: The address of the page, so that its link is marked.
    """
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        + element("title", escape(f"{title} - {NAME}"))
        + '<meta name="robots" content="noindex">'
        + '<link rel="icon" href="/static-web/icon.svg" type="image/svg+xml">'
        + f'<link rel="stylesheet" href="{escape(static_path("style.css"))}">'
        + f'<link rel="stylesheet" href="{escape(static_path("staff.css"))}">'
        + element("script", src=static_path("staff.js"), defer=True)
        + '</head><body class="staff">'
        + element("a", "跳到正文", href="#content", class_="skip")
        + _header(session, path)
        + element("main", content, id="content", tabindex="-1", class_="inner")
        + element(
            "footer",
            element(
                "div",
                element("p", "文稿由系统辅助起草，须经人工审核；系统不代替审核和签发。"),
                class_="inner",
            ),
            class_="site-footer",
        )
        + "</body></html>"
    )


def render_refusal(session: Session | None, message: str) -> str:
    """Return a page that says why something was not done, and leads back."""
    back = ("/staff", "回到文稿列表") if session else ("/staff/login", "回到登录页")
    return render_staff_page(
        "没有完成",
        element("h1", "没有完成")
        + element("p", escape(message), class_="warning", role="alert")
        + element("p", element("a", back[1], href=back[0])),
        session,
    )


def file_input(name: str, *, id_: str, **more: str | bool) -> str:
    """Return the input for one document; a browser says at once where a file is too large."""
    size = LARGEST_UPLOAD // 1024 // 1024
    given = attributes(
        type="file",
        id=id_,
        name=name,
        accept=",".join(FORMATS),
        data_largest=LARGEST_UPLOAD,
        data_too_large=f"文件超过 {size} MB，请换一份小些的：没有图片的副本，或只留正文。",
        **more,
    )
    return f"<input{given}>"


def form_start(session: Session, action: str, **more: str | None) -> str:
    """Return the opening of a form that posts, with the token of the session."""
    return (
        element("form", "", method="post", action=action, **more).removesuffix("</form>")
        + f'<input type="hidden" name="token" value="{escape(session.form_token)}">'
    )


def small_form(
    session: Session, action: str, label: str, fields: dict[str, object], *, primary: bool = False
) -> str:
    """Return a form that is one button."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(str(value))}">'
        for name, value in fields.items()
    )
    button = element(
        "button", escape(label), type="submit", class_="primary" if primary else "tool"
    )
    return form_start(session, action, class_="one-button") + hidden + button + "</form>"


def when(seconds: float) -> str:
    """Return a time as people here write it."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


def _header(session: Session | None, path: str) -> str:
    brand = element(
        "a",
        element("span", NAME, class_="brand-name")
        + element("span", "政务服务助手 · 工作人员", class_="brand-line"),
        href="/staff" if session else "/staff/login",
        class_="brand",
    )
    if session is None:
        return element("header", element("div", brand, class_="inner"), class_="site-header")
    managers = [("日志", "/staff/log")] if session.user.role is Role.MANAGER else []
    places = [*_PLACES, *managers]
    links = "".join(
        element(
            "li",
            element("a", label, href=href, aria_current="page" if href == path else None),
        )
        for label, href in places
    )
    who = element("span", escape(f"{session.user.name}（{session.user.role}）"), class_="who")
    return element(
        "header",
        element(
            "div",
            brand
            + element("nav", element("ul", links), aria_label="页面")
            + element(
                "div",
                who + small_form(session, "/staff/logout", "退出", {}),
                class_="staff-who",
            ),
            class_="inner",
        )
        + element("p", _WARNING, class_="internal"),
        class_="site-header",
    )
