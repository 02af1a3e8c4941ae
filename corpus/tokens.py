"""Chinese tokenisation, shared by the lexical index and the embedded dense model.

Two views of a text, both over the same normal form: `words` (dictionary segmentation) follows what
the text means, `bigrams` (every two neighbouring Han characters) finds what the dictionary cuts
differently. Retrieval over both beats either alone.
"""

from __future__ import annotations

import re
import unicodedata
from operator import add

import rjieba

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"([{_HAN}]+)|[^\\W_{_HAN}]+")
# Half of a UTF-16 pair, as broken JSON escapes leave behind: no UTF-8 code can take it.
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def normalise(text: str) -> str:
    """Return the form in which texts are compared: NFKC (full-width to half-width), lower case."""
    # Case is folded before and after: NFKC turns some signs (№, ℡) into capital letters.
    whole = _LONE_SURROGATE.sub(" ", text)
    return unicodedata.normalize("NFKC", whole.lower()).lower()


def words(text: str) -> list[str]:
    """Return the words of a text in order, normalised; punctuation and spaces are left out.

    Terms are not cut into their parts here (高新技术企业 stays one word if the dictionary has it):
    `bigrams` covers the parts.
    """
    return [
        word
        for word in rjieba.cut(normalise(text))
        if word[0].isalnum() or any(map(str.isalnum, word))
    ]


def bigrams(text: str) -> list[str]:
    """Return the bigrams of each run of Han characters in order, normalised.

    A run of one character is kept as it is, and so is a run of letters and digits (covid, 2025).
    """
    tokens: list[str] = []
    for match in _RUN.finditer(normalise(text)):
        run = match[0]
        if match[1] is None or len(run) == 1:
            tokens.append(run)
        else:
            tokens.extend(map(add, run, run[1:]))
    return tokens
