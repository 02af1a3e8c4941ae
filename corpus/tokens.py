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

# What asks and binds but names nothing. Rare in documents, such words weigh much in BM25 and draw
# in whatever is phrased as a question.
_ASKING = re.compile(
    "多长时间|什么时候|是不是|可不可以|能不能|有没有|要不要|怎么办|怎么样|什么样|为什么|请问|怎么|怎样|如何|哪些|哪里|"
    "哪个|哪儿|哪几|多少|多久|多长|什么|为何|何时|几个|几天|是否|能否|可否|可以|需要|应该|想问|问下|一下|我们|你们|"
    "他们|您好|你好|的话|这个|那个|吗|呢|吧"
)


def without_asking(text: str) -> str:
    """Return a question with a space where it only asks (多少, 怎么, 吗); itself if nothing is left."""
    return _ASKING.sub(" ", text) if _ASKING.sub("", text).strip(" ？?，。") else text


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
