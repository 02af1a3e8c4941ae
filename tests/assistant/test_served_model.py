"""A model behind an OpenAI-compatible server of our own: stream, errors, cancel."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from assistant.chat_model import ChatModel
from assistant.errors import ModelError
from assistant.runtime import open_model
from assistant.settings import ModelSettings

MESSAGES: list[BaseMessage] = [SystemMessage("守则"), HumanMessage("问题")]
Serve = Callable[[str], ChatModel]


class Handler(BaseHTTPRequestHandler):
    """Answers as the model's name says; remembers what it was sent."""

    seen: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append({**body, "key": self.headers.get("Authorization")})  # type: ignore[attr-defined]
        name = body["model"]
        codes = {"missing": 404, "refusing": 400, "strict": 422, "old": 400}
        strict = name in ("strict", "old") and "chat_template_kwargs" not in body
        code = 200 if strict else codes.get(name, 200)
        self.send_response(code)
        self.end_headers()
        if code != 200:
            self.wfile.write(b'{"error": "no such model"}')
        elif name == "page":
            self.wfile.write(b"data: <html>\n\n")
        elif name == "failing":
            self.wfile.write(b'data: {"error": {"message": "out of memory"}}\n\n')
        elif name == "silent":
            self.wfile.flush()
            time.sleep(3)
        else:
            for text in ("您好", "，", "请讲。"):
                event = {"choices": [{"delta": {"content": text}}]}
                self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
            self.wfile.write(b'data: {"choices": []}\n\ndata: [DONE]\n\n')

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving.daemon_threads = True
    serving.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield serving
    serving.shutdown()
    thread.join()
    serving.server_close()


def opened(server: ThreadingHTTPServer, name: str, **settings: Any) -> ChatModel:
    model = open_model(
        f"http://127.0.0.1:{server.server_address[1]}/v1#{name}", ModelSettings(**settings)
    )
    assert model is not None
    return model


def test_streams(server: ThreadingHTTPServer, never: threading.Event) -> None:
    model = opened(server, "good", api_key="secret")
    pieces = list(
        model.stream(MESSAGES, max_tokens=9, cancelled=never, json_schema={"type": "object"})
    )
    assert [p for p in pieces if p] == ["您好", "，", "请讲。"]
    assert model.queue is None  # a server queues by itself
    sent = server.seen[0]  # type: ignore[attr-defined]
    assert sent["messages"] == [
        {"role": "system", "content": "守则"},
        {"role": "user", "content": "问题"},
    ]
    assert sent["stream"] and sent["max_tokens"] == 9 and sent["key"] == "Bearer secret"
    assert sent["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert sent["chat_template_kwargs"] == {"enable_thinking": False}


@pytest.mark.parametrize(("name", "again"), [("old", False), ("strict", False), ("refusing", True)])
def test_a_server_that_cannot_forbid_thinking_is_asked_without(
    name: str, again: bool, server: ThreadingHTTPServer, never: threading.Event
) -> None:
    model = opened(server, name)
    for _ in range(2):
        with pytest.raises(ModelError, match="400") if again else nullcontext():
            pieces = list(model.stream(MESSAGES, max_tokens=9, cancelled=never))
            assert "".join(pieces) == "您好，请讲。"
    told = ["chat_template_kwargs" in sent for sent in server.seen]  # type: ignore[attr-defined]
    # What refuses everything has not shown that it minds that word.
    assert told == ([True, False] * 2 if again else [True, False, False])


@pytest.mark.parametrize(
    ("name", "says"), [("missing", "404"), ("page", "不是对话流"), ("failing", "out of memory")]
)
def test_a_bad_reply_is_one_sentence(
    name: str, says: str, server: ThreadingHTTPServer, never: threading.Event
) -> None:
    with pytest.raises(ModelError, match=says):
        list(opened(server, name).stream(MESSAGES, max_tokens=9, cancelled=never))


def test_a_silent_server_is_given_up(server: ThreadingHTTPServer, never: threading.Event) -> None:
    model = opened(server, "silent", timeout_seconds=0.3)
    with pytest.raises(ModelError, match="没有按时答复"):
        list(model.stream(MESSAGES, max_tokens=9, cancelled=never))


def test_nobody_there_is_said(never: threading.Event) -> None:
    model = open_model("http://127.0.0.1:9/v1#any")
    assert model is not None
    with pytest.raises(ModelError, match="无法连接"):
        list(model.stream(MESSAGES, max_tokens=9, cancelled=never))


def test_cancelling_does_not_wait_for_a_silent_server(server: ThreadingHTTPServer) -> None:
    cancelled = threading.Event()
    threading.Timer(0.3, cancelled.set).start()
    started = time.monotonic()
    list(opened(server, "silent").stream(MESSAGES, max_tokens=9, cancelled=cancelled))
    assert time.monotonic() - started < 1.3


def test_a_long_prompt_is_packed(server: ThreadingHTTPServer, never: threading.Event) -> None:
    model = opened(server, "good", context_tokens=600)
    list(model.stream([HumanMessage("长" * 5000)], max_tokens=100, cancelled=never))
    assert len(server.seen[0]["messages"][0]["content"]) < 500  # type: ignore[attr-defined]
