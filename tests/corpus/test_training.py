"""The questions that the models learn from: well formed, found again in their texts, not the tested ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.documents import Chunk
from corpus.errors import UsageError
from corpus.training.written_questions import (
    BEFORE_CONTRASTS,
    CONTRASTS,
    WrittenQuestion,
    by_file,
    read_questions,
    right_clauses,
    written_pairs,
)

GOLD = Path(__file__).parent.parent.parent / "eval" / "gold" / "questions.jsonl"


def clause(number: int, locator: str, text: str) -> Chunk:
    return Chunk(str(number), "d", number * 100, number * 100 + len(text), text, (), locator)


def test_every_question_of_a_text_stands_once_and_says_where_its_answer_is() -> None:
    questions = read_questions(*BEFORE_CONTRASTS, CONTRASTS)
    assert len({(asked.file, asked.question) for asked in questions}) == len(questions) > 10_000
    for asked in questions:
        start, end = asked.answer
        assert 0 <= start <= end
        assert asked.question.strip() == asked.question != ""
        assert bool(asked.locators) or (start, end) == (0, 0), asked


def test_no_question_of_the_gold_set_was_learned_from() -> None:
    tested = {json.loads(line)["question"] for line in GOLD.read_text("utf-8").splitlines()}
    assert not tested & {asked.question for asked in read_questions(*BEFORE_CONTRASTS, CONTRASTS)}


def test_the_clause_that_answers_is_found_by_its_locator_and_occurrence() -> None:
    clauses = [
        clause(0, "第一条", "为了规范养犬行为"),
        clause(1, "第二条", "每户限养一只"),
        clause(2, "第一条", "附件：登记表"),
    ]
    asked = WrittenQuestion("登记要填什么", "养犬.md", ("第一条", "第二条"), 1, (3, 6))
    assert right_clauses(asked, clauses) == [clauses[2], clauses[1]]
    assert right_clauses(replace(asked, occurrence=0), clauses)[0] == clauses[0]
    assert right_clauses(replace(asked, locators=()), clauses) == []
    assert right_clauses(replace(asked, locators=("第九条",)), clauses) == []


def test_pairs_are_the_questions_with_their_clauses(tmp_path: Path) -> None:
    text = "清河市养犬办法\n第一条 为了规范养犬行为，制定本办法。\n第二条 每户限养一只犬。\n"
    (tmp_path / "养犬.md").write_text(text, "utf-8")
    asked = [
        WrittenQuestion("家里能养几条狗", "养犬.md", ("第二条",)),
        WrittenQuestion("狗能坐公交吗", "养犬.md"),
    ]
    pairs = list(written_pairs(tmp_path, by_file(asked)))
    assert [question for question, _ in pairs] == ["家里能养几条狗"]
    assert "养犬办法" in pairs[0][1]
    assert "每户限养一只" in pairs[0][1]


def test_a_text_that_is_not_there_is_named(tmp_path: Path) -> None:
    asked = WrittenQuestion("家里能养几条狗", "养犬.md", ("第二条",))
    with pytest.raises(UsageError, match=r"养犬\.md"):
        list(written_pairs(tmp_path, by_file([asked])))
