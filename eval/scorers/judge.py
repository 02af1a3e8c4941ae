"""A judge model's verdict on an answer; one that cannot be read is unscored, never wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.prompting import Prompt, load_prompt
from corpus.errors import CorpusError
from eval.samples import Score

if TYPE_CHECKING:  # LangChain takes a second to import: only a judge pays for it
    from langchain_core.language_models import BaseChatModel

MAX_TOKENS = 64  # two short lines
_VALUES = {"是": 1.0, "部分": 0.5, "否": 0.0}
_QUESTIONS = {"judge_correct": "正确", "judge_supported": "有据"}


def score_by_judge(
    model: BaseChatModel, question: str, right: Sequence[str], answer: str, cited: Sequence[str]
) -> dict[str, Score]:
    """Ask a model whether an answer is right and supported: 1 yes, 0.5 in part, 0 no.

    A verdict is unscored when its line is missing, says something else, or comes twice with
    different words, and when the model fails.
    """
    from langchain_core.messages import HumanMessage, SystemMessage

    prompt = judge_prompt()
    asked = prompt.render(
        question=question,
        right="\n".join(right) or "（无）",
        answer=answer or "（拒答）",
        cited="\n".join(cited) or "（无）",
    )
    messages = [SystemMessage(prompt.system), HumanMessage(asked)]
    try:
        reply = str(model.invoke(messages, max_tokens=MAX_TOKENS).text)
    except CorpusError as error:
        return dict.fromkeys(_QUESTIONS, Score(None, str(error)))
    return {name: read_verdict(reply, word) for name, word in _QUESTIONS.items()}


def read_verdict(reply: str, word: str) -> Score:
    """Return the verdict on the line that begins with a word; unscored where it cannot be read."""
    found = set(re.findall(rf"^\s*{word}\s*[:：]\s*(是|部分|否)\s*[。.]?\s*$", reply, re.MULTILINE))
    if len(found) != 1:
        return Score(None, f"no readable verdict: {reply.strip()[:80]!r}")
    return Score(_VALUES[found.pop()])


@cache
def judge_prompt() -> Prompt:
    """Return the prompt, read once."""
    return load_prompt("judge", Path(__file__).parent.parent)
