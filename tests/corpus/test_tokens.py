from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.tokens import bigrams, normalise, words

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=30)
ANY = st.text(st.characters(), max_size=120)  # lone surrogates too


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@given(ANY)
def test_words_keep_every_letter_and_digit_in_order(text: str) -> None:
    assert letters("".join(words(text))) == letters(normalise(text))


@given(ANY)
def test_no_token_is_mere_punctuation(text: str) -> None:
    assert all(any(map(str.isalnum, token)) for token in words(text))
    assert "" not in bigrams(text)


@given(HAN)
def test_bigrams_of_a_run_rebuild_it(run: str) -> None:
    pairs = bigrams(run)
    assert len(pairs) == len(run) - 1
    assert pairs[0] + "".join(pair[1] for pair in pairs[1:]) == normalise(run)


@given(HAN, HAN)
def test_bigrams_do_not_cross_punctuation(left: str, right: str) -> None:
    assert bigrams(f"{left}，{right}") == bigrams(left) + bigrams(right)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        pytest.param("ＣＯＶＩＤ－１９", "covid-19", id="full-width letters"),
        pytest.param("国办发〔２０２５〕９号", "国办发〔2025〕9号", id="full-width digits"),
        pytest.param("GDP", "gdp", id="case"),
        pytest.param("㈠申请材料", "(一)申请材料", id="enclosed numeral"),
    ],
)
def test_forms_of_writing_are_one(written: str, plain: str) -> None:
    assert words(written) == words(plain)
    assert bigrams(written) == bigrams(plain)


def test_words_follow_the_dictionary_and_bigrams_do_not() -> None:
    assert words("个体工商户的债务") == ["个体", "工商户", "的", "债务"]
    assert bigrams("工商户A类2025年") == ["工商", "商户", "a", "类", "2025", "年"]
