"""Language models as LangChain chat models: a GGUF through llama.cpp, or an OpenAI-compatible server.

`open_model` takes a path to a .gguf file, or `http://host/v1#model-name`.
"""

from __future__ import annotations

import codecs
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

# LangChain sends traces where these are set; nothing may leave this machine.
os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from assistant.chat_model import ChatModel
from assistant.context import Message, fit
from assistant.errors import ModelError
from assistant.settings import ModelSettings

_ROLES = {"system": "system", "human": "user", "ai": "assistant"}
_NEVER = threading.Event()


class StreamedChatModel(BaseChatModel):
    """A chat model that is defined by its text, piece by piece.

    `pieces` may be called without LangChain around it, which costs a small model a tenth of its
    speed.
    """

    def pieces(
        self, messages: list[BaseMessage], stop: list[str] | None = None, **options: Any
    ) -> Iterator[str]:
        """Yield the reply; see the models for the options."""
        raise NotImplementedError

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for text in self.pieces(messages, stop, **options):
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))
        yield ChatGenerationChunk(
            message=AIMessageChunk(content="")
        )  # LangChain wants one at least

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> ChatResult:
        text = "".join(self.pieces(messages, stop, **options))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])


class LlamaCppChat(StreamedChatModel):
    """A GGUF model in this process.

    One context serves one call at a time: further calls wait for it. What a prompt shares with the
    one before (the system message, a conversation's earlier turns) is not read again.
    """

    path: Path
    settings: ModelSettings

    _llama: Any = PrivateAttr()
    _format: Any = PrivateAttr()
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)
    _abort: Any = PrivateAttr()
    _no_abort: Any = PrivateAttr()

    def model_post_init(self, _context: Any) -> None:
        """Load the file."""
        try:
            import llama_cpp
            from llama_cpp import llama_chat_format
        except ImportError as error:
            raise ModelError(
                f"运行 {self.path.name} 需要 llama-cpp-python；安装：pip install '.[gguf]'"
            ) from error
        if not self.path.is_file():
            raise ModelError(
                f"语言模型文件 {str(self.path)!r} 不存在；查看可用模型：python -m assistant models"
            )
        offloads = llama_cpp.llama_supports_gpu_offload()
        try:
            self._llama = llama_cpp.Llama(
                str(self.path),
                n_ctx=self.settings.context_tokens,
                n_gpu_layers=-1 if offloads else 0,
                n_threads=self.settings.threads or 1,
                n_threads_batch=self.settings.threads or 1,
                verbose=False,
            )
        except (ValueError, RuntimeError, AssertionError) as error:
            raise ModelError(
                f"llama.cpp 无法载入 {str(self.path)!r}（{error}）；文件可能不完整，"
                "可核对：python -m assistant models"
            ) from error
        template = self._llama.metadata.get("tokenizer.chat_template")
        if not template:
            raise ModelError(f"{self.path.name} 没有对话模板，不是对话模型；请换用 Instruct 版本")
        self._format = llama_chat_format.Jinja2ChatFormatter(
            template=template,
            eos_token=self._special(self._llama.token_eos()),
            bos_token=self._special(self._llama.token_bos()),
        )
        # While a prompt is read no token comes by at which to look: llama.cpp asks this instead.
        # While a reply is written it would ask a thousand times a token, so it is taken away then.
        self._no_abort = llama_cpp.ggml_abort_callback()

    @property
    def _llm_type(self) -> str:
        return "llama.cpp"

    @property
    def context_tokens(self) -> int:
        """How many tokens a prompt and its reply may take together."""
        return int(self._llama.n_ctx())

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text takes."""
        return len(self._llama.tokenize(text.encode(), add_bos=False, special=False))

    def close(self) -> None:
        """Free the model."""
        with self._lock:
            self._llama.close()

    def pieces(
        self, messages: list[BaseMessage], stop: list[str] | None = None, **options: Any
    ) -> Iterator[str]:
        """Yield the reply; `cancelled` ends it within a token or a step of reading the prompt.

        Options: `max_tokens`; `cancelled` (threading.Event); `json_schema`, which the reply must
        follow; `temperature` (0, the default, repeats).
        """
        cancelled = options.get("cancelled") or _NEVER
        max_tokens = int(options.get("max_tokens") or self.settings.max_tokens)
        with self._lock:
            prompt = self._prompt(plain_messages(messages), max_tokens)
            yield from _until(self._pieces(prompt, max_tokens, cancelled, options), stop or [])

    def _pieces(
        self,
        prompt: Sequence[int],
        max_tokens: int,
        cancelled: threading.Event,
        options: Mapping[str, Any],
    ) -> Iterator[str]:
        import llama_cpp
        from llama_cpp.llama_grammar import LlamaGrammar

        grammar = None
        if options.get("json_schema"):
            grammar = LlamaGrammar.from_json_schema(
                json.dumps(options["json_schema"]), verbose=False
            )
        self._use_free_cores(llama_cpp)
        self._abort = llama_cpp.ggml_abort_callback(lambda _data: cancelled.is_set())
        context = self._llama._ctx.ctx
        vocabulary = self._llama._model.vocab
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        llama_cpp.llama_set_abort_callback(context, self._abort, None)
        tokens = self._llama.generate(
            prompt, temp=float(options.get("temperature") or 0.0), grammar=grammar
        )
        try:
            for number, token in enumerate(tokens, start=1):
                if number == 1:
                    llama_cpp.llama_set_abort_callback(context, self._no_abort, None)
                if cancelled.is_set() or llama_cpp.llama_vocab_is_eog(vocabulary, token):
                    break
                yield decoder.decode(self._llama.detokenize([token]))
                if number == max_tokens:
                    break
        except RuntimeError as error:
            if not cancelled.is_set():  # what was aborted is told as an error of decoding
                raise ModelError(f"{self.path.name} 运行出错（{error}）；请稍后再试") from error
        finally:
            tokens.close()
            llama_cpp.llama_set_abort_callback(context, self._no_abort, None)

    def _prompt(self, messages: Sequence[Message], max_tokens: int) -> list[int]:
        room = self.context_tokens - min(max_tokens, self.context_tokens // 2) - 1
        fitted = fit(messages, room, lambda these: len(self._tokens(these)))
        return self._tokens(fitted)[:room]

    def _tokens(self, messages: Sequence[Message]) -> list[int]:
        said = [{"role": m.role, "content": m.text} for m in messages]
        # Qwen3 thinks aloud unless told not to; other templates do not know the word.
        written = self._format(messages=said, enable_thinking=False)
        bos = not written.added_special
        return list(self._llama.tokenize(written.prompt.encode(), add_bos=bos, special=True))

    def _special(self, token: int) -> str:
        if token < 0:
            return ""
        return str(self._llama.detokenize([token], special=True).decode("utf-8", "replace"))

    def _use_free_cores(self, llama_cpp: Any) -> None:
        """Use as many threads as cores are idle: one too many makes all of them wait (spinning)."""
        threads = self.settings.threads or free_cores()
        llama_cpp.llama_set_n_threads(self._llama._ctx.ctx, threads, threads)


def offloads() -> bool:
    """Say whether this build of llama.cpp can use a graphics processor."""
    import llama_cpp

    return bool(llama_cpp.llama_supports_gpu_offload())


def free_cores(seconds: float = 0.06) -> int:
    """Return how many of the cores this process may use have been idle for a moment, at least 1."""
    allowed = len(os.sched_getaffinity(0))
    before = _idle_ticks()
    if allowed == 1 or before is None:
        return 1
    time.sleep(seconds)
    after = _idle_ticks()
    idle, busy = (after or before)[0] - before[0], (after or before)[1] - before[1]
    share = idle / (idle + busy) if idle + busy else 1.0
    return max(1, min(allowed, round(share * (os.cpu_count() or 1))))


def _idle_ticks() -> tuple[int, int] | None:
    """Return idle and busy clock ticks of all cores since the start, where the system tells."""
    try:
        fields = [int(f) for f in Path("/proc/stat").read_text("ascii").split("\n")[0].split()[1:9]]
    except (OSError, ValueError):
        return None
    return fields[3] + fields[4], sum(fields) - fields[3] - fields[4]


def open_model(spec: str, settings: ModelSettings | None = None) -> ChatModel | None:
    """Open the model that a setting names; None for `none`.

    Raises:
        ModelError: The setting has no known form, or the model cannot be loaded.
    """
    chosen = settings or ModelSettings.from_environment()
    if spec in ("", "none"):
        return None
    if spec.startswith(("http://", "https://")):
        from assistant.served_model import ServedChat

        url, _, name = spec.partition("#")
        if not name:
            raise ModelError(f"语言模型设置 {spec!r} 没有写明模型；请写作 {url}#模型名")
        served = ServedChat(url=url.rstrip("/"), name=name, settings=chosen)
        return ChatModel(
            served,
            name,
            chosen.context_tokens,
            served.count_tokens,
            reply_tokens=chosen.max_tokens,
            queue=None,
        )
    if not spec.lower().endswith(".gguf"):
        raise ModelError(
            f"不认识语言模型设置 {spec!r}；可用：none、.gguf 文件的路径，或 http://主机/v1#模型名"
        )
    local = LlamaCppChat(path=Path(spec), settings=chosen)
    return ChatModel(
        local,
        local.path.stem,
        local.context_tokens,
        local.count_tokens,
        reply_tokens=chosen.max_tokens,
    )


def plain_messages(messages: Sequence[BaseMessage]) -> list[Message]:
    """Return LangChain's messages with the roles of chat templates."""
    return [Message(_ROLES.get(message.type, "user"), str(message.text)) for message in messages]


def _until(pieces: Iterator[str], stops: Sequence[str]) -> Iterator[str]:
    """Yield text up to the first stop; what may be the start of one is held back until it is clear."""
    held = ""
    longest = max(map(len, stops), default=0)
    for piece in pieces:
        held += piece
        found = min((held.find(stop) for stop in stops if stop in held), default=-1)
        if found >= 0:
            if held[:found]:
                yield held[:found]
            return
        ready = held if longest < 2 else held[: max(0, len(held) - longest + 1)]
        if ready:
            yield ready
            held = held[len(ready) :]
    if held:
        yield held
