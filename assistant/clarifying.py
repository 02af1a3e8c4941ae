"""Questions that leave open a service, a group of people or a place, and the choices to offer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.conversation import Role, Turn
from assistant.extractive import Quote
from assistant.regions import names_place, rank
from assistant.replies import AnswerStatus, Replies
from assistant.retrieval import Passage
from assistant.rewriting import subject_words
from corpus.tokens import words

CHOICES = 4
# A clause is as good an answer as the best one from this share of its probability on: one of 218
# answerable questions of the gold set is asked back; the pairs that are really open stand at .42 and
# above (eval/LOG.md).
COMPARABLE = 0.4
SAME_SUBJECT = 0.5  # share of the words of a title that another place's rules on it have as well
_FORM = re.compile(
    r"(?:办事指南|服务指南|常见问题.*|政策解读|实施细则|实施办法|实施方案|管理办法|暂行办法|保障办法|若干措施|"
    r"一览表|标准表|办法|细则|规定|条例|方案|意见|通知|通告|公告|批复|指南|问答|（[^）]*）|\([^)]*\))+$"
)
_ISSUED = re.compile(
    r"关于(?:印发|发布|公布|转发)?[《〈]?(.+?)[》〉]?(?:的(?:通知|通告|公告|意见|批复|决定|函))?$"
)

# Whom a clause addresses, where it begins with it: 第六条 稳定就业的外来务工人员，…; （二）居民医保普通门诊….
_ADDRESSEE = re.compile(
    r"(?:^|\n)\s*(?:第[一二三四五六七八九十百零]+条\s*|[（(][一二三四五六七八九十\d]+[）)]\s*)?"
    r"((?:(?!其他|上述|下列|前款)[^，。；：\s“”（()）]){0,18}?"
    r"(?:人员|家庭|职工|居民|学生|毕业生|企业|个体工商户|军人|子女|残疾人|农民工|农户)(?=[，,的符申持可具因在]|医保|养老保险)"
    r"(?:医保|养老保险)?)"
)
# A long clause is cut at its items and has itself among its headings; it stands beside the others.
_ARTICLE_OR_ITEM = re.compile(r"[（(]|第[一二三四五六七八九十百千零〇\d]+条")
# Who asks like this has said who they are, or asks for somebody who is named.
_SAYS_WHO = re.compile(
    r"我是|我们?(?:公司|厂|店|单位)|公司|单位|企业|老板|员工|职工|居民|外地|外省|外来|农村|农民|村里|城里|退休|"
    r"上班|打工|毕业|学生|大学|孩子|小孩|娃|儿子|女儿|老人|老年|爸|妈|爷|奶|残疾|失业|下岗|当兵|退役|军人|"
    r"个体|个人|灵活就业|户籍|户口|低保|人才|博士|硕士|本科|农合"
)
# A reply to a question back that asks nothing itself: 居民医保; 我在临溪县.
_ASKS = re.compile(
    r"[?？]|怎么|怎样|如何|什么|多少|多久|哪|几|谁|吗|呢|啥|咋|能不能|可不可以|是否|有没有"
)
_LONGEST_FRAGMENT = 20
_LEAD_IN = re.compile(r"^(?:我(?:们|家)?)?(?:选|想问|问)?(?:的?是|属于|参加的?是?|在|住在?)?")


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """What decides an answer and was not said: the reply that asks for it, and whole questions."""

    reply: str
    choices: tuple[str, ...]


def choices(question: str, passages: Iterable[Passage]) -> tuple[str, ...]:
    """Return whole questions, one for each service among the passages found, best first."""
    asked = question.strip("？?。 ")
    subjects = dict.fromkeys(
        subject_of(passage.document.metadata.title) for passage in passages if passage.is_basis
    )
    return tuple(f"{subject}，{asked}？" for subject in subjects if subject)[:CHOICES]


def open_point(
    said: str,
    question: str,
    quotes: Sequence[Quote],
    places: Sequence[str],
    passages: Sequence[Passage],
) -> OpenPoint | None:
    """Return what the clauses to be quoted make the answer depend on, None where nothing does.

    Only what the clauses themselves show: neighbours in one document that begin with different
    groups of people, or rules of several places on one subject. A clause that holds for all of
    them, a word that stands in one alternative alone, or a person who said who or where they are
    leaves nothing open.

    Args:
        said: Everything the person wrote, the question included.
        question: What is searched for.
        quotes: What would be quoted, best first; all of it in force.
        places: The place that each quoted document rules; none where one was named.
        passages: What was found, best first; more neighbours are offered from it.
    """
    asked = question.strip("？?。 ")
    groups = _groups(said, quotes, passages)
    if len(groups) > 1:
        return OpenPoint("clarify_identity", tuple(_of(who, asked) for who in groups)[:CHOICES])
    where = _equals(said, quotes, places)
    if len(where) > 1:
        return OpenPoint(
            "clarify_region", tuple(f"在{place}，{asked}？" for place in where)[:CHOICES]
        )
    return None


def _groups(said: str, quotes: Sequence[Quote], passages: Sequence[Passage]) -> list[str]:
    """Return the groups of people that neighbouring clauses address, each one of its own."""
    if _SAYS_WHO.search(said):
        return []
    likely = [quote for quote in quotes if quote.score >= COMPARABLE * _best(quotes)]
    quoted = _neighbours([quote.passage for quote in likely])
    section = next((place for place, clauses in quoted.items() if len(clauses) > 1), None)
    if section is None:
        return []
    clauses = quoted[section] | _neighbours(passages).get(section, {})
    telling = [
        word for word in subject_words(said) if sum(word in text for text in clauses.values()) == 1
    ]
    return [] if telling else list(clauses)


def _best(quotes: Sequence[Quote]) -> float:
    return max((quote.score for quote in quotes), default=0.0)


def _of(who: str, asked: str) -> str:
    """Return a question asked for a group: 居民医保, 医保门诊报多少 → 居民医保门诊报多少."""
    shared = max((n for n in range(2, len(who)) if asked.startswith(who[-n:])), default=0)
    return f"{who}{asked[shared:]}？" if shared else f"{who}，{asked}？"


def _neighbours(passages: Iterable[Passage]) -> dict[tuple[str, ...], dict[str, str]]:
    """Return the clauses by document and headings, and there by whom each addresses."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for passage in passages:
        chunk = passage.chunk
        addressed = _ADDRESSEE.search(chunk.text)
        if addressed and passage.is_basis:
            headings = (h for h in chunk.heading_path if not _ARTICLE_OR_ITEM.match(h))
            section = (chunk.document_id, *headings)
            found.setdefault(section, {}).setdefault(addressed[1], chunk.text)
    return found


def _equals(said: str, quotes: Sequence[Quote], places: Sequence[str]) -> list[str]:
    """Return the places whose rules on one subject would be quoted, where none rules them all."""
    likely = [
        (quote.passage.document.metadata.title, place)
        for quote, place in zip(quotes, places, strict=False)
        if quote.score >= COMPARABLE * _best(quotes)
    ]
    if not likely or any(rank(place) != rank(places[0]) or not rank(place) for place in places):
        return []
    first = _subject_words(*likely[0])
    found = {
        place: title
        for title, place in reversed(likely)
        if len(first & _subject_words(title, place)) >= SAME_SUBJECT * len(first)
    }
    return [] if any(names_place(said, place) for place in places) else list(reversed(found))


def _subject_words(title: str, place: str) -> set[str]:
    """Return the words of what a document is about, its place left out."""
    return set(words(subject_of(title).replace(place, "")))


def already_asked(history: Sequence[Turn], replies: Replies) -> bool:
    """Say whether the last thing said to the person was a question back: no second one follows it."""
    if not history or history[-1].role is not Role.ASSISTANT:
        return False
    every = (*replies.by_status.values(), *replies.particular.values())
    openings = [reply.text for reply in every if reply.status is AnswerStatus.CLARIFY]
    return any(history[-1].text.startswith(opening) for opening in openings)


def settled(question: str, history: Sequence[Turn]) -> str:
    """Return the question that a person's reply to a question back settles, or "".

    门诊一年能报多少 → (asked back) → 我是居民医保 gives 居民医保，门诊一年能报多少？; who asks something new
    instead of choosing is left alone.
    """
    before = next((turn.text for turn in reversed(history) if turn.role is Role.USER), "")
    fragment = _LEAD_IN.sub("", question.strip("？?。！! ")).removesuffix("的")
    if not before or not fragment or len(fragment) > _LONGEST_FRAGMENT or _ASKS.search(question):
        return ""
    return f"{fragment}，{before.strip('？?。 ')}？"


def subject_of(title: str) -> str:
    """Return what a document is about, from its title: 《…关于提高高龄津贴标准的通知》 → 提高高龄津贴标准."""
    plain = re.sub(r"[《》〈〉“”\s]", "", title)
    issued = _ISSUED.search(plain)
    subject = issued[1] if issued else plain
    return re.sub(r"的$", "", _FORM.sub("", subject)) or subject
