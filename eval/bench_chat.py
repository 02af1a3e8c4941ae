"""Time the chat: `python -m eval.bench_chat --data-dir DIR [--model FILE.gguf]`.

Without a model: extractive answers, alone and from many people at once. With one: tokens a second
beside llama.cpp called directly in the same run and in turn, the time to the first token of a
conversation's first and second turn, and how soon a cancelled answer frees the queue.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from assistant.answer import Role, Turn, answer
from assistant.chat_model import ChatModel
from assistant.services import Services, open_services
from corpus.console import say
from corpus.store import data_folder
from eval.gold_set import load_gold
from eval.samples import TODAY

SPEED_TOKENS = 128
ROUNDS = 5
FIRST, SECOND = "老人满80岁能领多少高龄津贴？", "那90岁以上的呢？"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print each measurement on a line."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench_chat", description=__doc__)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--model", help="a .gguf file")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--questions", type=int, default=10, help="of each person")
    options = parser.parse_args(arguments)
    services = open_services(data_folder(options.data_dir), model="none")
    samples = load_gold().samples
    texts = [s.question for s in samples if s.status == "answered" and not s.history]
    bench_extractive(services, texts, options.people, options.questions)
    if options.model:
        from assistant.runtime import open_model  # LangChain takes a second to import

        model = open_model(options.model)
        assert model is not None
        bench_speed(model)
        bench_turns(model, services)
        bench_cancel(model)
    services.close()
    return 0


def bench_extractive(services: Services, texts: Sequence[str], people: int, each: int) -> None:
    """Time answers one after the other, and from many threads at once."""

    def ask(text: str, taken: list[float]) -> None:
        started = time.perf_counter()
        answer(text, services, as_of=TODAY)
        taken.append((time.perf_counter() - started) * 1000)

    alone: list[float] = []
    for text in [*texts[:10], *texts[:100]]:
        ask(text, alone)
    _quantiles("extractive, one person", alone[10:])
    crowd: list[float] = []

    def person(number: int) -> None:
        for n in range(each):
            ask(texts[(number * each + n) % len(texts)], crowd)

    _together([partial(person, n) for n in range(people)])
    _quantiles(f"extractive, {people} people at once ({len(crowd)} of {people * each})", crowd)


def bench_speed(model: ChatModel) -> None:
    """Print tokens a second through our seam and through llama.cpp alone, medians of turns."""
    from langchain_core.messages import HumanMessage

    local: Any = model.model
    messages = [HumanMessage("Write a long story about a river and the people living beside it.")]
    prompt = local._tokens([_message("user", str(messages[0].text))])
    ours, direct = [], []
    for _ in range(ROUNDS):
        stamps = [
            time.perf_counter()
            for piece in model.stream(
                messages, max_tokens=SPEED_TOKENS, cancelled=threading.Event()
            )
        ]
        ours.append((len(stamps) - 1) / (stamps[-1] - stamps[0]))
        stamps = []
        for token in local._llama.generate(prompt, temp=0.0):
            local._llama.detokenize([token])
            stamps.append(time.perf_counter())
            if len(stamps) == SPEED_TOKENS:
                break
        direct.append((len(stamps) - 1) / (stamps[-1] - stamps[0]))
    mine, bare = statistics.median(ours), statistics.median(direct)
    say(f"tokens a second: {mine:.1f}, llama.cpp directly {bare:.1f}, ratio {mine / bare:.3f}")


@dataclass(frozen=True, slots=True)
class TimedModel(ChatModel):
    """A chat model that notes how long each reply's first token took, in seconds."""

    first: list[float] = field(default_factory=list)

    def stream(
        self, messages: Any, *, max_tokens: int, cancelled: threading.Event, **options: Any
    ) -> Generator[str]:
        """Yield the reply and note when it began."""
        started = time.perf_counter()
        noted = False
        for piece in ChatModel.stream(
            self, messages, max_tokens=max_tokens, cancelled=cancelled, **options
        ):
            if not noted:
                self.first.append(time.perf_counter() - started)
                noted = True
            yield piece


def bench_turns(model: ChatModel, services: Services) -> None:
    """Print the time to the first token of a first and of a second turn (rewriting, then answer)."""
    timed = TimedModel(
        model.model, model.name, model.context_tokens, model.count_tokens, 48, model.queue
    )
    services.model = timed
    given = answer(FIRST, services, as_of=TODAY)
    history = (Turn(Role.USER, FIRST), Turn(Role.ASSISTANT, given.text))
    turns = len(timed.first)
    answer(SECOND, services, as_of=TODAY, history=history)
    services.model = None
    first, second = timed.first[0], timed.first[turns:]
    shown = " + ".join(f"{seconds:.2f}" for seconds in second)
    say(
        f"first token: turn 1 {first:.2f} s, turn 2 {shown} s "
        f"(rewriting + answer), answer/turn 1 {second[-1] / first:.2f}"
    )


def bench_cancel(model: ChatModel) -> None:
    """Print how long the queue stays taken after an answer is cancelled."""
    from langchain_core.messages import HumanMessage

    from assistant.generation import run

    taken = []
    for text in ("Tell a very long story.", "申请人应当提交身份证明。" * 300) * ROUNDS:
        cancelled = threading.Event()
        walk = run([HumanMessage(text)], model, cancelled, max_tokens=400)
        threading.Timer(0.5, cancelled.set).start()
        started = time.perf_counter() + 0.5
        for _ in walk:
            continue
        assert model.queue is not None
        while len(model.queue):
            time.sleep(0.001)
        taken.append((time.perf_counter() - started) * 1000)
    _quantiles("queue free after cancelling", taken)


def _message(role: str, text: str) -> Any:
    from assistant.context import Message

    return Message(role, text)


def _together(tasks: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _quantiles(name: str, milliseconds: list[float]) -> None:
    ordered = sorted(milliseconds)
    middle, high = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    say(f"{name}: p50 {middle:.1f} ms   p95 {high:.1f} ms   worst {ordered[-1]:.1f} ms")


if __name__ == "__main__":
    sys.exit(main())
