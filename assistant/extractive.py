"""An answer made of verbatim sentences: which spans of the passages found are quoted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.retrieval import Passage
from assistant.sentences import Sentence, answer_scores, sentences_of, tells_what_is_asked
from corpus.embedding import Embedder
from corpus.ranking import Term

PASSAGES = 10  # clauses looked into: what is asked often stands a few clauses below the best one
QUOTES = 4  # spans quoted at most
QUOTE_LENGTH = 320  # characters quoted in all, about what a phone shows
# A sentence is quoted if it is at least this share as likely as the best one. Lower shares quote
# more key facts and more beside the point (eval/LOG.md).
SHARE_OF_BEST = 0.2
BRIDGED = 40  # characters between two quoted sentences that are quoted along with them
LIST_LENGTH = 240  # characters of the list that follows a quoted “下列条件：”


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of a document, chosen to be quoted: offsets into the document's text, end exclusive."""

    passage: Passage
    start: int
    end: int
    text: str
    score: float


def select_quotes(
    question: str,
    passages: Sequence[Passage],
    embedder: Embedder,
    weights: Mapping[Term, float],
) -> list[Quote]:
    """Return the spans that answer, best first; empty only where there are no passages.

    `weights` gives the rarity of each term of the question.
    """
    read = passages[:PASSAGES]
    sentences = sentences_of(read)
    if not sentences:
        return []
    scores = answer_scores(question, sentences, read, embedder, weights)
    chosen = _choose(sentences, scores)
    best = {
        place: max(scores[i] for i in chosen if sentences[i].place == place)
        for place in {sentences[i].place for i in chosen}
    }
    quotes = []
    for place in sorted(best, key=lambda place: -best[place]):
        for start, end in _spans(sentences, [i for i in chosen if sentences[i].place == place]):
            quotes.append(_quote(read[place], start, end, float(best[place])))
    # Who asks how much looks for the amount: of what is quoted, that comes first.
    return sorted(quotes[:QUOTES], key=lambda q: not tells_what_is_asked(question, q.text))


def _choose(sentences: Sequence[Sentence], scores: NDArray[np.float64]) -> list[int]:
    """Return the places of the sentences to quote, in the order of the text."""
    order = np.argsort(-scores, kind="stable")
    chosen: list[int] = []
    length = 0
    for i in map(int, order):
        if chosen and (
            scores[i] < SHARE_OF_BEST * scores[order[0]]
            or length + len(sentences[i].text) > QUOTE_LENGTH
        ):
            continue
        chosen.append(i)
        length += len(sentences[i].text)
    return sorted(chosen)


def _spans(sentences: Sequence[Sentence], chosen: Sequence[int]) -> list[tuple[int, int]]:
    """Join the chosen sentences of one clause that stand together; a list follows its lead."""
    spans: list[tuple[int, int]] = []
    for i in chosen:
        start, end = sentences[i].start, _end(sentences, i)
        if spans and start - spans[-1][1] <= BRIDGED:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _end(sentences: Sequence[Sentence], i: int) -> int:
    """Return where a quoted sentence ends: after its list, if it only introduces one."""
    end = sentences[i].end
    if not sentences[i].text.endswith(("：", ":")):
        return end
    for sentence in sentences[i + 1 :]:
        if sentence.place != sentences[i].place or sentence.end - end > LIST_LENGTH:
            break
        end = sentence.end
        if sentence.text.endswith("。"):
            break
    return end


def _quote(passage: Passage, start: int, end: int, score: float) -> Quote:
    """Return the span without the space around it."""
    offset = passage.chunk.start
    text = passage.chunk.text[start - offset : end - offset]
    left = len(text) - len(text.lstrip())
    stripped = text.strip()
    return Quote(passage, start + left, start + left + len(stripped), stripped, score)
