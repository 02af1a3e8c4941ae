"""Question → clauses that may answer it: search, order, exact names first, validity on a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.filtering import Filters, admitted_clauses
from assistant.services import Services
from corpus.documents import Chunk, Document, Status
from corpus.index import merge
from corpus.metadata.dates import half_width
from corpus.ranking import FEATURES, LOOKED_AT, ScoredChunk, rank
from corpus.sentence_encoder import Reading
from corpus.validity import Relation, status_on

TOP_CLAUSES = 10
FILTERED_CANDIDATES = 400  # looked at where the filters leave much of the corpus
# 文号 as people type it: 清政发〔2025〕3号, [2025]3号, (2025) 3号.
_DOCUMENT_NUMBER = re.compile(
    r"([一-龥]{1,12})\s*[〔\[（(【［]\s*(\d{4})\s*[〕\]）)】］]\s*(?:第\s*)?0*(\d{1,5})\s*号"
)
_WIDEST_NUMBER = 5  # digits, zeros in front included
_TITLE = re.compile(r"《([^《》]{3,80})》")
# What a document that a question names by 文号 or title gains over every other.
NAMED_BONUS = 100.0
# What a draft or an ended text without a successor loses against a text in force: with less, drafts
# displace rules that are in force; with more, the nearest rule on another matter is quoted where
# only an ended one is on this.
NO_BASIS_COST = 3.0
NOT_YET_COST = 4.0  # what binds nobody on the day asked about comes before nothing but nothing
# What the text gains that a question asks for as it was proposed, or as it was before.
ASKED_AS_IT_WAS = 2.0
_ASKS_DRAFT = re.compile(r"征求(?:社会|公众)?意见|意见稿|草案|送审稿|提意见")
_RULES = r"(?:办法|规定|细则|条例|规则|政策|文件|意见|方案|通知|公告|通告)"
_ASKS_ENDED = re.compile(
    rf"(?:[老旧]|原来|以前|之前|过去|废止|失效)了?的?(?:那[个份])?[^，。？]{{0,6}}{_RULES}"
)
_ASKS_YEAR = re.compile(rf"(?<!\d)((?:19|20)\d\d)年[^，。？\d]{{0,12}}{_RULES}")
_DENSE, _COVERAGE = FEATURES.index("dense"), FEATURES.index("all_coverage")
_NO_CLAUSE = frozenset({"落款", "目录"})  # parts of a document that rule nothing
_NOT_A_BASIS = frozenset(
    {Status.AMENDED, Status.REPEALED, Status.REVOKED, Status.EXPIRED, Status.DRAFT}
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A clause found, with its document, validity on the day asked about and what ended it.

    `evidence` holds the values of `corpus.ranking.FEATURES` that its score rests on; empty for a
    clause that only the name of its document brought in. `reading` is set for the best few, once
    they were read beside the question (`assistant.reranking`).
    """

    chunk: Chunk
    document: Document
    status: Status
    ended_by: tuple[Relation, ...]
    score: float
    evidence: tuple[float, ...]
    reading: Reading | None = None

    @property
    def dense(self) -> float:
        """The cosine to the question; 0 where only a name brought the clause in."""
        return self.evidence[_DENSE] if self.evidence else 0.0

    @property
    def coverage(self) -> float:
        """The share of the question's words, by rarity, in the clause or its headings (0 to 1)."""
        return self.evidence[_COVERAGE] if self.evidence else 0.0

    @property
    def is_basis(self) -> bool:
        """Say whether an answer may silently rest on it."""
        return self.status not in _NOT_A_BASIS and self.status is not Status.NOT_YET_IN_FORCE


def retrieve(
    question: str,
    services: Services,
    *,
    as_of: date,
    filters: Filters | None = None,
    limit: int = TOP_CLAUSES,
) -> list[Passage]:
    """Return passages best first, for the version of the law in force on a day.

    A text that ended, is a draft, or is not yet in force gives way to the one that took its
    place; it stays, marked, where nothing took its place.
    """
    services.store.catalogue.refresh()
    depth, among = max(limit, LOOKED_AT), None
    if filters:
        among = admitted_clauses(filters, services, as_of)
        depth = max(depth, FILTERED_CANDIDATES) if among is None else depth
    scored, documents = _search(question, services, depth, among)
    relations = services.relations(documents)
    named = _named_documents(question, services)
    passages = [
        Passage(
            chunk=found.chunk,
            document=documents[found.chunk.document_id],
            status=status_on(
                documents[found.chunk.document_id],
                relations.get(found.chunk.document_id, []),
                as_of,
            ),
            ended_by=tuple(relations.get(found.chunk.document_id, [])),
            score=found.score + (NAMED_BONUS if found.chunk.document_id in named else 0.0),
            evidence=found.evidence,
        )
        for found in scored
        if found.chunk.document_id in documents and found.chunk.locator not in _NO_CLAUSE
    ]
    passages += _rest_of_named(services, named, passages, as_of)
    if filters:
        passages = [p for p in passages if filters.admit(p.document, p.status)]
    passages.sort(key=lambda passage: -passage.score)
    asked_by_name = filters is not None and filters.status is not None
    return (passages if asked_by_name else prefer_basis(passages, question))[:limit]


def prefer_basis(passages: Sequence[Passage], question: str) -> list[Passage]:
    """Drop what is not in force beside what is, and put back what is no basis.

    A text with a successor among what was found goes, and one that is yet to take the place of a
    text found. What has neither stays, behind a basis that answers nearly as well. A question that
    names a document, or asks for the draft or the former rule, gets that first.
    """
    present = {passage.document.id for passage in passages if passage.is_basis}
    to_come = {r.newer for passage in passages if passage.is_basis for r in passage.ended_by}

    def wanted(passage: Passage) -> bool:
        return _named(passage) or _asks_for(question, passage)

    def gives_way(passage: Passage) -> bool:
        return passage.document.id in to_come or any(r.newer in present for r in passage.ended_by)

    def worth(passage: Passage) -> float:
        if passage.is_basis or _named(passage):
            return passage.score
        if wanted(passage):
            return passage.score + ASKED_AS_IT_WAS
        yet_to_come = passage.status is Status.NOT_YET_IN_FORCE
        return passage.score - (NOT_YET_COST if yet_to_come else NO_BASIS_COST)

    kept = [p for p in passages if p.is_basis or wanted(p) or not gives_way(p)]
    return sorted(kept, key=worth, reverse=True)


def _asks_for(question: str, passage: Passage) -> bool:
    """Say whether a question asks for this draft or ended text: 征求意见稿里, 老办法, 2017年的办法."""
    if passage.is_basis:
        return False
    if passage.status is Status.DRAFT:
        return bool(_ASKS_DRAFT.search(question))
    if passage.status is Status.NOT_YET_IN_FORCE:
        return False
    if _ASKS_ENDED.search(question):
        return True
    metadata = passage.document.metadata
    years = {day.year for day in (metadata.written, metadata.published, metadata.effective) if day}
    return any(int(match[1]) in years for match in _ASKS_YEAR.finditer(question))


def _named(passage: Passage) -> bool:
    return passage.score >= NAMED_BONUS / 2


def _search(
    question: str, services: Services, depth: int, among: frozenset[str] | None
) -> tuple[list[ScoredChunk], dict[str, Document]]:
    """Search every index that may be seen; return one order, and the documents by id.

    `among` holds the only clauses that are searched, None for all.
    """
    owners: dict[str, Document] = {}

    def fetch(ids: list[str]) -> tuple[dict[str, Chunk], dict[str, Document]]:
        chunks = services.chunks(ids)
        owners.update(services.documents({chunk.document_id for chunk in chunks.values()}))
        return chunks, owners

    # One pool for all levels: what a score means depends on the pool, and a handful of internal
    # clauses would look as good as the best of many public ones.
    sides = [index.words for index in services.indexes]
    found = rank(
        question,
        merge([index.search(question, depth, among) for index in services.indexes]),
        _by_score(index.search_documents(question) for index in services.indexes),
        fetch=fetch,
        frequency=lambda word: sum(side.frequency(word) for side in sides),
        population=sum(side.count() for side in sides),
        ranker=services.ranker,
        depth=depth,
    )
    return found, owners


def _by_score(found: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Return the scores of several searches for documents as one, best first."""
    together = [hit for scores in found for hit in scores.items()]
    return dict(sorted(together, key=lambda hit: -hit[1]))


def _named_documents(question: str, services: Services) -> set[str]:
    """Return the ids of documents that a question names by 文号 or by 《title》."""
    catalogue = services.store.catalogue
    found: set[str] = set()
    for match in _DOCUMENT_NUMBER.finditer(half_width(question)):
        agency, year, number = match.groups()
        # 请问清政发〔2025〕3号: the agency code is the tail of what stands before the bracket, and the
        # longest one that is held is meant. A document may bear its number with zeros: 〔2024〕01号.
        written = [number.zfill(width) for width in range(len(number), _WIDEST_NUMBER + 1)]
        tails = [agency[cut:] for cut in range(len(agency))]
        held = [
            document
            for document in catalogue.numbered(
                f"{t}〔{year}〕{n}号" for t in tails for n in written
            )
            if document.access in services.levels
        ]
        longest = max((_agency_length(document) for document in held), default=0)
        found |= {document.id for document in held if _agency_length(document) == longest}
    if found:
        return found
    for name in (*(match[1] for match in _TITLE.finditer(question)), question.strip()):
        documents = catalogue.find(name)
        found |= {document.id for document in documents if document.access in services.levels}
    return found


def _agency_length(document: Document) -> int:
    return document.metadata.document_number.index("〔")


def _rest_of_named(
    services: Services,
    named: Iterable[str],
    already: Sequence[Passage],
    as_of: date,
) -> list[Passage]:
    """Return the opening clauses of named documents that the search itself did not find."""
    lacking = set(named) - {passage.document.id for passage in already}
    documents = services.documents(lacking)
    relations = services.relations(documents)
    return [
        Passage(
            chunk=chunk,
            document=document,
            status=status_on(document, relations.get(key, []), as_of),
            ended_by=tuple(relations.get(key, [])),
            score=NAMED_BONUS - place,
            evidence=(),
        )
        for key, document in documents.items()
        for place, chunk in enumerate(services.store.catalogue.chunks_of(key)[:3])
    ]
