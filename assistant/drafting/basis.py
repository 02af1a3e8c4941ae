"""The legal and policy basis of a draft: found, judged on a day, quoted as spans, or blocked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from assistant.drafting.draft import Basis, BlockedBasis
from assistant.drafting.matter import matter_of
from assistant.retrieval import Passage, retrieve
from assistant.services import Services
from corpus.chunking import split_sentences
from corpus.documents import Chunk, Document, Level, Status
from corpus.metadata.document_numbers import whole_number
from corpus.numerals import chinese_to_int
from corpus.tokens import bigrams
from corpus.validity import status_on, title_key

# Mean of coverage and cosine, and cosine, from which a clause is quoted without a person having
# named it. Of 31 matters over the sample corpus those on which it holds nothing reach 0.51 and 0.59
# at most, and 0.69 only with a cosine of 0.38; those on which it rules have 0.52 and 0.48 or more.
QUOTED_FROM, LEAST_COSINE = 0.52, 0.42
OFFERED = 6  # clauses shown to the person who drafts
OF_ONE_DOCUMENT = 3  # of them at most, so that one long text does not hide the others
CHOSEN = 2  # documents quoted at most where the person named none
# The share of the question's pairs of characters that a quoted sentence must hold.
LEAST_SHARED = 0.05
FULL_LINE = 22  # characters of a line that a program broke, not a person
SHORTEST = 14  # characters of a sentence that says something by itself
QUOTE_LENGTH = 160  # characters of one quoted sentence; longer ones do not read in a letter
_NO_BASIS_WORDS = {"无", "不引用", "没有"}
_CLAUSE = re.compile(r"(第[一二三四五六七八九十百千零〇\d]+条.*)$")
_PARAGRAPH = re.compile(r"(第[一二三四五六七八九十百千零〇\d]+条)第([一二三四五六七八九十百\d]+)款")
_ARTICLE_HEAD = re.compile(
    r"^[\s　]*第[一二三四五六七八九十百千零〇\d]+条(?:之[一二三四五六七八九十])?", re.M
)
# A line of an article that is no paragraph (款) of its own: an item, or a row of a table.
_ITEM = re.compile(r"[\s　]*(?:[（(][一二三四五六七八九十百]+[）)]|\d{1,2}[.．、]|\|)")
# A sentence that says why a text was made, when it begins, or leads over to what follows it, is no
# ground for anything.
_NO_GROUND = re.compile(
    r"制定本|特制定|起施行。$|如下表?。$|(?:通知|公告|通告|批复|函复)如下|收悉。|^感谢|见下表|见附件"
)
# What may be cited as a basis: law and policy, not a guide, a list of questions or a reply.
_RULES = re.compile(
    r"(?:法|条例|规定|办法|细则|规则|决定|意见|通知|公告|通告|批复|措施|方案)(?:（[^（）]+）)*$"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search for a basis came to: clauses offered (the chosen ones marked) and blocked ones."""

    offered: tuple[Basis, ...] = ()
    blocked: tuple[BlockedBasis, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def chosen(self) -> tuple[Basis, ...]:
        """Return the clauses that the draft quotes."""
        return tuple(basis for basis in self.offered if basis.chosen)


def find_basis(
    question: str,
    named: Sequence[str],
    services: Services | None,
    *,
    as_of: date,
    issuer: str = "",
    only_rules: bool = True,
    more: str = "",
) -> Found:
    """Find the basis of a draft: what the person named, else what the corpus holds.

    The matter of the question is searched first, then the matter with `more` that is known of it.
    A named document that ended, or is a draft, is blocked with its successor; one that the
    corpus does not hold is noted and left to the person; one without a sentence that fits has an
    empty quote, to be cited by its name. Without a name, texts of a place that the issuer does not
    belong to (another city, a county below it) are not offered.
    `only_rules` leaves out what rules nothing: reports, replies, guides.
    """
    if any(name in _NO_BASIS_WORDS for name in named) or not (question or named):
        return Found()
    if services is None:
        notes = [f"没有资料库，未能核对依据：{name}" for name in named]
        return Found(notes=tuple(notes or ["没有资料库，未检索依据"]))
    if named:
        return _named(question, named, services, as_of)
    matter = matter_of(question)
    passages: dict[str, Passage] = {}
    for asked in dict.fromkeys([matter, f"{matter}\n{more}".strip()]):
        for passage in retrieve(asked, services, as_of=as_of, limit=OFFERED * 3):
            passages.setdefault(passage.chunk.id, passage)
    return _judged(matter, list(passages.values()), services, issuer, only_rules)


def status_of(document: Document, services: Services, as_of: date) -> Status:
    """Return the validity of a document on a day."""
    relations = services.relations([document.id]).get(document.id, [])
    return status_on(document, relations, as_of)


def block(document: Document, status: Status, services: Services) -> BlockedBasis:
    """Return why a document may not be quoted, and what took its place."""
    relations = services.relations([document.id]).get(document.id, [])
    newer = services.documents(relation.newer for relation in relations if relation.newer)
    successor = next(iter(newer.values()), None)
    return BlockedBasis(
        title=document.metadata.title,
        document_number=document.metadata.document_number,
        reason=status.weakness,
        successor=successor.metadata.title if successor else "",
        successor_number=successor.metadata.document_number if successor else "",
    )


def find_document(
    name: str, services: Services, as_of: date, *, number: str = ""
) -> Document | None:
    """Return the document that a 文号 or a title names, or None.

    Drafts and former versions share the title of the text in force: the one with the `number` is
    meant, else the one whose version mark is named too, else the newest in force.
    """
    plain = name.strip().strip("《》")

    def fit(document: Document) -> tuple[bool, bool, bool, date]:
        metadata = document.metadata
        exact = metadata.title == plain
        return (
            bool(number) and metadata.document_number == number,
            exact and "（" in plain,
            not is_ended(status_of(document, services, as_of)),
            metadata.effective or metadata.published or metadata.written or date.min,
        )

    for wanted in dict.fromkeys((whole_number(plain) or plain, plain)):
        found = [d for d in services.store.catalogue.find(wanted) if d.access in services.levels]
        if found:
            best = max(found, key=fit)
            # By its title without a mark: a draft is meant by its 文号, its id or its whole title.
            loosely = "（" not in plain and title_key(plain) == title_key(best.metadata.title)
            return (_issued(best, services) if loosely else None) or best
    return None


def _issued(document: Document, services: Services) -> Document | None:
    """Return the text that a draft was issued in: it may stand in a notice of another title."""
    if document.metadata.status is not Status.DRAFT:
        return None
    relations = services.relations([document.id]).get(document.id, [])
    newer = services.documents(relation.newer for relation in relations if relation.newer)
    return next(iter(newer.values()), None)


def best_sentence(question: str, chunk: Chunk, *, longest: int = QUOTE_LENGTH) -> tuple[int, int]:
    """Return the span (offsets in the document) of the sentence of a clause that fits best.

    The span holds no numbering in front, no line break and no quotation marks where it can be
    helped; it is empty where the clause has no sentence that fits the question.
    """
    wanted = set(bigrams(question))
    best, span = LEAST_SHARED, (chunk.start, chunk.start)
    for start, end, text in _whole_sentences(chunk, longest, SHORTEST):
        share = len(wanted & set(bigrams(text))) / (len(wanted) or 1)
        score = share - 0.2 * ("“" in text) - 0.1 * bool(re.search(r"[(),;:]|\d ", text))
        if score > best:
            best, span = score, (start, end)
    return span


def article_paragraphs(text: str) -> list[tuple[int, int]]:
    """Return the span of each paragraph (款) of an article; items and rows of tables are none."""
    head = _ARTICLE_HEAD.search(text)
    start = head.start() if head else 0  # the heading of its chapter may stand above it
    spans: list[tuple[int, int]] = []
    for line in text[start:].splitlines(keepends=True):
        if line.strip() and not _ITEM.match(line):
            spans.append((start, start + len(line.rstrip())))
        start += len(line)
    return spans


def _whole_sentences(chunk: Chunk, longest: int, shortest: int) -> Iterator[tuple[int, int, str]]:
    """Yield the sentences of a clause that can be quoted: their span in the document, their text."""
    for start, end in split_sentences(chunk.text):
        if _broken_off(chunk.text[:start]):
            continue
        raw = chunk.text[start:end]
        lead = re.match(
            r"\s*(?:第[^\s　]{1,8}条(?:之[一二三四五六七八九十])?[\s　]+|[一二三四五六七八九十百]+、|"
            r"（[^）]{1,3}）|\d{1,2}[.．](?!\d))?\s*",
            raw,
        )
        shift = lead.end() if lead else 0
        text = raw[shift:].rstrip()
        if not shortest <= len(text) <= longest or "\n" in text or not text.endswith("。"):
            continue
        if not _NO_GROUND.search(text):
            place = chunk.start + start + shift
            yield place, place + len(text), text


def _first_sentence(chunk: Chunk) -> tuple[int, int]:
    """Return the span of the sentence that opens a clause; empty where a list or a table does."""
    head = _ARTICLE_HEAD.search(chunk.text)
    opening = chunk.text[head.end() if head else 0 :].lstrip()
    for start, end, text in _whole_sentences(chunk, QUOTE_LENGTH, 1):
        if opening.startswith(text):
            return start, end
        break
    return chunk.start, chunk.start


def _broken_off(before: str) -> bool:
    """Say whether what follows is the rest of a sentence that a hard line break cut in two."""
    last = before.rstrip().rpartition("\n")[2].strip()
    return len(last) >= FULL_LINE and last[-1] not in "。；：！？”）"


def _named(question: str, named: Sequence[str], services: Services, as_of: date) -> Found:
    offered: list[Basis] = []
    blocked: list[BlockedBasis] = []
    notes: list[str] = []
    for name in named:
        clause = _CLAUSE.search(name)
        document = find_document(name[: clause.start()] if clause else name, services, as_of)
        if document is None:
            notes.append(f"资料库里没有 {name}，未引用；请核对标题或文号，或先导入该文件")
            continue
        status = status_of(document, services, as_of)
        if is_ended(status):
            blocked.append(block(document, status, services))
            continue
        wanted = clause[1] if clause else ""
        chunk = _best_chunk(question, document, wanted, services)
        if chunk is None:
            notes.append(f"《{document.metadata.title}》里没有 {wanted or '条款'}")
            continue
        span = best_sentence(question, chunk)
        if span[0] == span[1] and wanted:
            span = _first_sentence(chunk)  # the person chose this clause, whatever the matter
        elif span[0] == span[1]:
            chunk = replace(chunk, locator="")  # the document is meant, not one clause of it
        offered.append(_basis(len(offered) + 1, document, chunk, span, status, True))
    return Found(tuple(offered), tuple(blocked), tuple(notes))


def _binds(document: Document, issuer: str) -> bool:
    """Say whether a text may bind an issuer: national, provincial, or of the issuer's own place."""
    metadata = document.metadata
    place = re.split(r"(?<=[省市])", metadata.region)[-1] if metadata.region else ""
    if not issuer or not place or metadata.level in (Level.NATIONAL, Level.PROVINCE):
        return True
    return place in issuer


def _judged(
    question: str,
    passages: Sequence[Passage],
    services: Services,
    issuer: str,
    only_rules: bool,
) -> Found:
    offered: list[Basis] = []
    blocked: dict[str, BlockedBasis] = {}
    quoted: set[str] = set()
    for passage in passages:
        document = passage.document
        if not passage.is_basis:
            blocked.setdefault(document.id, block(document, passage.status, services))
            continue
        if not _binds(document, issuer):
            continue
        if len(offered) == OFFERED or (only_rules and not _RULES.search(document.metadata.title)):
            continue
        if sum(basis.document_id == document.id for basis in offered) == OF_ONE_DOCUMENT:
            continue
        span = best_sentence(question, passage.chunk)
        chosen = (
            (passage.coverage + passage.dense) / 2 >= QUOTED_FROM
            and passage.dense >= LEAST_COSINE
            and len(quoted) < CHOSEN
            and document.id not in quoted
            and span[1] > span[0]
            and bool(document.metadata.document_number)
            # The second document stands beside the first only where it is nearly as good.
            and (not quoted or passage.score >= 0.8 * passages[0].score)
        )
        if chosen:
            quoted.add(document.id)
        offered.append(
            _basis(len(offered) + 1, document, passage.chunk, span, passage.status, chosen)
        )
    return Found(tuple(offered), tuple(blocked.values()))


def _best_chunk(question: str, document: Document, clause: str, services: Services) -> Chunk | None:
    chunks = services.store.catalogue.chunks_of(document.id)
    if clause:
        named = [chunk for chunk in chunks if _is_of(chunk, clause)]
        chunks = named or _paragraph(clause, chunks)
    wanted = set(bigrams(question))

    def fit(chunk: Chunk) -> tuple[bool, float]:
        start, end = best_sentence(question, chunk)
        return end > start, len(wanted & set(bigrams(chunk.text))) / (len(wanted) or 1)

    return max(chunks, key=fit, default=None)


def _is_of(chunk: Chunk, clause: str) -> bool:
    """Say whether a chunk is a clause or a part of it; 第六条之一 is no part of 第六条."""
    place = re.sub(r"^《[^》]+》", "", chunk.locator)  # an issued text names itself before it
    return place.startswith(clause) and not place.startswith(f"{clause}之")


def _paragraph(clause: str, chunks: Sequence[Chunk]) -> list[Chunk]:
    """Return the paragraph that a clause names of an article that is stored whole, if it has it."""
    named = _PARAGRAPH.fullmatch(clause)
    whole = next((c for c in chunks if named and c.locator == named[1]), None)
    if named is None or whole is None:
        return []
    spans, place = article_paragraphs(whole.text), chinese_to_int(named[2])
    if not 0 < place <= len(spans):
        return []
    start, end = spans[place - 1]
    return [
        replace(
            whole,
            start=whole.start + start,
            end=whole.start + end,
            text=whole.text[start:end],
            locator=clause,
        )
    ]


def _basis(
    number: int,
    document: Document,
    chunk: Chunk,
    span: tuple[int, int],
    status: Status,
    chosen: bool,
) -> Basis:
    start, end = span
    metadata = document.metadata
    return Basis(
        number=number,
        document_id=document.id,
        title=metadata.title,
        document_number=metadata.document_number,
        issuer=metadata.issuer,
        status=str(status),
        locator=chunk.locator,
        quote=chunk.text[start - chunk.start : end - chunk.start],
        start=start,
        end=end,
        source=metadata.source_url or document.source,
        chosen=chosen,
    )


def is_ended(status: Status) -> bool:
    """Say whether a text of this validity may not be quoted as a basis."""
    return bool(status.weakness)
