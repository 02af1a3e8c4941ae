"""The chat page: its boxes and buttons, wired to the conversation; presentation only."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from typing import Any

import gradio as gr
from fastapi import FastAPI

from assistant.api import create_app
from assistant.screening import MAX_QUESTION
from assistant.staff.desk import StaffDesk
from assistant.staff.routes import staff_pages
from assistant.web.chat import State, converse, read_asked
from assistant.web.chat_page import frame_chat
from assistant.web.desk import Desk
from assistant.web.gate import Application, Gate
from assistant.web.markup import element
from assistant.web.texts import Language, Texts, load_texts
from corpus.errors import CorpusError

AT_ONCE = 40  # questions in work; a model's own queue stands behind it
WAITING = 400  # questions that may wait before one is turned away

# The page sends the conversation that the browser keeps along with each question.
_SEND = "(question, history, turn) => window.assistantPage.send(question)"
_log = logging.getLogger(__name__)
_RECEIVE = "watch('value', () => window.assistantPage.receive(props.value));"


def build(desk: Desk, language: Language = Language.CHINESE) -> gr.Blocks:
    """Return the chat page in one language."""
    texts = load_texts(language)
    page = gr.Blocks(title=texts["name"], analytics_enabled=False, fill_width=True)
    with page:
        with gr.Column(elem_id="composer"):
            question = gr.Textbox(
                label=texts["question"],
                placeholder=texts["question_hint"],
                lines=1,
                max_lines=6,
                max_length=MAX_QUESTION,
                elem_id="question",
            )
            gr.HTML(_below_the_box(texts), js_on_load=None, apply_default_css=False)
            with gr.Row(elem_id="composer-buttons"):
                ask = gr.Button(texts["ask"], variant="primary", elem_id="ask")
                stop = gr.Button(texts["stop"], variant="stop", elem_id="stop")
                gr.Button(texts["new_conversation"], elem_id="clear")
        history = gr.JSON(visible=False)
        turn = gr.Textbox(visible=False)
        update = gr.HTML(
            html_template="<span></span>",
            visible="hidden",
            js_on_load=_RECEIVE,
            apply_default_css=False,
        )

        def answer_question(
            written: str, kept: Any, name: str, request: gr.Request
        ) -> Iterator[tuple[str, Any]]:
            asked = read_asked(
                written,
                kept,
                name,
                session=str(request.session_hash),
                client=request.client.host if request.client else "",
            )
            for shown in converse(asked, desk, texts, day=date.today()):
                emptied = gr.skip() if shown.state is State.REFUSED else ""
                yield shown.as_json(), emptied

        def stop_question(request: gr.Request) -> None:
            desk.pending.stop(str(request.session_hash))

        gr.on(
            [ask.click, question.submit],
            answer_question,
            inputs=[question, history, turn],
            outputs=[update, question],
            js=_SEND,
            api_visibility="private",
            show_progress="hidden",
            concurrency_limit=AT_ONCE,
        )
        stop.click(
            stop_question,
            api_visibility="private",
            show_progress="hidden",
            concurrency_limit=None,
        )
        page.unload(stop_question)
    page.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE)
    return page


def web_application(desk: Desk, staff: StaffDesk | None = None) -> Application:
    """Return everything that is served: interface, pages, chat in both languages, staff pages."""
    app: FastAPI = create_app(desk)
    if staff is not None:
        app.include_router(staff_pages(staff))
    for language in sorted(Language, key=lambda one: one.prefix, reverse=True):
        app = gr.mount_gradio_app(
            app,
            build(desk, language),
            path=language.prefix or "/",
            footer_links=[],
            run_history=False,
            show_error=False,
            enable_monitoring=False,
            ssr_mode=False,
            mcp_server=False,
            pwa=False,
            max_file_size=0,
            theme=_theme(),
        )

    def framed(html: str, path: str) -> str:
        try:
            topics = desk.topics()
        except CorpusError:
            topics = []  # the banner says that the service is out
        except Exception:
            # The page must come up whatever is broken behind it.
            _log.exception("no questions to suggest")
            topics = []
        return frame_chat(html, path, topics, generated=desk.generated, internal=desk.internal)

    return Gate(app, frame_chat=framed)


def _theme() -> gr.themes.Base:
    fonts = [
        "PingFang SC",
        "Hiragino Sans GB",
        "Microsoft YaHei",
        "Noto Sans CJK SC",
        "Source Han Sans SC",
        "sans-serif",
    ]
    return gr.themes.Base(font=fonts, font_mono=["ui-monospace", "Consolas", "monospace"])


def _below_the_box(texts: Texts) -> str:
    return (
        element("p", texts["question_help"], class_="hint", id="question-help")
        + element("p", "", class_="hint", id="counter")
        + element("p", "", class_="refused", id="refused", role="alert")
    )
