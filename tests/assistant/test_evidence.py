"""What speaks for an answer: terms met by meaning, sentences that tell what is asked."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.confidence import asks_of_another_year, unheard_subjects
from assistant.extractive import QUOTE_LENGTH, QUOTES, select_quotes
from assistant.regions import of_neighbour
from assistant.retrieval import Passage, retrieve
from assistant.sentences import FEATURES, WEIGHTS, sentence_features, sentence_scores, sentences_of
from assistant.services import Services
from assistant.term_matching import match_terms
from corpus.documents import Status
from corpus.embedding import Embedder, open_embeddings
from corpus.ranking import Term, term_weights

TODAY = date(2026, 11, 22)


def weigh(question: str, services: Services) -> dict[Term, float]:
    words = services.indexes[0].words
    return term_weights(question, words.frequency, words.count())


def found(question: str, services: Services) -> list[Passage]:
    return [p for p in retrieve(question, services, as_of=TODAY) if p.is_basis]


def test_a_word_is_met_by_itself_by_its_other_form_and_by_meaning(embedder: Embedder) -> None:
    weights: dict[Term, float] = {("养狗", "养犬"): 2.0, ("罚款",): 1.0}
    texts = ["养犬应当登记，违者罚款", "犬只管理与处罚", "住房公积金提取"]
    matches = match_terms(weights, texts, embedder)
    assert matches is not None
    assert matches.nearness[:, 0] == pytest.approx([1.0, 1.0])
    coverage = matches.coverage()
    assert coverage[0] > coverage[1] > coverage[2]
    assert matches.weights.sum() == pytest.approx(1.0)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.text(max_size=20), max_size=4),
    st.lists(st.text(min_size=1, max_size=6), max_size=4),
)
def test_nearness_is_a_share(texts: list[str], words: list[str]) -> None:
    matches = match_terms({(w,): 1.0 for w in words}, texts, open_embeddings("static"))
    if matches is not None:
        assert ((matches.nearness >= 0) & (matches.nearness <= 1)).all()
        assert (matches.weakest() <= matches.nearness.max(axis=0) + 1e-9).all()


def test_an_everyday_word_and_its_formal_words_are_one_term(citizens: Services) -> None:
    weights = weigh("狗证怎么办", citizens)
    assert any("狗证" in term and len(term) > 1 for term in weights)


def test_every_feature_has_its_weight() -> None:
    assert tuple(WEIGHTS) == FEATURES


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("生育津贴按什么标准发", "生育津贴"),
        ("居住证多少个工作日办好", "工作日"),
    ],
)
def test_the_best_sentence_tells_what_is_asked(
    question: str, told: str, citizens: Services
) -> None:
    passages = found(question, citizens)[:5]
    sentences = sentences_of(passages)
    scores = sentence_scores(
        question, sentences, passages, citizens.store.embedder, weigh(question, citizens)
    )
    assert told in sentences[int(np.argmax(scores))].text
    assert ((scores >= 0) & (scores <= 1)).all()


def test_a_sentence_that_tells_no_figure_loses_where_one_is_asked(citizens: Services) -> None:
    question = "高龄津贴每月多少钱"
    passages = found(question, citizens)[:5]
    rows = sentence_features(
        question,
        sentences_of(passages),
        passages,
        citizens.store.embedder,
        weigh(question, citizens),
    )
    met, unmet = FEATURES.index("kind_met"), FEATURES.index("kind_unmet")
    assert (rows[:, met] + rows[:, unmet] == 1).all()
    assert rows[:, met].any()


@pytest.mark.parametrize(
    "question", ["高龄津贴每月多少钱", "养狗要办什么手续", "租房提取公积金的额度", "廉租房", "12"]
)
def test_quotes_are_few_short_and_in_their_clauses(question: str, citizens: Services) -> None:
    passages = found(question, citizens)
    quotes = select_quotes(question, passages, citizens.store.embedder, weigh(question, citizens))
    assert len(quotes) <= QUOTES
    for quote in quotes:
        chunk = quote.passage.chunk
        assert chunk.start <= quote.start < quote.end <= chunk.end
        assert chunk.text[quote.start - chunk.start : quote.end - chunk.start] == quote.text
    longest = max((len(s.text) for s in sentences_of(passages[:5])), default=0)
    assert sum(len(q.text) for q in quotes) <= max(2 * QUOTE_LENGTH, longest + QUOTE_LENGTH)


@pytest.mark.parametrize(
    ("question", "unheard"),
    [("护照首次办理多少钱", "护照"), ("殡仪馆火化怎么收费", "火化"), ("养狗要办什么手续", "")],
)
def test_a_matter_that_no_document_speaks_of_is_named(
    question: str, unheard: str, citizens: Services
) -> None:
    found_out = unheard_subjects(
        weigh(question, citizens),
        found(question, citizens),
        citizens.store.embedder,
        citizens.indexes[0].words.count(),
    )
    assert (unheard in found_out) if unheard else not found_out


def test_a_row_of_a_table_is_quoted_whole(citizens: Services) -> None:
    question = "石桥县政务大厅在哪条街"
    rows = [s for s in sentences_of(found(question, citizens)) if "石桥县政务服务大厅" in s.text]
    assert rows
    assert all("东街7号" in row.text for row in rows if row.text.startswith("单位："))


def test_the_question_of_a_pair_is_not_its_answer(citizens: Services) -> None:
    passages = found("居住证忘记签注怎么办", citizens)
    assert any(passage.chunk.text.startswith("问：") for passage in passages)
    assert not any(sentence.text.startswith("问：") for sentence in sentences_of(passages))


@pytest.mark.parametrize(
    ("question", "subject", "status"),
    [
        ("公租房办法征求意见稿里人均财产上限定的多少", "公共租赁住房", Status.DRAFT),
        ("公租房人均财产上限是多少", "公共租赁住房", Status.IN_FORCE),
        ("2017年那个养犬办法里年检一次收多少", "养犬", Status.REPEALED),
        ("养犬登记年检一次收多少", "养犬", Status.IN_FORCE),
    ],
)
def test_a_draft_or_a_former_rule_comes_first_only_where_it_is_asked_for(
    question: str, subject: str, status: Status, citizens: Services
) -> None:
    first = next(
        passage
        for passage in retrieve(question, citizens, as_of=TODAY)
        if subject in passage.document.metadata.title
    )
    assert first.status is status


def test_what_is_not_yet_in_force_gives_way_to_what_is(citizens: Services) -> None:
    passages = retrieve("人才生活补贴最多能领几个月", citizens, as_of=date(2023, 6, 1))
    assert passages[0].is_basis
    assert "暂行办法" in passages[0].document.metadata.title


def test_titles_and_imprints_answer_nothing(citizens: Services) -> None:
    passages = found("公积金管理中心电话多少", citizens) + found("结婚登记收费吗", citizens)
    sentences = sentences_of(passages)
    titles = {passage.document.metadata.title for passage in passages}
    assert not titles & {sentence.text for sentence in sentences}
    assert not [s.text for s in sentences if s.text.endswith(("日发布", "日印发"))]


@pytest.mark.parametrize(
    ("question", "another"),
    [
        ("2028年居民医保个人交多少", True),
        ("2027年居民医保个人交多少", False),
        ("居民医保个人交多少", False),
        ("清政发〔2028〕3号讲了什么", False),
    ],
)
def test_a_year_that_nothing_speaks_of_is_noticed(
    question: str, another: bool, citizens: Services
) -> None:
    passages = found(question, citizens)
    assert asks_of_another_year(question, passages, TODAY) is another


@pytest.mark.parametrize(
    ("question", "place", "neighbour"),
    [
        ("河滨区每月垃圾处理费多少", "临溪县", True),
        ("石桥的垃圾处理费多少", "临溪县", True),
        ("临溪县垃圾处理费多少", "临溪县", False),
        ("垃圾处理费多少", "临溪县", False),
        ("我们小区垃圾处理费多少", "临溪县", False),
        ("河滨区每月垃圾处理费多少", "清河市", False),
        ("河滨区分局在哪里", "临溪县", True),
        ("禁燃区能不能放鞭炮", "临溪县", False),
        ("禁放区放烟花罚多少", "临溪县", False),
        ("禁养区养猪怎么补偿", "临溪县", False),
        ("限行区怎么罚", "临溪县", False),
        ("工业区里能办养殖场吗", "临溪县", False),
        ("贫困县的学生有没有生活补助", "临溪县", False),
        ("行政区划调整后要换身份证吗", "临溪县", False),
        ("低保和特困有什么区别", "临溪县", False),
        ("该在哪个区办", "临溪县", False),
        ("在我们县办要什么材料", "临溪县", False),
        ("这事可以跨区办吗", "临溪县", False),
    ],
)
def test_one_county_does_not_answer_for_another(question: str, place: str, neighbour: bool) -> None:
    assert of_neighbour(question, place, {"云江省", "清河市", "石桥县", "临溪县"}) is neighbour
