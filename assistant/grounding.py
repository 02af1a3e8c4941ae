"""Does a sentence stand in the text it cites: figures, dates, 文号, addresses, words and their negation.

Figures are compared by what they mean, not how they are written (assistant.figures).
"""

from __future__ import annotations

import re

from assistant.figures import (
    NUMBER,
    Figure,
    any_number,
    figures,
    plain_form,
    proved_figures,
    with_shared_units,
)
from corpus.tokens import without_asking, words

# Share of a sentence's own words that must stand in what it cites. Of 19 sentences written for it,
# 12 honest paraphrases had 0.67 or more and 7 inventions 0.40 or less (tests/assistant/test_grounding).
WORDS_IN_CITED = 0.6

_NUMBER_OF_YEAR = re.compile(r"[〔\[（(【]\d{4}[〕\]）)】]第?\d{1,5}号")
_DOCUMENT_NUMBER = re.compile(rf"([一-龥]{{1,14}})({_NUMBER_OF_YEAR.pattern})")
_EXACT = re.compile(
    r"https?://[^\s，。；、）)]+|www\.[^\s，。；、）)]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # addresses
    r"|[0-9][0-9-]{4,}[0-9]"  # phone numbers
    r"|(?<![A-Za-z])[A-Za-z][A-Za-z0-9.-]+"  # names in Latin letters
)
_TITLE = re.compile(r"《([^《》]{2,60})》")
_FORBIDS = re.compile(
    r"(?:不得|不能|不予|不可以?|禁止|严禁|不准|不享受|不再|无需|不需要?|免予?|不)([一-龥]{2})"
)
_CLAUSE_END = re.compile(r"[。；\n]")
_DENIES = re.compile(
    r"不得|不能|不予|不可|禁止|严禁|不准|不享受|不再|无需|不需|不用|不必|免费|免除|免交|不收|没有|未|无权|均不|不"
)
_DENIAL = re.compile(r"[不无免未非没禁勿]")


def unsupported(sentence: str, cited: str, *, headings: str = "", question: str = "") -> str:
    """Return why a sentence (its markers removed) does not stand in the cited text; "" if it does.

    Args:
        sentence: What a model wrote.
        cited: The text that it points to.
        headings: What stands above the cited text: lends words, no figures.
        question: The person's own words, which prove nothing either way.
    """
    plain, source = plain_form(sentence), plain_form(cited)
    if not all(_numbered(match, _brackets(source)) for match in _DOCUMENT_NUMBER.finditer(plain)):
        return "exact"
    for exact in (_EXACT, _TITLE):
        for match in exact.finditer(plain):
            if _brackets(match[match.lastindex or 0]) not in _brackets(source):
                return "exact"
    # The parts of a 文号 count nothing: 〔2026〕9号 is no ninth day.
    known = proved_figures(with_shared_units(_NUMBER_OF_YEAR.sub("", source)))
    for figure in figures(with_shared_units(_NUMBER_OF_YEAR.sub("", plain))):
        # 最高30万: only of money do people leave the unit out. 20 is no 20% and no 20年.
        if figure not in known and (figure.unit or Figure(figure.value, "元") not in known):
            return "figure"
    if not _dates(plain) <= _dates(source):
        return "date"
    if _denial_differs(plain, source):
        return "negation"
    if _words_shared(plain, source + "\n" + plain_form(headings), question) < WORDS_IN_CITED:
        return "words"
    return ""


_HAN_DATE = re.compile(
    r"(?:([\d〇零一二三四五六七八九]{4})年)?([\d一二三四五六七八九十]{1,3})月([\d一二三四五六七八九十]{1,3})[日号]"
)


def _dates(plain: str) -> set[tuple[int | None, int | None, int | None]]:
    """Return the days named in a text; one with a year also as the same day without it."""
    found: set[tuple[int | None, int | None, int | None]] = set()
    for match in _HAN_DATE.finditer(plain):
        year, month, day = (any_number(part) for part in match.groups())
        found.add((year, month, day))
        found.add((None, month, day))
    return found


def _brackets(text: str) -> str:
    return re.sub(r"[〔【（(\[]", "[", re.sub(r"[〕】）)\]]", "]", text)).replace("第", "").lower()


def _numbered(match: re.Match[str], source: str) -> bool:
    """Say whether a 文号 stands in a text; what goes before its agency's code is prose."""
    codes = [match[1][cut:] for cut in range(max(1, len(match[1]) - 1))]
    return any(f"{code}{_brackets(match[2])}" in source for code in codes)


def _denial_differs(sentence: str, cited: str) -> bool:
    """Say whether a sentence denies where the cited text does not, or allows what that forbids."""
    if _DENIES.search(sentence) and not _DENIAL.search(cited):
        return True
    return any(
        forbidden[1] in sentence
        and not re.search(rf"[不无免未非没禁勿].{{0,6}}{forbidden[1]}", sentence)
        and not re.search(rf"(?<![不无免未得能予可以准需要])(?:.|^){forbidden[1]}", cited)
        for forbidden in _FORBIDS.finditer(cited)
    )


def _words_shared(sentence: str, cited: str, question: str) -> float:
    """Return the share of the sentence's words, the question's left out, that the cited text has.

    A word is there when it stands there, or one sentence there has all its characters: 老人 in 老年人.
    """
    asked, source = plain_form(question).lower(), cited.lower()
    counted = NUMBER.sub(" ", sentence)
    named = {word for word in words(without_asking(counted)) if len(word) > 1 and word not in asked}
    if not named:
        return 1.0
    clauses = [set(clause) for clause in _CLAUSE_END.split(source)]
    there = [w for w in named if w in source or any(set(w) <= clause for clause in clauses)]
    return len(there) / len(named)
