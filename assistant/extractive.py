"""An answer made of verbatim sentences: which sentences of the passages found answer the question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.retrieval import Passage
from corpus.chunking import split_sentences
from corpus.embedding import Embedder
from corpus.ranking import ASKS_FIGURE, FIGURE
from corpus.tokens import bigrams, without_asking

PASSAGES = 4  # clauses looked into
QUOTES = 3  # clauses quoted at most
QUOTE_LENGTH = 320  # characters quoted from one clause, about what a phone shows
WHOLE_CLAUSE = 320  # a clause this short is quoted whole: a part of it would mislead
# A further sentence is quoted when it is nearly as good as the best one.
SAME_CLAUSE, OTHER_CLAUSE = 0.72, 0.7
MEANING_SHARE = 0.55  # of a sentence's score; the rest is shared wording
PLACE_COST = 0.03  # what each lower place of its clause costs a sentence
FIGURE_BONUS = 0.25  # for a sentence with a figure, where the question asks for one


_NUMBER_ALONE = re.compile(r"[一-龥]{2,14}[〔\[（(]\d{4}.\d{1,4}号")


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of a document, chosen to be quoted: offsets into the document's text, end exclusive."""

    passage: Passage
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class _Sentence:
    place: int  # of its passage
    start: int  # in the document
    end: int
    text: str


def select_quotes(
    question: str,
    passages: Sequence[Passage],
    embedder: Embedder,
    weights: Mapping[str, float],
) -> list[Quote]:
    """Return the spans that answer, best first; an empty list only where there are no passages.

    `weights` gives the rarity of each word of the question that names something.
    """
    sentences = [
        sentence
        for place, passage in enumerate(passages[:PASSAGES])
        for sentence in _sentences(place, passage)
    ]
    if not sentences:
        return []
    scores = _score(question, sentences, embedder, weights)
    best = int(np.argmax(scores))
    chosen: list[Quote] = []
    order = dict.fromkeys([sentences[best].place, *range(len(passages[:PASSAGES]))])
    for place in order:
        of_place = [i for i, sentence in enumerate(sentences) if sentence.place == place]
        if not of_place or len(chosen) == QUOTES:
            continue
        top = max(of_place, key=lambda i: scores[i])
        if place != sentences[best].place and scores[top] < OTHER_CLAUSE * scores[best]:
            continue
        passage = passages[place]
        start, end = _span(
            passage,
            [sentences[i] for i in of_place],
            scores[of_place],
            best_index=of_place.index(top),
        )
        text = _trim(passage, start, end)
        chosen.append(Quote(passage, text[0], text[1], text[2], float(scores[top])))
    return chosen


def _sentences(place: int, passage: Passage) -> list[_Sentence]:
    chunk = passage.chunk
    found = []
    for start, end in split_sentences(chunk.text):
        text = chunk.text[start:end].strip()
        if len(text) < 4 or _is_heading(text) or _opens(text, chunk.locator):
            continue
        found.append(_Sentence(place, chunk.start + start, chunk.start + end, text))
    return found


def _opens(text: str, locator: str) -> bool:
    """Say whether a sentence is the form of an opening: 文号, addressee, 现就有关事项通知如下."""
    return (locator == "开头" and text.endswith("：")) or bool(_NUMBER_ALONE.fullmatch(text))


def _is_heading(text: str) -> bool:
    """Say whether a line only announces or names: a title, a heading, （示例文件）."""
    if text.startswith("（") and text.endswith("）"):
        return len(text) <= 20
    return len(text) <= 60 and not re.search(
        r"[。；：，、！？:;,\d]", re.sub(r"^\S{1,4}、", "", text)
    )


def _score(
    question: str,
    sentences: Sequence[_Sentence],
    embedder: Embedder,
    weights: Mapping[str, float],
) -> NDArray[np.float64]:
    vectors = embedder.embed_matrix([question, *(sentence.text for sentence in sentences)])
    meaning = (vectors[1:] @ vectors[0]).astype(np.float64)
    pairs = set(bigrams(without_asking(question)))
    total = sum(weights.values()) or 1.0
    wording = np.array(
        [
            0.7 * sum(value for word, value in weights.items() if word in text) / total
            + 0.3 * sum(pair in text for pair in pairs) / max(len(pairs), 1)
            for text in (sentence.text.lower() for sentence in sentences)
        ]
    )
    place = np.array([sentence.place for sentence in sentences])
    figures = np.array([bool(FIGURE.search(sentence.text)) for sentence in sentences])
    scores = MEANING_SHARE * meaning + (1 - MEANING_SHARE) * wording - PLACE_COST * place
    if ASKS_FIGURE.search(question):
        scores = scores + FIGURE_BONUS * figures
    return np.asarray(scores, dtype=np.float64)


def _span(
    passage: Passage,
    sentences: Sequence[_Sentence],
    scores: NDArray[np.float64],
    *,
    best_index: int,
) -> tuple[int, int]:
    """Return the span around the best sentence: the whole short clause, or its good neighbours."""
    body = sentences[0].start, sentences[-1].end
    if body[1] - body[0] <= WHOLE_CLAUSE:
        return body
    first = last = best_index
    floor = SAME_CLAUSE * scores[best_index]
    while True:
        before = first > 0 and scores[first - 1] >= floor
        after = last + 1 < len(sentences) and (
            scores[last + 1] >= floor or sentences[last].text.endswith(("：", ":", "；", ";"))
        )
        length = sentences[last].end - sentences[first].start
        if after and length + len(sentences[last + 1].text) <= QUOTE_LENGTH:
            last += 1
        elif before and length + len(sentences[first - 1].text) <= QUOTE_LENGTH:
            first -= 1
        else:
            return sentences[first].start, sentences[last].end


def _trim(passage: Passage, start: int, end: int) -> tuple[int, int, str]:
    """Return the span without the space around it, and its text."""
    offset = passage.chunk.start
    text = passage.chunk.text[start - offset : end - offset]
    left = len(text) - len(text.lstrip())
    stripped = text.strip()
    return start + left, start + left + len(stripped), stripped
