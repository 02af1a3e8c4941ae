"""Settings of language models, read once from the environment at the edge."""

from __future__ import annotations

import os
from dataclasses import dataclass

from corpus.errors import UsageError

MODEL_VARIABLE = "ASSISTANT_MODEL"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How a language model is run.

    Attributes:
        context_tokens: Tokens of a prompt and its reply together. 4,096 hold eight clauses and
            three turns; a 4 B model keeps about 0.6 GB for them.
        max_tokens: Tokens of a reply at most.
        threads: Threads of llama.cpp; 0 takes as many as cores are idle when an answer begins.
        timeout_seconds: How long a server may stay silent.
        api_key: Sent to a server as a bearer token where not empty.
    """

    context_tokens: int = 4096
    max_tokens: int = 512
    threads: int = 0
    timeout_seconds: float = 60.0
    api_key: str = ""

    @classmethod
    def from_environment(cls) -> ModelSettings:
        """Read ASSISTANT_MODEL_CONTEXT, _MAX_TOKENS, _THREADS, _TIMEOUT and _API_KEY.

        Raises:
            UsageError: A number is none.
        """
        return cls(
            context_tokens=_number("ASSISTANT_MODEL_CONTEXT", cls().context_tokens, 512),
            max_tokens=_number("ASSISTANT_MODEL_MAX_TOKENS", cls().max_tokens, 1),
            threads=_number("ASSISTANT_MODEL_THREADS", 0, 0),
            timeout_seconds=float(_number("ASSISTANT_MODEL_TIMEOUT", 60, 1)),
            api_key=os.environ.get("ASSISTANT_MODEL_API_KEY", ""),
        )


def _number(variable: str, default: int, least: int) -> int:
    text = os.environ.get(variable, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < least:
        raise UsageError(f"{variable}={text!r} 应为不小于 {least} 的整数")
    return int(text)
