"""Slips of the input method are read as the words that were meant; right words are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.spelling import Spelling, correct, suspects
from corpus.tokens import bigrams

DOCUMENTS = (
    "租房提取住房公积金办事指南。职工可以提取公积金。居住证由公安机关办理，追究责任；医疗机构。"
    "营业执照自受理之日起核发。最低生活保障。落户需要材料，户口迁移。提取多少怎么办理补办要交一年能"
)
PAIRS = frozenset(bigrams(DOCUMENTS))
SPELLING = Spelling(("公积金", "居住证", "营业执照", "低保", "落户", "就医", "算力券", "审核"))


def read(question: str) -> str:
    return correct(question, SPELLING.slips(suspects(question, PAIRS.__contains__)))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("公鸡金能提取多少", "公积金能提取多少"),
        ("居主证补办要交多少", "居住证补办要交多少"),
        ("营业直照怎么办理", "营业执照怎么办理"),
        ("地保怎么办理", "低保怎么办理"),
        ("luohu要材料", "落户要材料"),
        ("suanliquan多少", "算力券多少"),
    ],
)
def test_a_slip_is_read_as_the_word_that_sounds_alike(written: str, meant: str) -> None:
    assert read(written) == meant


@pytest.mark.parametrize(
    "question", ["追究医疗机构责任", "初审和复审", "wifi怎么办理", "APP办理", "提取公积金"]
)
def test_parts_of_other_words_and_other_letters_stay(question: str) -> None:
    assert read(question) == question


@given(st.text(max_size=40))
def test_any_text_is_read_without_harm(question: str) -> None:
    slips = SPELLING.slips(suspects(question, PAIRS.__contains__))
    assert all(part in question for part in slips)
    if not slips:
        assert correct(question, slips) == question
