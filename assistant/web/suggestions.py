"""Questions to suggest by topic, taken from the corpus and asked once, so that each is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import yaml

from assistant.replies import AnswerStatus
from assistant.web.answers import render_questions
from assistant.web.markup import element
from assistant.web.texts import Language, Texts
from corpus.documents import Chunk, Document
from corpus.tokens import words

FILE = Path(__file__).parent / "topics.yaml"
PER_TOPIC = 3
TRIED = 8  # questions of a topic that are tried before it is left short
_ASKED = re.compile(r"^(?:问|Q)\s*[：:]\s*(.{4,40}[？?])", re.MULTILINE)
_GUIDE = re.compile(r"^(.{2,24}?)(?:办事|服务)指南")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic, its name in both languages, and questions on it."""

    name: str
    english: str
    questions: tuple[str, ...]


@cache
def _topics() -> dict[str, dict[str, Any]]:
    data: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text("utf-8"))
    return data


def suggest(
    documents: Iterable[Document],
    chunks_of: Callable[[str], Iterable[Chunk]],
    answer_status: Callable[[str], AnswerStatus],
) -> list[Topic]:
    """Return topics with questions that the corpus answers.

    Args:
        documents: what may be shown.
        chunks_of: the clauses of a document by its id.
        answer_status: asks a question; only one that is answered is suggested.
    """
    by_topic: dict[str, list[str]] = {}
    for document in documents:
        title = document.metadata.title
        topic = next(
            (t for t, entry in _topics().items() if any(w in title for w in entry["words"])), None
        )
        guide = _GUIDE.match(title)
        if topic is None:
            continue
        if guide:
            by_topic.setdefault(topic, []).insert(0, f"{guide[1]}需要什么材料？")
        elif document.metadata.kind == "问答":
            asked = [
                m[1]
                for c in chunks_of(document.id)
                for m in _ASKED.finditer(c.text)
                if _stands_alone(m[1], title)
            ]
            by_topic.setdefault(topic, []).extend(asked[:TRIED])
    found = []
    for topic, entry in _topics().items():
        questions: list[str] = []
        for question in dict.fromkeys(by_topic.get(topic, [])[:TRIED]):
            if len(questions) < PER_TOPIC and answer_status(question) is AnswerStatus.ANSWERED:
                questions.append(question)
        if questions:
            found.append(Topic(topic, entry["en"], tuple(questions)))
    return found


def _stands_alone(question: str, title: str) -> bool:
    """Say whether a question names what it is about: it shares a word with its document's title."""
    return any(word in question for word in words(title.split("常见问题")[0]) if len(word) > 1)


def render_welcome(texts: Texts) -> str:
    """Return what stands above the box before the first question."""
    return element("h1", escape(texts["welcome"])) + element(
        "p", escape(texts["welcome_text"]), class_="welcome-text"
    )


def render_topics(topics: Iterable[Topic], texts: Texts) -> str:
    """Return the suggested questions by topic, nothing where there are none."""
    english = texts.language is Language.ENGLISH
    groups = "".join(
        element(
            "section",
            element("h3", escape(topic.english if english else topic.name))
            + render_questions(topic.questions),
            class_="topic",
        )
        for topic in topics
    )
    if not groups:
        return ""
    return element("h2", escape(texts["suggested"])) + element("div", groups, class_="topics")
