"""A judge's verdict counts when it can be read; otherwise the sample is unscored, never wrong."""

from __future__ import annotations

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel

from corpus.errors import CorpusError
from eval.scorers.judge import judge_prompt, score_by_judge

READABLE = [
    ("正确：是\n有据：是", 1.0, 1.0),
    ("正确: 部分。\n有据： 否", 0.5, 0.0),
    ("分析如下。\n  正确：否\n有据：是\n正确：否", 0.0, 1.0),
]
UNREADABLE = ["", "我认为回答正确。", "正确：是的，大体如此", "正确：是\n正确：否", "是\n是"]


@pytest.mark.parametrize(("reply", "correct", "supported"), READABLE)
def test_a_readable_verdict_is_a_score(reply: str, correct: float, supported: float) -> None:
    scores = score_by_judge(FakeListChatModel(responses=[reply]), "问", ["对"], "答", ["引"])
    assert scores["judge_correct"].value == correct
    assert scores["judge_supported"].value == supported


@pytest.mark.parametrize("reply", UNREADABLE)
def test_an_unreadable_verdict_is_unscored(reply: str) -> None:
    score = score_by_judge(FakeListChatModel(responses=[reply]), "问", [], "", [])["judge_correct"]
    assert score.value is None and score.reason


def test_a_judge_that_fails_leaves_the_sample_unscored() -> None:
    class Broken(FakeListChatModel):
        def _call(self, *_: object, **__: object) -> str:
            raise CorpusError("模型服务没有答复")

    scores = score_by_judge(Broken(responses=[""]), "问", ["对"], "答", [])
    assert {score.value for score in scores.values()} == {None}
    assert scores["judge_correct"].reason == "模型服务没有答复"


def test_the_prompt_holds_what_is_judged_and_expands_nothing() -> None:
    told = judge_prompt().render(question="$answer", right="甲", answer="乙", cited="丙")
    assert told.startswith("问题：$answer") and "乙" in told and "丙" in told
