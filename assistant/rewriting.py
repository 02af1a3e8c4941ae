"""Make a follow-up stand alone: what it leaves out is taken from the person's earlier questions."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from assistant.aspects import ASPECTS, names_nothing
from assistant.conversation import Role, Turn
from corpus.everyday import formal_words
from corpus.tokens import without_asking, words

RECENT_TURNS = 4  # earlier questions looked at
_SHORT = 24  # characters; a longer question says what it is about
# 那…, 它…, 这个… at the start, or 她报多少, 那要带什么 within: the question points back.
_POINTS_BACK = re.compile(
    r"^(?:那么?|这个?|它|他|她|还有|另外|如果|要是|然后|上面|刚才|以上|前面|同样|其中)"
    r"|(?:^|[，,。\s])(?:那么?)?(?:它|他们?|她们?|这个|那个|这种|那种|该|上述|刚才(?:说|那))(?!人)"
)
_BACK = re.compile(r"^(?:那么?|然后|还有|另外)[，, ]?")
_AND_THAT = re.compile(r"^.{1,12}呢[？?]?$")  # 本科生呢？


def stand_alone(
    question: str, history: Sequence[Turn], names_subject: Callable[[str], bool]
) -> str:
    """Return a question that can be searched by itself; the question itself if it already can.

    Args:
        question: What the person asks now.
        history: Earlier turns, oldest first; only the person's own count.
        names_subject: Whether a question by itself names a subject of the documents.
    """
    earlier = [turn.text for turn in history if turn.role is Role.USER][-RECENT_TURNS:]
    if not earlier or not follows_up(question, names_subject):
        return question
    root = next(
        (text for text in reversed(earlier) if not follows_up(text, names_subject)), earlier[0]
    )
    return f"{root.strip('？?。！! ')} {_BACK.sub('', question)}"


def follows_up(question: str, names_subject: Callable[[str], bool]) -> bool:
    """Say whether a question leans on what was said before."""
    if len(question) > _SHORT:
        return False
    if _POINTS_BACK.search(question) or _AND_THAT.search(question):
        return True
    return names_nothing(question) or not names_subject(question)


def own_words(follow_up: str) -> list[str]:
    """Return what a follow-up brings of its own: 难产 in 那难产呢, nothing in 那要带什么."""
    return subject_words(_POINTS_BACK.sub("", follow_up))


def subject_words(question: str) -> list[str]:
    """Return the words of a question that could name what it is about."""
    return [word for word in words(without_asking(question)) if _names(word)]


def subject_terms(question: str) -> list[str]:
    """Return those words and the words of documents for everyday ones: 公租房 → 公共租赁住房."""
    formal = [word for word in formal_words(question) if _names(word)]
    return list(dict.fromkeys((*subject_words(question), *formal)))


def _names(word: str) -> bool:
    return len(word) > 1 and word not in ASPECTS and not word.isdigit()
