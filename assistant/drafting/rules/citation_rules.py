"""C: what a text cites held against the corpus: does it exist, is it in force, does it say so.

C01 is a document that is not what it is called, C02 one that ended, C03 a clause or quotation that
is not there, C04 a document that the corpus does not hold, C05 a figure that its clause does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.drafting.basis import (
    article_paragraphs,
    block,
    find_document,
    is_ended,
    status_of,
)
from assistant.drafting.elements import Role
from assistant.drafting.reading import Line, ReadDocument
from assistant.drafting.rules.engine import Finding, Hit, Level
from assistant.figures import Figure, figures
from assistant.services import Services
from corpus.documents import Chunk, Document
from corpus.documents import Level as Reach
from corpus.metadata.document_numbers import normalise_number
from corpus.numerals import chinese_to_int
from corpus.validity import title_key

_SOURCE = "《党政机关公文处理工作条例》第二十条（四）"
_COUNT = r"[一二三四五六七八九十百千零〇\d]+"
_QUOTED = re.compile(
    r"《(?P<title>[^《》]{3,80})》(?:（(?P<number>[^（）]{4,40}号)）)?"
    rf"(?P<clause>第{_COUNT}条(?:第{_COUNT}款)?)?"
)
_NUMBER = re.compile(
    r"(?P<code>[一-龥]{1,14})(?P<rest>[〔\[［（(【](?:19|20)\d{2}[〕\]］）)】]\d{1,5}号)"
)
_ANOTHER = re.compile(rf"[、和及至—～]+第{_COUNT}条")
# What is named in 《》 without being a document that a corpus of rules would hold.
_NO_DOCUMENT = re.compile(r"(?:请示|函|报告|提案|建议|草案）|表|合同|协议|申请书|证|报|网)$")
_OWN = re.compile(r"(?:印发|发布|公布|提请审议|现将[^，。；：《]{0,20}|(?:转发|批转).{0,30})《")
# Laws and policies end so; a plan or a guide may be the writer's own and is not asked for.
_RULES = re.compile(
    r"(?:法|条例|规定|办法|细则|规则|决定|意见|通知|公告|批复)(?:（[^（）]{2,6}）)?$"
)
# What leads over to a ground, also past others named before it: 根据《甲》（文号）和《乙》.
_CITING = re.compile(
    r"(?:根据|依据|依照|按照|遵照|违反|落实|贯彻|执行)"
    r"(?:(?!起草|制定|修订|编制|拟订|印发|发布|公布|出台|形成|研究)[^，。；：《》]){0,8}"
    rf"(?:《[^《》]+》(?:（[^（）]+）)?(?:第（?{_COUNT}）?[条款项])*[、，和及以]{{0,2}})*$"
)
_SAYS = re.compile(r"(?:中|还)?(?:明确)?(?:规定|提出|明确|要求|指出)[：:]“([^”]+)”")
# What a text itself ends is no ground of it.
_REPEALS = re.compile(r"[^。；]{0,12}(?:废止|停止执行)")
_SENTENCE_END = re.compile(r"[。；！？]")
# From here on a sentence says what its writer does, no longer what the clause rules.
_OWN_MATTER = re.compile(
    r"，(?:现|拟|恳|申请|请|特|经|我|本|结合|决定|截至|已|共|累计|计划|安排|所需|为|定于|自|于|并|(?:19|20)\d{2}年)"
)
# A day or a year of the calendar is the writer's own.
_CALENDAR = re.compile(
    r"(?:19|20)\d{2}(?:年|[—～-](?:19|20)?\d{2,4}年)度?|(?<!\d)\d{1,2}月(?:\d{1,2}[日号])?|"
    r"(?<!\d)\d{1,2}日(?!以?内)"
)
# Units that a rule sets; what is counted by pieces (三项制度) may be the writer's own counting.
_RULED_UNITS = frozenset(
    {"元", "%", "工作日", "日", "月", "年", "岁", "小时", "分钟", "平方米", "公里", "米", "倍"}
)
_OF_A_PLACE = re.compile(r"[一-龥]{2,8}?(?:省|(?<!城)市|县|(?<![社园])区|自治州|盟|旗)")
_OF_THE_STATE = re.compile(r"[中国]|[一-龥]{1,3}部")  # codes: 国办发, 中发, 人社部发
_SHORTEST_NAME = 4  # characters of a title by which a longer one may be meant


@dataclass(frozen=True, slots=True)
class _Cited:
    """A document that a line names in 《》: where, as what, and the document of the corpus."""

    match: re.Match[str]
    document: Document | None

    @property
    def article(self) -> int | None:
        """Return the number of the article cited, None where the whole document is, or several."""
        if _ANOTHER.match(self.match.string, self.match.end()):
            return None
        return _article(self.match["clause"] or "")


def check_citations(
    document: ReadDocument, services: Services, *, as_of: date
) -> Iterator[Finding]:
    """Yield a finding for each document or clause cited that is unknown, ended, or misquoted."""
    own = _own_names(document)
    for line in document.of(Role.BODY, Role.ATTACHMENT_BODY):
        cited = [
            _Cited(match, _find(match["title"], match["number"] or "", services, as_of))
            for match in _QUOTED.finditer(line.text)
        ]
        for entry in cited:
            if entry.document is None:
                yield from _unknown(line, entry.match, own, services)
            else:
                yield from _judge(line, entry.match, entry.document, services, as_of)
        yield from _bare_numbers(line, cited, own, services, as_of)
        yield from _figures(line, cited, services)


def _find(title: str, number: str, services: Services, as_of: date) -> Document | None:
    found = find_document(title, services, as_of, number=number)
    return found or (find_document(number, services, as_of) if number else None)


def _own_names(document: ReadDocument) -> str:
    """Return what the document itself is called and numbered, and what it issues."""
    roles = (Role.TITLE, Role.MARK, Role.NUMBER, Role.ATTACHMENT_NOTE, Role.ATTACHMENT_TITLE)
    return title_key("".join(line.text for line in document.of(*roles)))


def _unknown(line: Line, match: re.Match[str], own: str, services: Services) -> Iterator[Finding]:
    title, before = match["title"], line.text[: match.start()]
    if _OWN.search(f"{before}《") or _NO_DOCUMENT.search(title):
        return
    if match["number"]:
        # Whoever keeps only the rules of a city has none of the state's: that says nothing of them.
        if _OF_THE_STATE.match(match["number"]) and not _keeps_national_rules(services):
            yield _unverified(line, match[0])
            return
        yield _finding(
            "C01", line, match[0], "资料库里没有这份文件", "核对标题和文号，或先导入该文件"
        )
    elif (
        _RULES.search(title)
        and _CITING.search(before)
        and title_key(title) not in own
        and _is_missed(title, services)
    ):
        yield _unverified(line, match[0])


def _is_missed(title: str, services: Services) -> bool:
    """Say whether the corpus should hold a document of this title and has none that it may mean.

    The title may be a short name or hold one. A title without a place is national: whoever keeps
    only the rules of a city is not told of every law.
    """
    key = title_key(title)
    for document in _held(services):
        known = title_key(document.metadata.title)
        if min(len(key), len(known)) >= _SHORTEST_NAME and (key in known or known in key):
            return False
    return bool(_OF_A_PLACE.match(title)) or _keeps_national_rules(services)


def _held(services: Services) -> Iterator[Document]:
    for level in services.levels:
        yield from services.store.catalogue.documents(access=level)


def _keeps_national_rules(services: Services) -> bool:
    return any(document.metadata.level is Reach.NATIONAL for document in _held(services))


def _judge(
    line: Line, match: re.Match[str], found: Document, services: Services, as_of: date
) -> Iterator[Finding]:
    number = match["number"] or ""
    yield from _ended(line, match, match[0], found, services, as_of)
    known = found.metadata.document_number
    if number and known and number != known:
        yield _finding("C01", line, match[0], f"文号与资料库不符，应为{known}", f"改为（{known}）")
    if known and number == known and match["title"] != found.metadata.title:
        title = found.metadata.title
        yield _finding("C01", line, match[0], "标题与该文号的文件不符", f"改为《{title}》")
    yield from _clause(line, match, found, services)


def _ended(
    line: Line,
    match: re.Match[str],
    words: str,
    found: Document,
    services: Services,
    as_of: date,
) -> Iterator[Finding]:
    if _REPEALS.match(line.text, match.end()):
        return
    status = status_of(found, services, as_of)
    if is_ended(status):
        what = block(found, status, services)
        better = f"改引《{what.successor}》" if what.successor else "核实现行文件"
        yield _finding("C02", line, words, f"所引文件{what.reason}", better)


def _clause(
    line: Line, match: re.Match[str], found: Document, services: Services
) -> Iterator[Finding]:
    clause = match["clause"] or ""
    article, chunks = _article(clause), services.store.catalogue.chunks_of(found.id)
    numbers = {_article(chunk.locator) for chunk in chunks} - {None}
    if article and numbers:
        paragraph = re.search(rf"第({_COUNT})款", clause)
        if article not in numbers:
            yield _finding("C03", line, match[0], f"该文件没有{clause}", "核对条款序号")
        elif paragraph:
            count = len(article_paragraphs(_text_of(article, chunks)))
            if chinese_to_int(paragraph[1]) > count:
                message = f"该条只有{count}款，没有第{paragraph[1]}款"
                yield _finding("C03", line, match[0], message, "核对条款序号")
    quoted = _SAYS.match(line.text, match.end())
    if quoted and _plain(quoted[1]) not in _plain(services.store.catalogue.text(found.id)):
        yield _finding("C03", line, quoted[1], "引文与原文不一致", "按原文引用")


def _bare_numbers(
    line: Line, cited: Sequence[_Cited], own: str, services: Services, as_of: date
) -> Iterator[Finding]:
    """Judge the 文号 that stand without a title: ended, or unknown where a text rests on them."""
    if not re.search(r"[。；：]", line.text):
        return  # no sentence: a line under the title that gives the number of the text itself
    beside = [entry.match.span() for entry in cited]
    for match in _NUMBER.finditer(line.text):
        if any(start < match.end() and match.start() < end for start, end in beside):
            continue
        if match["code"][-2:] + match["rest"] in own:
            continue  # its own
        # What stands before the code of its agency is prose: 按照清政发〔2026〕3号.
        found, code = None, match["code"]
        for cut in range(len(code)):
            number = normalise_number(code[cut:] + match["rest"])
            found = find_document(number, services, as_of)
            if found is not None:
                break
        if found is not None:
            yield from _ended(line, match, number, found, services, as_of)
            continue
        lead = re.match(r".*?(?:根据|依据|依照|按照|遵照|违反|落实|贯彻|执行)(?=[一-龥])", code)
        titled = re.match(r"(?:文件)?[，,、]?\s*《", line.text[match.end() :])  # G05 speaks of it
        if lead is None or titled:
            continue
        words = match[0][lead.end() :]
        if not _OF_THE_STATE.match(words) or _keeps_national_rules(services):
            yield _unverified(line, words)


def _figures(line: Line, cited: Sequence[_Cited], services: Services) -> Iterator[Finding]:
    """Hold the figures that a sentence draws from a clause against that clause."""
    for sentence, start, end in _sentences(line.text):
        here = [entry for entry in cited if start <= entry.match.start() < end]
        known = [_ruled(entry, services) for entry in here]
        # What may come from a text that is not held cannot be judged.
        if not here or None in known or not any(entry.article for entry in here):
            continue
        claimed = sentence[here[-1].match.end() - start :]
        claimed = re.sub(r"“[^”]*”?", "", _OWN_MATTER.split(claimed, maxsplit=1)[0])
        held = {figure for found in known for figure in found or ()}
        for figure in figures(_CALENDAR.sub("", claimed)):
            bare = Figure(figure.value, "")  # a table gives the unit in its heading
            if figure.unit in _RULED_UNITS and not held & {figure, bare}:
                place = "".join((here[-1].match["clause"] or "").split())
                yield _finding(
                    "C05",
                    line,
                    _written(figure, claimed),
                    f"所引{place or '文件'}里没有这个数",
                    "核对原文，或写明这个数的出处",
                    Level.PRACTICE,
                )


def _sentences(text: str) -> Iterator[tuple[str, int, int]]:
    start = 0
    for end in [*(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]:
        if end > start:
            yield text[start:end], start, end
        start = end


def _ruled(entry: _Cited, services: Services) -> frozenset[Figure] | None:
    """Return the figures of the clause, or the document, that is cited; None where it is not held."""
    if entry.document is None:
        return None
    chunks = services.store.catalogue.chunks_of(entry.document.id)
    text = (
        _text_of(entry.article, chunks)
        if entry.article
        else services.store.catalogue.text(entry.document.id)
    )
    return frozenset(figures(text)) if text else None


def _text_of(article: int, chunks: Sequence[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks if _article(chunk.locator) == article)


def _written(figure: Figure, text: str) -> str:
    """Return a figure as the text writes it where it does so in digits, so that it can be marked."""
    found = re.search(rf"(?<![\d.]){re.escape(figure.value)}(?![\d.])[^，。；、]{{0,3}}", text)
    return found[0] if found else f"{figure.value}{figure.unit}"


def _article(locator: str) -> int | None:
    found = re.search(rf"第({_COUNT})条", locator)
    return chinese_to_int(found[1]) if found else None


def _plain(text: str) -> str:
    return re.sub(r"[\s“”‘’]", "", text)


def _unverified(line: Line, words: str) -> Finding:
    return _finding(
        "C04",
        line,
        words,
        "资料库里没有这份文件，未能核对它是否存在、是否现行有效",
        "核对标题或文号，或先导入该文件",
        Level.PRACTICE,
    )


def _finding(
    rule: str, line: Line, words: str, message: str, fix: str, level: Level = Level.ORDER
) -> Finding:
    hit = Hit(line.number, words, message, fix)
    return Finding(rule, level, hit.line, hit.words[:40], hit.message, _SOURCE, hit.fix)
