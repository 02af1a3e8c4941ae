"""The chat framework's page put into our frame, with nothing of the vendor's left in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from assistant.web.markup import element
from assistant.web.page import Frame, render_bottom, render_head, render_top, static_path
from assistant.web.suggestions import Topic, render_topics, render_welcome
from assistant.web.texts import language_of, load_texts

_VENDOR_META = re.compile(
    r'<meta\s+(?:property="og:|name="twitter:)[^>]*>|<link rel="manifest"[^>]*>|<title>[^<]*</title>'
)
_LANGUAGE = re.compile(r'<html\s+lang="en"')


def frame_chat(
    html: str, path: str, topics: Sequence[Topic], *, generated: bool, internal: bool
) -> str:
    """Return the framework's page in our frame.

    Args:
        html: the page as the framework makes it.
        path: the address it was asked for, which names the language.
        topics: questions to suggest.
        generated: whether a language model writes the answers.
        internal: whether internal documents are shown.
    """
    language = language_of(path)
    texts = load_texts(language)
    frame = Frame(texts, "/", "", generated=generated, internal=internal)
    head = render_head(frame) + element("script", src=static_path("chat.js"), defer=True)
    no_script = element(
        "noscript",
        element("p", escape(texts["no_script"]), class_="warning")
        + element("p", element("a", escape(texts["page_search"]), href=texts.path("/search"))),
    )
    waiting = element("p", escape(texts["loading"]), id="getting-ready", class_="hint")
    html = _LANGUAGE.sub(f'<html class="chat-page" lang="{language.tag}"', html, count=1)
    html = _VENDOR_META.sub("", html)
    html = html.replace("</head>", f"{head}</head>", 1)
    top = (
        render_top(frame)
        + '<main id="content" tabindex="-1" class="inner">'
        + element("div", render_welcome(texts), id="welcome")
        + element("section", id="conversation", aria_label=texts["conversation"])
        + no_script
        + waiting
    )
    html = re.sub(r"(<gradio-app\b)", lambda found: top + found[1], html, count=1)
    suggested = element("div", render_topics(topics, texts), id="suggested")
    bottom = f"</gradio-app>{suggested}</main>{render_bottom(frame)}"
    return html.replace("</gradio-app>", bottom, 1)
