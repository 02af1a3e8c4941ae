"""What a text repeals: the titles and numbers that its sentences of repeal name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.metadata.dates import half_width
from corpus.metadata.document_numbers import NUMBER, normalise_number
from corpus.metadata.validity import sentences_with

_LONGEST_LIST = 6000
_NEAR = 80
"""What decides about a name stands within this many characters of it."""
_VERB = re.compile(r"废止|停止(?:执行|施行|实施|使用)|不再(?:执行|施行)|失效")
_REPEAL = re.compile(
    r"(?:同时|即行|自行|一并|相应|予以|起|均|也)\s*(?:废止|失效|停止(?:执行|施行|实施|使用))|不再(?:执行|施行)"
)
# Without such a word the verb must follow what it ends: 的规定，停止执行 ends nothing by name.
_REPEAL_ALONE = re.compile(rf"(?:文件|文)?\s*(?:{_VERB.pattern})")
_TITLE = re.compile(r"《((?:[^《》]|《[^《》]*》)+)》")
# A number beside a title belongs to it; one that stands alone may run on from other words.
_NAME = re.compile(
    rf"《(?P<title>(?:[^《》]|《[^《》]*》)+)》"
    rf"(?:\s*[（(]\s*(?:(?P<number>{NUMBER})[^（()）]{{0,6}}"
    rf"|(?:[^（()）]|[（(][^（()）]*[）)])*)[）)])?"
    rf"|(?:(?<![（(一-鿿])|(?<=号))[一-鿿]*?(?P<bare>{NUMBER})"
)
_BEFORE_NUMBER = re.compile(
    r"[一-鿿]*(?:原|起|的|将|对|根据|依据|依照|按照|遵照|参照|执行|适用)"
    r"|(?<=[号》）)])(?:文件)?(?:和|与|及|以及)"
)
_JOINED = re.compile(r"\s*(?:文件|文)?\s*(?:、|和|与|及|以及)?\s*(?:原)?\s*")
_ONLY_CITED_BEFORE = re.compile(
    r"(?:根据|依据|依照|按照|遵照|参照|执行|适用|批准的?|通过的?|因|由于|鉴于|如|若|(?<![》）)号件])与)\s*$"
)
_ISSUED_BEFORE = re.compile(r"\d日[^《》]*(?:批准|通过)的?$")
_AMENDED_BY = re.compile(r"[（(]?[^《》]{0,4}?(?:第[一二三四五六七八九十]+次)?(?:修正|修订|修改)")
_IN_PART = re.compile(r"(?:文件)?\s*的?(?:所附|附件|附表|第[一二三四五六七八九十百\d]+[条章款])")
_STAYS = re.compile(
    r"(?:等?文件)?的?(?:中|关于|有关|相关|规定的)"
    r"|等?[^，》]{0,12}(?:不一致|不(?:相)?符|抵触|(?:继续|仍|仍然)(?:有效|执行|施行|适用))"
)
_LIST_LEAD = re.compile(r"(?:废止|失效|停止执行)\s*[:：]\s*$")
_LIST_ITEM = re.compile(r"^\s*(?:[（(]?[一二三四五六七八九十\d]+[）)、.．]|《)")


def read_replaced(title: str, text: str) -> tuple[str, ...]:
    """Return what a text repeals: each title, followed by its number where the text gives one.

    A title counts when its sentence ends it (同时废止, 停止执行), not when it is only cited as a
    basis, as an amending decision, for a part of it, or as what others must not contradict. A
    number without a title counts where it is the object itself (原清民发〔2018〕12号文件同时废止).
    """
    found: list[str] = []
    if re.match(r"(?:.{0,40})关于(?:公布)?废止", title):
        found += _objects(title)
    for part in _repealing(text):
        found += _objects(part)
    return tuple(dict.fromkeys(found))


def _repealing(text: str) -> Iterator[str]:
    """Yield each part of a sentence that repeals, and the items of a list that a repeal announces."""
    for start, sentence in sentences_with(_VERB, text):
        # A verb inside a title (《关于废止部分文件的通知》) ends nothing.
        masked = _TITLE.sub(lambda found: f"《{'·' * len(found[1])}》", sentence)
        begun = 0
        for verb in _VERB.finditer(masked):
            part = sentence[begun : verb.end()]
            begun = verb.end()
            if _ends_what_it_names(part, masked[begun : begun + 1]):
                yield part
        if _LIST_LEAD.search(sentence):
            end = start + len(sentence)
            for line in text[end : end + _LONGEST_LIST].split("\n")[1:]:
                if not _LIST_ITEM.match(line) or "《" not in line or _VERB.search(line):
                    break
                yield line


def _ends_what_it_names(part: str, following: str) -> bool:
    """Tell whether a part that closes with a verb of repeal, before `following`, names its object."""
    plain = half_width(part)
    names = list(_NAME.finditer(plain))
    if not names:
        return False
    said = plain[names[-1].end() :]
    if _REPEAL.search(said):
        return True
    return following in ("", "，") and _REPEAL_ALONE.fullmatch(said) is not None


def _objects(part: str) -> Iterator[str]:
    """Yield the titles and numbers in a part of a sentence that its verb ends."""
    plain = half_width(part)
    listed: list[list[re.Match[str]]] = []
    for name in _NAME.finditer(plain):
        if listed and _JOINED.fullmatch(plain, listed[-1][-1].end(), name.start()):
            listed[-1].append(name)
        else:
            listed.append([name])
    for names in listed:
        # What is said before the first of a list, or after the last, holds for all of it.
        if _only_cited(plain, names[0]) or _STAYS.match(plain, names[-1].end()):
            continue
        for name in names:
            title_end = name.end("title") + 1
            if _IN_PART.match(plain, name.end()) or _AMENDED_BY.match(plain, title_end):
                continue
            if name["title"]:
                yield part[name.start("title") : name.end("title")].strip()
                if name["number"]:
                    yield normalise_number(name["number"])
            elif names is listed[-1]:
                yield normalise_number(plain[_number_start(plain, name) : name.end()])


def _only_cited(plain: str, name: re.Match[str]) -> bool:
    start = name.start() if name["title"] else _number_start(plain, name)
    before = plain[max(0, start - _NEAR) : start]
    return bool(_ONLY_CITED_BEFORE.search(before)) and not _ISSUED_BEFORE.search(before)


def _number_start(plain: str, name: re.Match[str]) -> int:
    """Return where a number without a title begins: after 原, 根据 and what else runs into it."""
    before = _BEFORE_NUMBER.match(plain, name.start(), name.end())
    return max(before.end() if before else 0, name.start("bare"))
