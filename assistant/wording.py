"""An answer put into words: a fixed reply, what was done to the question, quotes and what weakens them."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.citations import Citation
from assistant.clarifying import subject_of
from assistant.conversation import Answer, Basis, Trace
from assistant.inquiry import Inquiry
from assistant.replies import AnswerStatus, Reply
from assistant.retrieval import Passage
from assistant.services import Services

SUGGESTIONS = 3
RELATED = 0.3  # cosine from which a document is near enough to be suggested


def fixed_reply(inquiry: Inquiry, reply: Reply, services: Services) -> Answer:
    """Return an answer that is a fixed reply, with the trace of the inquiry."""
    related = reply.status is AnswerStatus.NO_EVIDENCE
    return Answer(
        status=reply.status,
        text=reply.text,
        citations=(),
        next_step=reply.next_step,
        trace=Trace(
            steps=inquiry.steps,
            confidence=round(inquiry.sure, 4),
            as_of=inquiry.as_of.isoformat(),
            replies_version=services.replies.version,
            question=inquiry.question,
            reply=reply.name,
            revision=inquiry.revision,
        ),
        basis=Basis.REPLY,
        suggestions=_related(inquiry.passages) if related else (),
        notices=_notices(inquiry),
    )


def _related(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Return questions about the nearest documents, for a person whose own had no answer."""
    near = [p for p in passages if p.is_basis and p.dense >= RELATED]
    subjects = dict.fromkeys(subject_of(passage.document.metadata.title) for passage in near)
    return tuple(f"{subject}有哪些规定？" for subject in subjects if subject)[:SUGGESTIONS]


def _notices(inquiry: Inquiry) -> tuple[str, ...]:
    notices = []
    if inquiry.masked:
        notices.append(f"您输入的{'、'.join(inquiry.masked)}已隐去，没有用于查找，也没有保存。")
    if inquiry.day_named:
        day = inquiry.as_of
        notices.append(f"您问的是{day.year}年{day.month}月{day.day}日，以下按当天的规定回答。")
    notices += [f"您输入的“{written}”按“{meant}”查找。" for written, meant in inquiry.slips]
    if inquiry.elsewhere and inquiry.passages:
        notices.append(f"以下是全国性规定；{inquiry.elsewhere}的地方规定不在收录范围。")
    return tuple(notices)


def quoting_text(opening: str, citations: Sequence[Citation]) -> str:
    """Return the quotes, each with its number and what weakens it, after a reply that opens them."""
    parts = [opening] if opening else []
    for citation in citations:
        parts.append(f"{citation.quote}[{citation.number}]{_warning(citation)}")
    return "\n".join(parts)


def _warning(citation: Citation) -> str:
    """Say beside a quote what weakens it."""
    if not citation.status.weakness:
        return ""
    by = f"，现行文件为《{citation.ended_by}》" if citation.ended_by else ""
    return f"（注意：该文件{citation.status.weakness}{by}）"
