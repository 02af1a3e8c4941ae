"""The seam to a language model: any LangChain chat model, with its budget and its queue."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.queueing import FairQueue

if TYPE_CHECKING:  # LangChain takes a second to import: only a model pays for it
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A chat model and what the steps must know of it.

    Attributes:
        model: What writes. Its stream is asked to heed `cancelled`, a `threading.Event`.
        name: What to call it, for the trace.
        context_tokens: What a prompt and its reply may take together.
        count_tokens: How many tokens a text takes.
        reply_tokens: What a reply may take at most.
        queue: Who may use it now; a model that serves many at once needs none.
    """

    model: BaseChatModel
    name: str
    context_tokens: int
    count_tokens: Callable[[str], int]
    reply_tokens: int = 512
    queue: FairQueue | None = field(default_factory=FairQueue)

    def stream(
        self,
        messages: Sequence[BaseMessage],
        *,
        max_tokens: int,
        cancelled: threading.Event,
        **options: Any,
    ) -> Generator[str]:
        """Yield the reply piece by piece; it ends early once `cancelled` is set."""
        pieces = getattr(self.model, "pieces", None)
        if pieces is not None:
            yield from pieces(list(messages), max_tokens=max_tokens, cancelled=cancelled, **options)
            return
        chunks = self.model.stream(
            list(messages), max_tokens=max_tokens, cancelled=cancelled, **options
        )
        for chunk in chunks:
            if cancelled.is_set():
                return
            yield str(chunk.text)
