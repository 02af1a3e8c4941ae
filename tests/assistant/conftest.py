"""What the tests of answers share: the sample corpus, opened; scripted chat models."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from assistant.chat_model import ChatModel
from assistant.services import Services, open_services
from corpus.documents import Access
from corpus.embedding import Embedder
from corpus.ingest import sync
from corpus.store import Store

SAMPLE = Path(__file__).parent.parent.parent / "corpus" / "sample" / "files"
# A scan: reading it is tested elsewhere, and costs more than all the other files together.
LEFT_OUT = ("manifest.yaml", "临溪县2027年度居民医保集中参保缴费的通告.pdf")
Script = Callable[[str], Iterable[str]]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    store = Store(folder, embedder)
    for access in Access:
        files = [file for file in (SAMPLE / access).iterdir() if file.name not in LEFT_OUT]
        assert not sync(store, sorted(files), access).failed
    store.close()
    return folder


@pytest.fixture
def citizens(sample: Path) -> Iterator[Services]:
    services = open_services(sample)
    yield services
    services.close()


@pytest.fixture
def staff(sample: Path) -> Iterator[Services]:
    services = open_services(sample, access=Access.INTERNAL)
    yield services
    services.close()


class ScriptedChat(BaseChatModel):
    """Says what a script makes of the last message; remembers every prompt."""

    script: Script
    _asked: list[str] = PrivateAttr(default_factory=list)

    @property
    def asked(self) -> list[str]:
        return self._asked

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> ChatResult:
        text = "".join(str(c.message.content) for c in self._stream(messages, **options))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> Iterator[ChatGenerationChunk]:
        self._asked.append("\n".join(str(message.text) for message in messages))
        for text in self.script(str(messages[-1].text)):
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))


def scripted(script: Script, context_tokens: int = 4096) -> ChatModel:
    return ChatModel(ScriptedChat(script=script), "scripted", context_tokens, len)


@pytest.fixture
def script() -> Callable[..., ChatModel]:
    return scripted


@pytest.fixture
def never() -> threading.Event:
    return threading.Event()
