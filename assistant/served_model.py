"""A chat model behind an OpenAI-compatible `/v1/chat/completions` (llama-server, vLLM, …)."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
from langchain_core.messages import BaseMessage
from pydantic import PrivateAttr

from assistant.context import Message, fit
from assistant.errors import ModelError
from assistant.runtime import StreamedChatModel, plain_messages
from assistant.settings import ModelSettings

CONNECT_SECONDS = 5.0
# Qwen3 thinks aloud unless told not to, and may think its whole budget away (as in runtime.py).
NO_THINKING = {"chat_template_kwargs": {"enable_thinking": False}}
UNKNOWN_FIELD = (400, 422)  # how servers refuse a field that they do not know


class ServedChat(StreamedChatModel):
    """A model on a server, which queues and batches by itself."""

    url: str
    name: str
    settings: ModelSettings
    _may_forbid_thinking: bool = PrivateAttr(default=True)

    @property
    def _llm_type(self) -> str:
        return "openai-compatible"

    def count_tokens(self, text: str) -> int:
        """Return an upper estimate: a Chinese character is one token, Latin letters fewer."""
        return len(text)

    def pieces(
        self, messages: list[BaseMessage], stop: list[str] | None = None, **options: Any
    ) -> Iterator[str]:
        """Yield the reply; `cancelled` closes the connection, which stops the server as well.

        Options: `max_tokens`, `cancelled`, `json_schema`, `temperature` as for a local model.
        """
        max_tokens = int(options.get("max_tokens") or self.settings.max_tokens)
        room = self.settings.context_tokens - max_tokens
        fitted = fit(plain_messages(messages), room, self._count)
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [{"role": m.role, "content": m.text} for m in fitted],
            "stream": True,
            "max_tokens": max_tokens,
            "temperature": float(options.get("temperature") or 0.0),
        }
        if stop:
            body["stop"] = list(stop)
        if options.get("json_schema"):
            schema = {"name": "reply", "schema": options["json_schema"], "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        cancelled = options.get("cancelled") or threading.Event()
        try:
            yield from self._without_thinking(body, cancelled)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            if not cancelled.is_set():
                raise ModelError(
                    f"语言模型服务 {self.url} {_reason(error)}；请确认服务在运行、地址和模型名无误"
                ) from error

    def _without_thinking(self, body: dict[str, Any], cancelled: threading.Event) -> Iterator[str]:
        """Ask for no thinking; a server that answers only without that word is not told it again."""
        if self._may_forbid_thinking:
            try:
                yield from self._pieces(body | NO_THINKING, cancelled)
                return
            except _RefusedError:
                pass  # it may have been that word, or anything else: the next reply tells
        for piece in self._pieces(body, cancelled):
            self._may_forbid_thinking = False
            yield piece

    def _pieces(self, body: dict[str, Any], cancelled: threading.Event) -> Iterator[str]:
        headers = {}
        if self.settings.api_key:
            headers["Authorization"] = f"Bearer {self.settings.api_key}"
        timeout = httpx.Timeout(self.settings.timeout_seconds, connect=CONNECT_SECONDS)
        with (
            httpx.Client(headers=headers, timeout=timeout, trust_env=False) as client,
            client.stream("POST", f"{self.url}/chat/completions", json=body) as response,
            _closed_when(cancelled, response),
        ):
            if not response.is_success:
                detail = response.read().decode("utf-8", "replace")[:200]
                kind = _RefusedError if response.status_code in UNKNOWN_FIELD else ModelError
                raise kind(
                    f"语言模型服务 {self.url} 答复 {response.status_code}（{detail!r}）；"
                    f"请核对模型名 {self.name!r} 和密钥"
                )
            for line in response.iter_lines():
                if cancelled.is_set() or line.strip() == "data: [DONE]":
                    return
                if line.startswith("data:"):
                    yield self._delta(line[5:])

    def _delta(self, data: str) -> str:
        try:
            event = json.loads(data)
            if "error" in event:
                raise ModelError(f"语言模型服务 {self.url} 报错：{str(event['error'])[:200]}")
            choices = event["choices"]
            return str(choices[0]["delta"].get("content") or "") if choices else ""
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise ModelError(
                f"语言模型服务 {self.url} 返回的不是对话流（{data[:100]!r}）；请核对地址"
            ) from error

    def _count(self, messages: Sequence[Message]) -> int:
        return sum(self.count_tokens(message.text) + 8 for message in messages)


class _RefusedError(ModelError):
    """The server does not take the request as it stands."""


@contextmanager
def _closed_when(cancelled: threading.Event, response: httpx.Response) -> Iterator[None]:
    """Close a response as soon as an event is set, even while its next byte is waited for."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            if cancelled.is_set():
                # Shut down, not closed: only that wakes a thread that waits for the next byte.
                connection = response.extensions["network_stream"].get_extra_info("socket")
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "没有按时答复"
    if isinstance(error, httpx.InvalidURL):
        return f"的地址不可用（{error}）"
    return f"无法连接（{error}）"
