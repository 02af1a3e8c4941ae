"""C: quoted titles, numbers and clauses held against the corpus: do they exist, are they in force."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from assistant.drafting.basis import block, find_document, is_ended, status_of
from assistant.drafting.elements import Role
from assistant.drafting.reading import Line, ReadDocument
from assistant.drafting.rules.engine import Finding, Hit, Level
from assistant.services import Services
from corpus.documents import Document
from corpus.outline import chinese_to_int

_SOURCE = "《党政机关公文处理工作条例》第二十条（四）"
_QUOTED = re.compile(
    r"《(?P<title>[^《》]{3,80})》(?:（(?P<number>[^（）]{4,40}号)）)?"
    r"(?P<clause>第[一二三四五六七八九十百千零〇\d]+条(?:第[一二三四五六七八九十\d]+款)?)?"
)
# What is named in 《》 without being a document that a corpus of rules would hold.
_NO_DOCUMENT = re.compile(r"(?:请示|函|报告|提案|建议|草案）|表|合同|协议|申请书|证|报|网)$")
_OWN = re.compile(r"印发《|发布《|公布《|现将《|提请审议《|转发.{0,30}《|批转.{0,30}《")


def check_citations(
    document: ReadDocument, services: Services, *, as_of: date
) -> Iterator[Finding]:
    """Yield a finding for each quoted document or clause that is unknown, ended, or misquoted."""
    for line in document.of(Role.BODY, Role.ATTACHMENT_BODY):
        for match in _QUOTED.finditer(line.text):
            yield from _judge(line, match, services, as_of)


def _judge(line: Line, match: re.Match[str], services: Services, as_of: date) -> Iterator[Finding]:
    number = match["number"] or ""
    found = find_document(match["title"], services) or (
        find_document(number, services) if number else None
    )
    if found is None:
        own = _OWN.search(line.text[: match.start() + 1])
        if number and not own and not _NO_DOCUMENT.search(match["title"]):
            yield _finding(
                "C01", line, match[0], "资料库里没有这份文件", "核对标题和文号，或先导入该文件"
            )
        return
    status = status_of(found, services, as_of)
    if is_ended(status):
        what = block(found, status, services)
        better = f"改引《{what.successor}》" if what.successor else "核实现行文件"
        yield _finding("C02", line, match[0], f"所引文件{what.reason}", better)
    known = found.metadata.document_number
    if number and known and number != known:
        yield _finding("C01", line, match[0], f"文号与资料库不符，应为{known}", f"改为（{known}）")
    if known and number == known and match["title"] != found.metadata.title:
        title = found.metadata.title
        yield _finding("C01", line, match[0], "标题与该文号的文件不符", f"改为《{title}》")
    yield from _clause(line, match, found, services)


def _clause(
    line: Line, match: re.Match[str], found: Document, services: Services
) -> Iterator[Finding]:
    clause = match["clause"]
    if not clause:
        return
    article = re.match(r"第([一二三四五六七八九十百千零〇\d]+)条", clause)
    chunks = services.store.catalogue.chunks_of(found.id)
    numbers = {_article(chunk.locator) for chunk in chunks} - {None}
    if article and numbers and chinese_to_int(article[1]) not in numbers:
        yield _finding("C03", line, match[0], f"该文件没有{clause}", "核对条款序号")
    quoted = re.match(r"规定：“([^”]+)”", line.text[match.end() :])
    if quoted and _plain(quoted[1]) not in _plain(services.store.catalogue.text(found.id)):
        yield _finding("C03", line, quoted[1], "引文与原文不一致", "按原文引用")


def _article(locator: str) -> int | None:
    found = re.search(r"第([一二三四五六七八九十百千零〇\d]+)条", locator)
    return chinese_to_int(found[1]) if found else None


def _plain(text: str) -> str:
    return re.sub(r"[\s“”‘’]", "", text)


def _finding(rule: str, line: Line, words: str, message: str, fix: str) -> Finding:
    hit = Hit(line.number, words, message, fix)
    return Finding(rule, Level.ORDER, hit.line, hit.words[:40], hit.message, _SOURCE, hit.fix)
