"""The sentence encoder tells the clause that answers, and the part of it that does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

import corpus.sentence_encoder
from corpus.errors import StorageError
from corpus.sentence_encoder import (
    END,
    HEAD_PIECES,
    MODEL,
    QUESTION_PIECES,
    START,
    TEXT_PIECES,
    TOKENIZER_FILE,
    SentenceEncoder,
    encode_clause,
    encode_question,
)

QUESTION = "办居住证要多少天"
HEAD = "某市居住证办理规定 办理"
ANSWERS = "申请人提交材料齐全的，公安派出所自受理之日起15个工作日内制发居住证。"
SAME_SUBJECT = "居住证由县级以上地方人民政府公安机关负责签发。"
STRANGE = "养犬人应当在每年三月底前为犬只接种狂犬病疫苗。"


@pytest.fixture(scope="module")
def reader() -> SentenceEncoder:
    return SentenceEncoder()


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_str((MODEL / TOKENIZER_FILE).read_text("utf-8"))


def test_the_clause_that_answers_is_the_nearest(reader: SentenceEncoder) -> None:
    found = reader.read(QUESTION, [("", STRANGE), ("", ANSWERS), ("", SAME_SUBJECT)])
    relevance = [reading.relevance for reading in found]
    assert max(relevance) == relevance[1]
    assert min(relevance) == relevance[0]
    assert all(-1 <= value <= 1 for value in relevance)


def test_the_sentence_that_answers_is_nearer_than_its_neighbour(reader: SentenceEncoder) -> None:
    text = STRANGE + ANSWERS
    (reading,) = reader.read(QUESTION, [(HEAD, text)])
    cut = len(STRANGE)
    strange, answers = reading.of_part(0, cut), reading.of_part(cut, len(text))
    assert strange is not None and answers is not None
    assert -1 <= strange < answers <= 1
    assert reading.of_part(len(text), len(text) + 9) is None


def test_a_word_that_nothing_in_the_clause_speaks_of_tells_against_it(
    reader: SentenceEncoder,
) -> None:
    fee = "办居住证要交多少钱"
    met, unmet = (reader.read(asked, [(HEAD, ANSWERS)])[0] for asked in (QUESTION, fee))
    assert unmet.relevance < met.relevance
    assert met.weights.sum() == pytest.approx(1)
    assert met.cosines.shape[0] == len(met.weights) <= len(QUESTION)


def test_half_of_what_is_near_is_how_well_the_pieces_are_met(reader: SentenceEncoder) -> None:
    (reading,) = reader.read(QUESTION, [("", ANSWERS)])
    told = reading.told.mean(axis=0)
    cosine = float(told @ reading.asked / np.linalg.norm(told))
    met = float(reading.weights @ reading.cosines.max(axis=1))
    assert abs(met - cosine) > 0.02  # else either half would do
    assert reading.of_part(0, len(ANSWERS)) == pytest.approx((cosine + met) / 2, abs=1e-5)
    # The clause as a whole has its prefix as well, which can only meet more.
    _, vectors = reader._clause("", ANSWERS)
    whole = vectors.of_whole.mean(axis=0)
    cosine = float(whole @ reading.asked / np.linalg.norm(whole))
    assert met - 1e-5 <= 2 * reading.relevance - cosine <= 1


def test_words_that_the_document_does_not_use_are_understood(reader: SentenceEncoder) -> None:
    clauses = [("", "对符合条件的高校毕业生给予一次性创业补贴10000元。"), ("", STRANGE)]
    first, second = reader.read("大学生开店政府给钱吗", clauses)
    assert first.relevance > second.relevance


def test_reading_twice_and_side_by_side_gives_the_same(reader: SentenceEncoder) -> None:
    clauses = [(HEAD, ANSWERS), ("", STRANGE)]
    first = [reading.relevance for reading in reader.read(QUESTION, clauses)]
    with ThreadPoolExecutor(4) as threads:
        others = list(threads.map(lambda _: SentenceEncoder().read(QUESTION, clauses), range(4)))
        others += threads.map(lambda _: reader.read(QUESTION, clauses), range(8))
    for other in others:
        assert [reading.relevance for reading in other] == pytest.approx(first, abs=1e-5)


def test_clauses_kept_for_the_next_question_do_not_pile_up(
    reader: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus.sentence_encoder, "KEPT", 3)
    small = SentenceEncoder()
    clauses = [("", f"第{number}条 {ANSWERS}") for number in range(6)]
    first = [reading.relevance for reading in small.read(QUESTION, clauses)]
    assert len(small._kept) == 3
    again = [reading.relevance for reading in small.read(QUESTION, clauses)]
    assert again == pytest.approx(first, abs=1e-5)


def test_pieces_name_the_characters_they_stand_for(tokenizer: Tokenizer) -> None:
    encoded = encode_clause(tokenizer, HEAD, ANSWERS)
    assert encoded.ids[0] == START and encoded.ids[-1] == END
    covered = "".join(ANSWERS[start:end] for start, end in encoded.spans)
    assert covered == ANSWERS
    assert len(encoded.ids) == encoded.text_at + len(encoded.spans) + 1


def test_what_is_too_long_is_cut(tokenizer: Tokenizer, reader: SentenceEncoder) -> None:
    text = ANSWERS * 40
    encoded = encode_clause(tokenizer, HEAD * 40, text)
    prefix = encode_clause(tokenizer, "", "").text_at
    assert len(encoded.ids) == prefix + HEAD_PIECES + TEXT_PIECES + 1
    assert len(encode_question(tokenizer, QUESTION * 60)) <= QUESTION_PIECES + 2 + prefix + 2
    (reading,) = reader.read(QUESTION, [(HEAD, text)])
    assert reading.of_part(0, len(ANSWERS)) is not None
    assert reading.of_part(len(text) - len(ANSWERS), len(text)) is None


@pytest.mark.parametrize("text", ["", " ", "\n", "𠮷野家", "a" * 5_000, "﻿１２３"])
def test_odd_texts_are_read(reader: SentenceEncoder, text: str) -> None:
    (reading,) = reader.read("费用", [("", text)])
    assert np.isfinite(reading.relevance)
    part = reading.of_part(0, len(text))
    assert part is None or np.isfinite(part)


def test_nothing_to_read_is_nothing_read(reader: SentenceEncoder) -> None:
    assert reader.read(QUESTION, []) == []


def test_a_missing_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="重新安装"):
        SentenceEncoder(tmp_path).read(QUESTION, [(HEAD, ANSWERS)])
