"""Which of the quoted documents prevails where they differ; the difference is said, never hidden.

立法法 art. 98–103: the higher level before the lower, and of one issuer the later before the earlier.
A lower level may still give more than the higher one demands, so a difference between levels is
shown with both texts and not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations

from assistant.citations import Citation
from assistant.clarifying import subject_of
from assistant.figures import Figure, figures
from corpus.documents import Document, Level
from corpus.tokens import bigrams

_RANK = {Level.NATIONAL: 0, Level.PROVINCE: 1, Level.CITY: 2, Level.COUNTY: 3}
_SAME_SUBJECT = 0.3  # share of the shorter title's bigrams that both titles have
_PLACE = re.compile(r"[^省市县区]{2,6}[省市县区]")


def differences(
    citations: Sequence[Citation], documents: Mapping[str, Document]
) -> tuple[str, ...]:
    """Return a sentence for each pair of quoted documents that give different figures."""
    said: dict[str, None] = {}
    for one, other in combinations(citations, 2):
        first, second = documents.get(one.document_id), documents.get(other.document_id)
        if not first or not second or first.id == second.id:
            continue
        if not _same_subject(one.title, other.title) or not _differ(one.quote, other.quote):
            continue
        said[_compare(first, second)] = None
    return tuple(said)


def _compare(one: Document, other: Document) -> str:
    """Say which document to follow, or that both must be weighed."""
    level, other_level = one.metadata.level, other.metadata.level
    if level and other_level and level is not other_level:
        higher, lower = (one, other) if _RANK[level] < _RANK[other_level] else (other, one)
        return (
            f"《{higher.metadata.title}》（{higher.metadata.level}级）与《{lower.metadata.title}》"
            f"（{lower.metadata.level}级）的数额或期限不同：下级规定不得与上级规定相抵触，"
            "下级依权限另行提高、细化的从其规定，请向发文机关核实。"
        )
    day, other_day = _day(one), _day(other)
    if one.metadata.issuer and one.metadata.issuer == other.metadata.issuer and day != other_day:
        newer, older = (one, other) if day > other_day else (other, one)
        return (
            f"《{newer.metadata.title}》比《{older.metadata.title}》新，"
            "两者数额或期限不同的，以新的规定为准。"
        )
    # By title, so that a pair is told once, whichever is quoted first.
    titles = sorted((one.metadata.title, other.metadata.title))
    return f"《{titles[0]}》与《{titles[1]}》的数额或期限不同，请向发文机关核实。"


def _day(document: Document) -> str:
    metadata = document.metadata
    return str(metadata.effective or metadata.published or metadata.written or "")


def _same_subject(one: str, other: str) -> bool:
    pairs = [set(bigrams(_PLACE.sub("", subject_of(title)))) for title in (one, other)]
    shorter = min(map(len, pairs))
    return bool(shorter) and len(pairs[0] & pairs[1]) >= _SAME_SUBJECT * shorter


def _differ(one: str, other: str) -> bool:
    """Say whether both texts give figures of one unit, and none of them is the same."""
    by_unit = [_by_unit(figures(text)) for text in (one, other)]
    return any(not by_unit[0][unit] & by_unit[1][unit] for unit in by_unit[0].keys() & by_unit[1])


def _by_unit(found: Sequence[Figure]) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    for figure in found:
        if figure.unit in _COMPARED:
            groups.setdefault(figure.unit, set()).add(figure.value)
    return groups


_COMPARED = frozenset({"元", "%", "日", "工作日", "月", "年", "岁"})
