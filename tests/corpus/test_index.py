"""Candidates of several indexes rank as those of one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from corpus.index import Candidate, merge

SCORES = st.one_of(st.none(), st.floats(-1, 1))


@given(st.lists(st.lists(st.tuples(SCORES, SCORES), max_size=6), min_size=1, max_size=3))
def test_ranks_follow_the_scores_over_all(
    levels: list[list[tuple[float | None, float | None]]],
) -> None:
    found = [
        [
            Candidate(f"{level}-{n}", dense, lexical, 0 if dense is not None else None, None)
            for n, (dense, lexical) in enumerate(candidates)
        ]
        for level, candidates in enumerate(levels)
    ]
    merged = merge(found)
    assert {c.chunk_id for c in merged} == {c.chunk_id for some in found for c in some}
    if len(found) == 1:
        return
    dense = sorted((c for c in merged if c.dense is not None), key=lambda c: c.dense_rank or 0)
    assert [c.dense_rank for c in dense] == list(range(len(dense)))
    assert all((a.dense or 0) >= (b.dense or 0) for a, b in pairwise(dense))
    assert all((c.lexical is None) == (c.lexical_rank is None) for c in merged)
