"""How near an answer's words come to a right answer's, by character; the best right answer counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from rapidfuzz.distance import LCSseq

from eval.normalise import characters
from eval.samples import Score


def score_wording(answer: str, right: Sequence[str]) -> dict[str, Score]:
    """Return `character_f1`, `rouge_l` and `exact_match` (0 to 1); nothing without right answers.

    All three compare letters, digits and Han characters after numerals, amounts, days and widths
    took one form. `rouge_l` is the F1 of the longest common subsequence of characters (Lin 2004
    with β = 1).
    """
    if not right:
        return {}
    given = characters(answer)
    wanted = [characters(text) for text in right]
    return {
        "character_f1": _best(_character_f1, given, wanted),
        "rouge_l": _best(_rouge_l, given, wanted),
        "exact_match": _best(lambda one, other: float(one == other != ""), given, wanted),
    }


def _best(measure: Callable[[str, str], float], given: str, wanted: Sequence[str]) -> Score:
    return Score(round(max(measure(given, one) for one in wanted), 4))


def _character_f1(given: str, wanted: str) -> float:
    return _f1((Counter(given) & Counter(wanted)).total(), len(given), len(wanted))


def _rouge_l(given: str, wanted: str) -> float:
    return _f1(LCSseq.similarity(given, wanted), len(given), len(wanted))


def _f1(common: int, given: int, wanted: int) -> float:
    return 2 * common / (given + wanted) if common else 0.0
