"""Which document ends which, and what a document is worth on a given day; pure functions.

Three things end or weaken a document: a later one repeals it by name (同时废止), a later version of
the same regulation takes its place, or a draft was issued in its final form.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from corpus.documents import Document, Level, Metadata, Status
from corpus.metadata import status_on as own_status_on


class RelationKind(StrEnum):
    """How the newer document touches the older one."""

    REPEALS = "repeals"
    REVISES = "revises"
    ISSUES = "issues"  # the older one is the draft of the newer


@dataclass(frozen=True, slots=True)
class Relation:
    """`newer` ends `older` from `since` on (None: from when on is not known, so always).

    `newer` is empty where a person repealed a document without naming its successor.
    """

    older: str
    newer: str
    kind: RelationKind
    since: date | None
    note: str = ""
    by_hand: bool = False


# Kinds of which only the latest version counts. Annual notices and reports are documents of their
# own even when they share a title.
_REVISED_KINDS = (
    "法",
    "条例",
    "办法",
    "规定",
    "细则",
    "规则",
    "规程",
    "决定",
    "解释",
    "法典",
    "章程",
)
_VERSION_MARK = re.compile(
    r"[（(](?:\d{4}年?[^（）()]*|[^（）()]*(?:修正|修订|修改|征求意见稿|草案|试行|暂行|示例|转载)[^（）()]*)[）)]"
)
# Each decision changes or ends other texts; a later one of the same name ends other ones.
_CHANGING = re.compile(r"关于(?:公布)?(?:修改|废止|修订|修正)")
_RANKS = (Level.NATIONAL, Level.PROVINCE, Level.CITY, Level.COUNTY)
_ISSUER_PREFIX = re.compile(
    r"(?:人民政府办公厅|人民政府办公室|人民政府|办公厅|委员会|[^省市县区]{1,8}[厅局委])(?=关于)"
)
_ISSUED = re.compile(r"印发[《〈]?(.+?)[》〉]?的通知$")


def title_key(title: str) -> str:
    """Return a title without brackets, spaces and version marks: equal keys are one regulation."""
    return re.sub(r"[《》〈〉“”\s]", "", _VERSION_MARK.sub("", title))


def subject_key(title: str) -> str:
    """Return what a title is about, so that a draft and its issued form meet.

    《吉林省…创新发展实施意见（征求意见稿）》 and 《吉林省人民政府关于…创新发展的实施意见》 have one key.
    """
    key = title_key(title)
    issued = _ISSUED.search(key)
    if issued:
        key = issued[1]
    key = _ISSUER_PREFIX.sub("", key)
    return re.sub(r"公开征求|意见的(?:公告|通告|通知)$|关于|的|[，、：（）()]", "", key)


def find_relations(documents: Iterable[Document]) -> list[Relation]:
    """Return every relation that the documents state or show, in a stable order."""
    by_number: dict[str, list[Document]] = defaultdict(list)
    by_title: dict[str, list[Document]] = defaultdict(list)
    by_subject: dict[str, list[Document]] = defaultdict(list)
    everything = sorted(documents, key=lambda document: document.id)
    for document in everything:
        if document.metadata.document_number:
            by_number[document.metadata.document_number].append(document)
        if document.metadata.title:
            by_title[title_key(document.metadata.title)].append(document)
            by_subject[subject_key(document.metadata.title)].append(document)
    found: dict[tuple[str, str], Relation] = {}
    for relation in (
        *_repeals(everything, by_number, by_title, by_subject),
        *_revisions(by_title.values()),
        *_issues(by_subject.values()),
    ):
        found.setdefault((relation.older, relation.newer), relation)
    return list(found.values())


def status_on(document: Document, relations: Sequence[Relation], day: date) -> Status:
    """Return the validity of a document on a day: what ends it first, then its own dates.

    `relations` are those whose `older` is this document. A revoked document was never valid
    (条例 art. 33: 撤销 from the start, 废止 from its day on).
    """
    if document.metadata.status in (Status.REVOKED, Status.DRAFT):
        return document.metadata.status
    ended = [r for r in relations if r.since is None or r.since <= day]
    if any(relation.kind is RelationKind.REPEALS for relation in ended):
        return Status.REPEALED
    if ended:
        return Status.AMENDED
    stated = document.metadata.status
    if relations and stated in (Status.REPEALED, Status.AMENDED, Status.EXPIRED):
        # It is known since when it ended, and that day lies ahead.
        return own_status_on(replace(document.metadata, status=None), day)
    return own_status_on(document.metadata, day)


def _date_of(metadata: Metadata) -> date | None:
    return metadata.effective or metadata.published or metadata.written


def _repeals(
    documents: Sequence[Document],
    by_number: Mapping[str, list[Document]],
    by_title: Mapping[str, list[Document]],
    by_subject: Mapping[str, list[Document]],
) -> Iterable[Relation]:
    for newer in documents:
        if newer.metadata.status is Status.DRAFT:
            continue  # a draft repeals nothing
        for name in newer.metadata.replaces:
            # A number is one text's alone; many places have a text of the same title.
            older_ones = by_number.get(name) or [
                older
                for older in by_title.get(title_key(name)) or by_subject.get(subject_key(name), [])
                if _same_place(older.metadata, newer.metadata)
            ]
            for older in older_ones:
                if (
                    older.id != newer.id
                    and older.access == newer.access
                    and _not_later(older, newer)
                    and _may_repeal(newer.metadata, older.metadata)
                ):
                    since = _date_of(newer.metadata)
                    yield Relation(older.id, newer.id, RelationKind.REPEALS, since, name)


def _same_place(one: Metadata, other: Metadata) -> bool:
    """Tell whether two texts may be of one place: 长春市 and 吉林省长春市 are, and an unknown one."""
    places = [m.region or ("全国" if m.level is Level.NATIONAL else "") for m in (one, other)]
    return places[0].endswith(places[1]) or places[1].endswith(places[0])


def _may_repeal(newer: Metadata, older: Metadata) -> bool:
    """Tell whether one text can end another: no office ends what a higher one issued."""
    if newer.level is None or older.level is None:
        return True
    return _RANKS.index(newer.level) <= _RANKS.index(older.level)


def _not_later(older: Document, newer: Document) -> bool:
    older_date, newer_date = _date_of(older.metadata), _date_of(newer.metadata)
    return older_date is None or newer_date is None or older_date < newer_date


def _revisions(groups: Iterable[Sequence[Document]]) -> Iterable[Relation]:
    """Yield, for each version of a regulation, the first of a later day; copies are one version."""
    for group in groups:
        versions = [
            document
            for document in group
            if document.metadata.status is not Status.DRAFT
            and title_key(document.metadata.title).endswith(_REVISED_KINDS)
            and not _CHANGING.search(document.metadata.title)
            and _date_of(document.metadata)
        ]
        versions.sort(key=lambda document: (_date_of(document.metadata) or date.min, document.id))
        days = [_date_of(document.metadata) or date.min for document in versions]
        for older, day in zip(versions, days, strict=True):
            for newer in versions[bisect_right(days, day) :]:
                if older.access == newer.access and _same_place(older.metadata, newer.metadata):
                    since = _date_of(newer.metadata)
                    yield Relation(older.id, newer.id, RelationKind.REVISES, since)
                    break


def _issues(groups: Iterable[Sequence[Document]]) -> Iterable[Relation]:
    for group in groups:
        drafts = [d for d in group if d.metadata.status is Status.DRAFT]
        issued = [d for d in group if d.metadata.status is not Status.DRAFT]
        for draft in drafts:
            for final in issued:
                if draft.access == final.access and _not_later(draft, final):
                    since = final.metadata.written or final.metadata.published
                    yield Relation(draft.id, final.id, RelationKind.ISSUES, since)
