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

from assistant.answer import answer
from assistant.chat_model import ChatModel
from assistant.conversation import Role, Turn
from assistant.services import Services, open_services
from corpus.console import say
from corpus.errors import UsageError
from corpus.store import data_folder
from eval.gold_set import load_gold
from eval.samples import TODAY

SPEED_TOKENS = 128
ROUNDS = 5
CONVERSATIONS = (
    ("老人满80岁能领多少高龄津贴？", "那90岁以上的呢？"),
    ("低保去哪申请", "多久能批下来"),
    ("结婚登记去哪办", "要预约吗"),
    ("居住证第一次办要钱吗", "丢了补一个多少钱"),
    ("大件垃圾一年能免费拉几件", "超过的怎么收钱"),
    ("顺产的生育津贴算几天", "难产呢？"),
    ("职工医保在三级医院住院报多少", "那转到省外呢"),
    ("养犬登记要交多少钱", "补办呢"),
    ("望山区装电梯区里补多少", "那七层以上的楼呢"),
    ("租房能提取多少公积金", "那多子女家庭呢"),
    ("一次性创业补贴标准是多少", "那高龄津贴呢"),
    ("老人满80岁能领多少高龄津贴？", "那残疾人呢"),
    ("营业执照多久能下来", "那居住证呢"),
    ("结婚登记收费吗", "那养犬登记呢"),
    ("生育津贴顺产算多少天", "那失业金呢"),
)


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
    """A chat model that notes when the first token of each reply came."""

    first: list[float] = field(default_factory=list)

    def stream(
        self, messages: Any, *, max_tokens: int, cancelled: threading.Event, **options: Any
    ) -> Generator[str]:
        """Yield the reply and note when it began."""
        noted = False
        for piece in ChatModel.stream(
            self, messages, max_tokens=max_tokens, cancelled=cancelled, **options
        ):
            if not noted:
                self.first.append(time.perf_counter())
                noted = True
            yield piece


def bench_turns(model: ChatModel, services: Services) -> None:
    """Print how long a person waits for the answer's first token, in first and second turns.

    From the question to the first token of the answer itself: retrieval, and where the follow-up
    is made whole by the model, the whole of that call, are in it. A conversation's first turn finds
    the system message alone in the cache.
    """
    services.model = timed = TimedModel(
        model.model, model.name, model.context_tokens, model.count_tokens, 48, model.queue
    )

    def wait(question: str, history: tuple[Turn, ...]) -> tuple[float, int, str]:
        timed.first.clear()
        started = time.perf_counter()
        given = answer(question, services, as_of=TODAY, history=history)
        if not timed.first:
            raise UsageError(f"模型没有被问到：{question}；请换一个有依据的问题")
        return timed.first[-1] - started, len(timed.first), given.text

    ratios: dict[bool, list[float]] = {False: [], True: []}
    for first, second in CONVERSATIONS:
        before, _, text = wait(first, ())
        history = (Turn(Role.USER, first), Turn(Role.ASSISTANT, text))
        after, calls, _ = wait(second, history)
        ratios[calls > 1].append(after / before)
        how = "rewritten by the model" if calls > 1 else "put together"
        say(f"  {first} {second}: {before:.2f} s, {after:.2f} s, {how}, {after / before:.2f}")
    services.model = None
    for rewritten, found in ratios.items():
        if found:
            how = "rewritten by the model" if rewritten else "put together by rule"
            say(
                f"first token, turn 2 / turn 1, {how}: median {statistics.median(found):.2f}, "
                f"worst {max(found):.2f} (n={len(found)})"
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
