"""Let a model put found clauses into plain words, and let through only the sentences that stand in them.

The model sees numbered passages and points with [n]; code resolves each marker to a span of a
stored document and checks the sentence against that span. What fails a check is never shown.
"""

from __future__ import annotations

import json
import queue
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from assistant.chat_model import ChatModel
from assistant.citations import Citation
from assistant.conversation import Queued, Sentence
from assistant.errors import ModelError
from assistant.figures import figures
from assistant.grounding import unsupported
from assistant.prompting import Prompt
from assistant.screening import as_data

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

MAX_SECONDS = 180.0  # a slow processor writes five sentences in two minutes
MAX_CHARACTERS = 2_000
HOPELESS = 4  # sentences dropped before one was kept
WAIT_SECONDS = 0.1  # how often waiting looks up
REWRITE_TOKENS = 16  # of a whole question beside those of the two questions it is made of
_MARKER = re.compile(r"\s*[\[［【]\s*(?:资料)?\s*(\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)\s*[\]］】]")
_ENDED = re.compile(
    rf"(.+?(?:[。！？!?；;]+[”’」』）)]*(?:{_MARKER.pattern})*|\n))(?=[^\s\[［【])", re.DOTALL
)
_NAME = re.compile(r"《[^《》]*》")
_SAID = re.compile(r"[一-龥\d]")
_DECLINED = re.compile(r"资料不足|无法回答|不能回答|没有(?:相关|提供)")


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage for the model: its citation (number as in the prompt), and the headings above it."""

    citation: Citation
    context: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier turn with the passages it was answered from."""

    question: str
    reply: str
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What remains of a model's text: checked sentences, their citations, why others were dropped."""

    sentences: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    dropped: tuple[str, ...] = ()
    declined: bool = False


def messages_for(
    question: str,
    shown: Sequence[Shown],
    earlier: Sequence[Earlier],
    prompt: Prompt,
    model: ChatModel,
) -> tuple[list[BaseMessage], tuple[Shown, ...]]:
    """Return the messages that fit the model's context, and the numbered passages in them.

    Numbers run on through the conversation and a passage is shown once, so that a later turn's
    prompt begins with the whole of the one before and need not be read again. Where the room is
    short, the oldest turns go first, then the passages that are least likely to answer.
    """
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    room = model.context_tokens - min(model.reply_tokens, model.context_tokens // 2)
    kept, turns = list(shown), list(earlier)
    while True:
        numbered: dict[tuple[str, int, int], Shown] = {}
        messages: list[BaseMessage] = [SystemMessage(prompt.system)]
        for turn in turns:
            new = _number(turn.shown, numbered)
            messages.append(HumanMessage(_ask(turn.question, new, prompt)))
            messages.append(AIMessage(as_data(turn.reply)))
        messages.append(HumanMessage(_ask(question, _number(kept, numbered), prompt)))
        # 16: what a chat template writes around a message.
        taken = sum(model.count_tokens(str(m.text)) + 16 for m in messages)
        if taken <= room or (not turns and len(kept) <= 1):
            return messages, tuple(numbered.values())
        if turns:
            del turns[0]
        else:
            kept.pop()


def _number(shown: Sequence[Shown], numbered: dict[tuple[str, int, int], Shown]) -> list[Shown]:
    """Number those passages that were not shown yet, add them to `numbered` and return them."""
    new = []
    for passage in shown:
        place = (passage.citation.document_id, passage.citation.start, passage.citation.end)
        if place not in numbered:
            citation = replace(passage.citation, number=len(numbered) + 1)
            numbered[place] = replace(passage, citation=citation)
            new.append(numbered[place])
    return new


def write(
    question: str,
    messages: Sequence[BaseMessage],
    shown: Sequence[Shown],
    model: ChatModel,
    cancelled: threading.Event,
) -> Iterator[Queued | Sentence | Written]:
    """Yield places in the queue, then checked sentences, and at last what was written.

    Raises:
        ModelError: The model failed.
    """
    checker = _Checker(question, {s.citation.number: s for s in shown})
    splitter = _Splitter()
    said = 0
    declined = False
    thinking = _Thinking()
    for raw in run(messages, model, cancelled, max_tokens=model.reply_tokens):
        if isinstance(raw, Queued):
            yield raw
            continue
        piece = thinking.leave_out(raw)
        said += len(piece)
        for text in splitter.add(piece):
            declined = declined or bool(_DECLINED.search(text))
            sentence = checker.check(text)
            if sentence:
                yield sentence
        if said > MAX_CHARACTERS or checker.repeats or checker.hopeless or declined:
            break
    else:
        for text in splitter.rest():
            declined = declined or bool(_DECLINED.search(text))
            sentence = checker.check(text, whole=False)
            if sentence:
                yield sentence
    yield replace(checker.written(), declined=declined)


def rewrite(
    question: str,
    simple: str,
    earlier: Sequence[BaseMessage],
    prompt: Prompt,
    model: ChatModel,
    cancelled: threading.Event,
) -> Iterator[Queued | str]:
    """Yield places in the queue, then the follow-up as the model made it whole ("" if it failed).

    `simple` is the follow-up put behind the question before it: a whole one is hardly longer.
    """
    from langchain_core.messages import HumanMessage

    schema = {
        "type": "object",
        "properties": {"question": {"type": "string", "maxLength": 80}},
        "required": ["question"],
        "additionalProperties": False,
    }
    asked = [*earlier, HumanMessage(prompt.render(question=as_data(question)))]
    text = ""
    for piece in run(
        asked,
        model,
        cancelled,
        max_tokens=min(model.count_tokens(simple) + REWRITE_TOKENS, model.reply_tokens),
        json_schema=schema,
    ):
        if isinstance(piece, Queued):
            yield piece
        else:
            text += piece
            if len(text) > MAX_CHARACTERS:
                break
    yield _rewritten(text, question, " ".join(str(m.text) for m in earlier))


def run(
    messages: Sequence[BaseMessage],
    model: ChatModel,
    cancelled: threading.Event,
    **options: Any,
) -> Iterator[Queued | str]:
    """Yield this caller's places in the queue, and then the model's text piece by piece.

    The model writes in a thread of its own, so that a reader who is slow or gone does not keep it
    from the next in the queue.
    """
    halt = _Either(cancelled)
    ticket = model.queue.enter() if model.queue is not None else None
    pieces: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()

    def work() -> None:
        try:
            with closing(model.stream(messages, cancelled=halt, **options)) as stream:
                for text in stream:
                    pieces.put(text)
                    if halt.is_set():
                        break
            pieces.put(None)
        except Exception as error:  # handed to the reader, who knows what to say
            pieces.put(error)
        finally:
            if ticket is not None:
                ticket.leave()

    working = False
    try:
        place = -1
        while ticket is not None and not ticket.wait(WAIT_SECONDS):
            if halt.is_set():
                return
            if ticket.position != place:
                place = ticket.position
                yield Queued(place)
        yield Queued(0)
        until = time.monotonic() + MAX_SECONDS
        working = True
        threading.Thread(target=work, name="model", daemon=True).start()
        while not halt.is_set() and time.monotonic() < until:
            try:
                piece = pieces.get(timeout=WAIT_SECONDS)
            except queue.Empty:
                continue
            if piece is None:
                return
            if isinstance(piece, ModelError):
                raise piece
            if isinstance(piece, Exception):
                raise ModelError(f"语言模型 {model.name} 出错（{type(piece).__name__}）") from piece
            yield piece
    finally:
        halt.set()
        if ticket is not None and not working:
            ticket.leave()


class _Either(threading.Event):
    """An event that is also set when another one is."""

    def __init__(self, other: threading.Event) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        return super().is_set() or self._other.is_set()


class _Thinking:
    """Leaves out what a model thinks aloud between <think> and </think>."""

    def __init__(self) -> None:
        self._held = ""
        self._inside = False

    def leave_out(self, piece: str) -> str:
        self._held += piece
        said = ""
        while True:
            mark = "</think>" if self._inside else "<think>"
            place = self._held.find(mark)
            if place < 0:
                # The end may be the beginning of a mark.
                ends = range(min(len(mark) - 1, len(self._held)), 0, -1)
                keep = next((n for n in ends if mark.startswith(self._held[-n:])), 0)
                cut = len(self._held) - keep
                said += "" if self._inside else self._held[:cut]
                self._held = self._held[cut:]
                return said
            said += "" if self._inside else self._held[:place]
            self._held = self._held[place + len(mark) :]
            self._inside = not self._inside


class _Splitter:
    """Cuts a stream into sentences; a marker after the full stop belongs to the sentence before."""

    def __init__(self) -> None:
        self._held = ""

    def add(self, piece: str) -> list[str]:
        self._held += piece
        found = []
        while match := _ENDED.match(self._held):
            found.append(match[1])
            self._held = self._held[match.end() :]
        return found

    def rest(self) -> list[str]:
        return [line for line in self._held.splitlines() if line.strip()]


class _Checker:
    """Resolves and checks sentences one after the other; numbers citations by first use."""

    def __init__(self, question: str, shown: dict[int, Shown]) -> None:
        self._question = question
        self._shown = shown
        self._sentences: list[str] = []
        self._dropped: list[str] = []
        self._used: dict[int, Citation] = {}
        self._seen: set[str] = set()
        self.repeats = False

    def check(self, text: str, *, whole: bool = True) -> Sentence | None:
        """Return a sentence with its final markers, or None where it must not be shown."""
        plain = re.sub(r"^\s*(?:[-*•·]|\d{1,2}[.、)）])\s*", "", _MARKER.sub("", text)).strip()
        plain = plain.replace("**", "").rstrip("；;")
        if len(re.findall(r"\w", plain)) < 2:
            return None
        reason = self._why_not(text, plain, whole)
        if plain in self._seen:
            self.repeats = True
            reason = "repeated"
        self._seen.add(plain)
        if reason:
            self._dropped.append(reason)
            return None
        before = set(self._used)
        for n in _numbers(text):
            citation = self._shown[n].citation
            self._used.setdefault(n, replace(citation, number=len(self._used) + 1))
        markers = "".join(f"[{self._used[n].number}]" for n in _numbers(text))
        ended = plain if plain.endswith(("。", "！", "？", "!", "?")) else plain + "。"
        self._sentences.append(ended + markers)
        new = tuple(self._used[n] for n in self._used if n not in before)
        return Sentence(ended + markers, new)

    @property
    def hopeless(self) -> bool:
        """Whether the model has shown that it cannot do it; others wait for its place."""
        return len(self._dropped) >= HOPELESS and not self._sentences

    def written(self) -> Written:
        return Written(tuple(self._sentences), tuple(self._used.values()), tuple(self._dropped))

    def _why_not(self, text: str, plain: str, whole: bool) -> str:
        numbers = _numbers(text)
        # At the end of a stream only a full stop or a marker shows that the sentence is whole.
        if not whole and not re.search(r"[。！？!?\]］】]\s*$", text):
            return "unfinished"
        if plain.count("《") != plain.count("》") or len(_SAID.findall(_NAME.sub("", plain))) < 4:
            return "unfinished"
        if not numbers:
            return "no marker"
        if not all(n in self._shown for n in numbers):
            return "unknown marker"
        cited = [self._shown[n].citation for n in numbers]
        source = "\n".join(
            f"《{c.title}》{c.document_number} {c.issuer} {c.locator} {c.quote}" for c in cited
        )
        headings = "\n".join(self._shown[n].context for n in numbers)
        return unsupported(plain, source, headings=headings, question=self._question)


def _numbers(text: str) -> list[int]:
    found = [int(n) for match in _MARKER.finditer(text) for n in re.findall(r"\d+", match[1])]
    return list(dict.fromkeys(found))


def _ask(question: str, shown: Sequence[Shown], prompt: Prompt) -> str:
    passages = "\n".join(
        prompt.render_passage(
            number=str(s.citation.number),
            title=as_data(s.citation.title),
            locator=as_data(s.citation.locator),
            text=as_data(s.citation.quote),
        )
        for s in shown
    )
    return prompt.render(passages=passages, question=as_data(question))


def _rewritten(text: str, question: str, before: str) -> str:
    """Return the model's whole question if it adds nothing that was not said, else ""."""
    try:
        whole = str(json.loads(text)["question"]).strip()
    except (ValueError, KeyError, TypeError):
        return ""
    said = before + question
    if not 2 <= len(whole) <= 80 or "\n" in whole or not set(figures(whole)) <= set(figures(said)):
        return ""
    new = {c for c in re.findall(r"[一-龥]", whole)} - set(said)
    han = len(re.findall(r"[一-龥]", whole))
    return whole if han >= 2 and len(new) <= 0.2 * han else ""
