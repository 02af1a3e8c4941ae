"""Whether an answer holds what it must: key facts, the right answer's figures, and no other figure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eval.normalise import canonical, figures, half_width_digits, holds_figure, without_marks
from eval.samples import Score


def score_key_facts(text: str, patterns: Sequence[str]) -> Score | None:
    """Return the share of the patterns that a text matches; None where none are noted."""
    if not patterns:
        return None
    plain = half_width_digits(text)
    missed = [pattern for pattern in patterns if not re.search(pattern, plain)]
    return Score(round(1 - len(missed) / len(patterns), 4), " ".join(missed))


def score_right_figures(text: str, right: Sequence[str]) -> Score | None:
    """Return the share of the right answer's figures that a text holds; of several, the best.

    None where no right answer with a figure is noted.
    """
    held = canonical(text)
    shares = [
        (sum(holds_figure(held, figure) for figure in wanted) / len(wanted), wanted)
        for wanted in map(figures, right)
        if wanted
    ]
    if not shares:
        return None
    share, wanted = max(shares, key=lambda pair: pair[0])
    missed = sorted(figure for figure in wanted if not holds_figure(held, figure))
    return Score(round(share, 4), " ".join(missed))


def score_supported_figures(answer: str, cited: Sequence[str]) -> Score | None:
    """Return the share of an answer's figures (numbers, days, amounts, 文号) that were cited.

    None where it has no figure.
    """
    found = figures(without_marks(answer))
    if not found:
        return None
    held = canonical("\n".join(cited))
    loose = sorted(figure for figure in found if not holds_figure(held, figure))
    return Score(round(1 - len(loose) / len(found), 4), " ".join(loose))
