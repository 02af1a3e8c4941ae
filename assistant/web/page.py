"""The frame of every page: head, header with its switches, banner, footer, drawer and dialogs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path

from assistant.web.answers import REASONS
from assistant.web.markup import element
from assistant.web.texts import Texts

STATIC = Path(__file__).parent / "static"
_NAVIGATION = (("page_ask", "/"), ("page_search", "/search"), ("page_terms", "/terms"))
# Texts that the scripts show by themselves.
_SCRIPT_TEXTS = (
    "elder_on", "elder_off", "outage", "offline", "copied", "copy_failed", "read_aloud",
    "stop_reading", "no_speech", "thanks", "feedback_failed", "passage_failed", "counter",
    "empty_question", "clear_sure", "loading", "interrupted",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame of a page depends on: language, place, and what kind of service this is.

    `path` is the page's address without its language; `generated` says that a language model
    writes here; `internal` that internal documents are shown.
    """

    texts: Texts
    path: str
    title: str
    generated: bool = False
    internal: bool = False

    @property
    def notice(self) -> str:
        """The sentence that stands on every page of answers."""
        return self.texts["notice_model" if self.generated else "notice_extract"]


@cache
def static_path(name: str) -> str:
    """Return the address of a static file; it changes when the file does."""
    return f"/static-web/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def render_head(frame: Frame) -> str:
    """Return what stands in the head of a page beside charset and viewport."""
    title = frame.title or frame.texts["name"]
    shown = title if title == frame.texts["name"] else f"{title} - {frame.texts['name']}"
    return (
        element("title", escape(shown))
        + '<meta name="robots" content="noindex">'
        + '<link rel="icon" href="/static-web/icon.svg" type="image/svg+xml">'
        + f'<link rel="stylesheet" href="{escape(static_path("style.css"))}">'
        # Before the first paint, so that large type does not jump into place.
        + element("script", src=static_path("early.js"))
        + element("script", src=static_path("page.js"), defer=True)
    )


def render_top(frame: Frame) -> str:
    """Return what stands above the content: skip link, header, banners."""
    texts = frame.texts
    links = "".join(
        element(
            "li",
            element(
                "a",
                escape(texts[key]),
                href=texts.path(path),
                aria_current="page" if path == frame.path else None,
            ),
        )
        for key, path in _NAVIGATION
    )
    other = texts.language.other
    switches = element(
        "button", escape(texts["elder_on"]), type="button", id="elder-switch", aria_pressed="false"
    ) + element(
        "a",
        escape(texts["other_language"]),
        href=f"{other.prefix}{frame.path}" or "/",
        lang=other.tag,
        hreflang=other.tag,
        id="language-switch",
    )
    brand = element(
        "a",
        element("span", escape(texts["name"]), class_="brand-name")
        + element("span", escape(texts["tagline"]), class_="brand-line"),
        href=texts.path("/"),
        class_="brand",
    )
    header = element(
        "header",
        element(
            "div",
            brand
            + element("nav", element("ul", links), aria_label=texts["pages"])
            + element("div", switches, class_="switches"),
            class_="inner",
        ),
        class_="site-header",
    )
    internal = element("p", escape(texts["internal"]), class_="internal") if frame.internal else ""
    notice = element("p", escape(frame.notice), class_="standing-notice", role="note")
    outage = element("div", "", id="outage", role="alert", class_="outage", hidden=True)
    return (
        element("a", escape(texts["skip"]), href="#content", class_="skip")
        + header
        + notice
        + internal
        + outage
    )


def render_bottom(frame: Frame) -> str:
    """Return what stands below the content: notice, footer, drawer, dialogs, script texts."""
    texts = frame.texts
    footer = element(
        "footer",
        element(
            "div",
            element("p", escape(texts["footer"]))
            + element("p", element("a", escape(texts["footer_terms"]), href=texts.path("/terms"))),
            class_="inner",
        ),
        class_="site-footer",
    )
    data = json.dumps(
        {key: texts[key] for key in _SCRIPT_TEXTS} | {"prefix": texts.language.prefix},
        ensure_ascii=False,
    ).replace("<", "\\u003c")
    return (
        footer
        + _drawer(texts)
        + _feedback_dialog(texts)
        + _order_dialog(texts)
        + element("div", "", id="announcer", role="status", aria_live="polite", class_="unseen")
        + element("script", data, type="application/json", id="script-texts")
    )


def render_page(frame: Frame, content: str) -> str:
    """Return a whole page around content that is HTML already."""
    return (
        f'<!doctype html><html lang="{frame.texts.language.tag}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{render_head(frame)}</head><body>{render_top(frame)}"
        f"{element('main', content, id='content', tabindex='-1', class_='inner')}"
        f"{render_bottom(frame)}</body></html>"
    )


def render_message(frame: Frame, message: str) -> str:
    """Return a page that says one thing and leads back."""
    texts = frame.texts
    back = element("a", escape(texts["back_home"]), href=texts.path("/"))
    search = element("a", escape(texts["page_search"]), href=texts.path("/search"))
    return render_page(
        frame,
        element("h1", escape(frame.title))
        + element("p", escape(message))
        + element("p", f"{back} {search}", class_="source-links"),
    )


def _drawer(texts: Texts) -> str:
    heading = element("h2", escape(texts["passage_title"]), id="drawer-title", tabindex="-1")
    close = element("button", escape(texts["close"]), type="button", class_="tool", data_close=True)
    return element(
        "dialog",
        element("div", heading + close, class_="drawer-head")
        + element("div", "", class_="drawer-body", id="drawer-body"),
        id="drawer",
        class_="drawer",
        aria_labelledby="drawer-title",
    )


def _feedback_dialog(texts: Texts) -> str:
    reasons = "".join(
        element(
            "label",
            f'<input type="checkbox" name="reason" value="{reason}">'
            + element("span", escape(texts[f"reason_{reason}"])),
            class_="choice",
        )
        for reason in REASONS
    )
    return element(
        "dialog",
        element("h2", escape(texts["feedback_title"]), id="feedback-title", tabindex="-1")
        + element(
            "form",
            element(
                "fieldset",
                element("legend", escape(texts["feedback_reasons"])) + reasons,
            )
            + element("label", escape(texts["feedback_comment"]), for_="feedback-comment")
            + element("textarea", "", id="feedback-comment", maxlength="300", rows="3")
            + element("p", escape(texts["feedback_stored"]), class_="hint")
            + element(
                "p",
                element("button", escape(texts["submit"]), type="submit", class_="primary")
                + element(
                    "button", escape(texts["cancel"]), type="button", class_="tool", data_close=True
                ),
                class_="buttons",
            ),
            method="dialog",
            id="feedback-form",
        ),
        id="feedback",
        class_="box",
        aria_labelledby="feedback-title",
    )


def _order_dialog(texts: Texts) -> str:
    return element(
        "dialog",
        element("h2", escape(texts["order_title"]), id="order-title", tabindex="-1")
        + element("p", escape(texts["order_help"]), class_="hint")
        + element("label", escape(texts["order_text"]), for_="order-text")
        + element("textarea", "", id="order-text", rows="12", lang="zh-CN")
        + element(
            "p",
            element(
                "button",
                escape(texts["order_copy"]),
                type="button",
                class_="primary",
                id="order-copy",
            )
            + element("a", "12345", class_="tool phone", href="tel:12345")
            + element(
                "button", escape(texts["close"]), type="button", class_="tool", data_close=True
            ),
            class_="buttons",
        ),
        id="order",
        class_="box",
        aria_labelledby="order-title",
    )
