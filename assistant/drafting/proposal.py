"""A proposal split into its numbered suggestions, each answered apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.drafting.document import heading_level

_ABOUT = re.compile(
    r"^关于(?:[“\"](.+?)[”\"]的(?:建议|意见)|([^“”\"。；：:]+?)的(?:建议|意见)(?=$|[。；：:，]))"
)
_SUGGESTIONS = re.compile(
    r"(?:为此|因此|对此|据此)?[，,]?\s*(?:特|现)?(?:提出)?(?:如下|以下|几点|具体)?(?:意见和)?建议(?:如下)?[：:]$"
)
_SECTION_OF_SUGGESTIONS = re.compile(
    r"(?:几点|具体|主要|相关|有关|意见和?|对策[与和]?|工作|下一步)*建议[：:]?"
)
# 为此，建议：一是…；二是… announces within its paragraph what follows it there.
_ANNOUNCED_INLINE = re.compile(r"建议[^。；\n]{0,16}?[：:，,]?\s*(?=一是|第一，)")
# Ordinals that follow tell what is wrong, not what is suggested.
_OF_PROBLEMS = re.compile(
    r"(?:存在|面临|主要|以下)[^。；，\n]{0,12}(?:问题|不足|困难|短板|原因)[^。；，\n]{0,4}[。：:]\s*$"
)
_MARK = re.compile(
    r"^(?:[一二三四五六七八九十百]+、|[（(][一二三四五六七八九十百]+[）)]|\d{1,2}[.．、]|[（(]\d{1,2}[）)])\s*"
)
_ORDINAL = re.compile(
    r"(?:^|(?<=[。；：:\n]))\s*(?:[一二三四五六七八九十]是|第[一二三四五六七八九十]，)"
)
_BACKGROUND = re.compile(
    r"^(?:案由|背景|现状|基本情况|存在(?:的)?(?:主要)?问题|问题|原因|主要问题|情况分析)"
)
_BODY = re.compile(r"(?:会|委|局|党|联|团|院|社|公司|集团|中心|处|部|厅|盟|所|协会|小组)$")
_HEADING_LENGTH = 40
MAX_SUGGESTIONS = 20


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One suggestion: its number, its heading as the proposal words it, and its text."""

    number: int
    heading: str
    text: str

    @property
    def title(self) -> str:
        """Return the heading of the answer to it, in the proposal's own words."""
        return f"关于“{self.heading}”的建议"


def is_body(proposer: str) -> bool:
    """Say whether a proposal comes from a body and not from a person, as its name ends."""
    return _BODY.search(proposer) is not None


def split_suggestions(proposal: str) -> list[Suggestion]:
    """Return the suggestions of a proposal in order; a text without numbers is one suggestion.

    Where a proposal first tells the background and then says 建议如下：, only what follows counts.
    """
    lines = [line.strip().strip("　") for line in proposal.splitlines()]
    lines = _after_announcement([line for line in lines if line])
    groups = _grouped(lines) or _by_ordinals("\n".join(lines))
    suggestions = [
        Suggestion(number, *_heading_and_text(group))
        for number, group in enumerate(groups[:MAX_SUGGESTIONS], start=1)
    ]
    return suggestions or [Suggestion(1, *_heading_and_text(lines))] if lines else []


def _after_announcement(lines: list[str]) -> list[str]:
    for place, line in enumerate(lines):
        bare = _MARK.sub("", line)
        announces = _SUGGESTIONS.search(bare) or _SECTION_OF_SUGGESTIONS.fullmatch(bare)
        if announces and place + 1 < len(lines):
            return lines[place + 1 :]
    return lines


def _grouped(lines: list[str]) -> list[list[str]]:
    """Return the lines in groups, one for each mark of the highest level that is used."""
    levels = [_level(line) for line in lines]
    used = [level for level in levels if level]
    if not used:
        return []
    top = min(used)
    groups: list[list[str]] = []
    for line, level in zip(lines, levels, strict=True):
        if level == top:
            groups.append([_MARK.sub("", line)])
        elif groups:
            groups[-1].append(line)
    return [group for group in groups if not _BACKGROUND.match(group[0])]


def _level(line: str) -> int:
    return heading_level(
        re.sub(
            r"^[(（]([一二三四五六七八九十百]+|\d{1,2})[)）]",
            r"（\1）",
            re.sub(r"^(\d{1,2})、", r"\1.", line),
        )
    )


def _by_ordinals(text: str) -> list[list[str]]:
    announced = _ANNOUNCED_INLINE.search(text)
    text = text[announced.end() :] if announced else text
    found = list(_ORDINAL.finditer(text))
    if len(found) < (1 if announced else 2) or _OF_PROBLEMS.search(text[: found[0].start()]):
        return []
    starts = [match.end() for match in found]
    ends = [*[match.start() for match in found][1:], len(text)]
    return [[text[start:end].strip()] for start, end in zip(starts, ends, strict=True)]


def _heading_and_text(group: list[str]) -> tuple[str, str]:
    first = group[0]
    about = _ABOUT.match(first)
    if about:
        return about[1] or about[2], "\n".join(
            [first[about.end() :].lstrip("。：:"), *group[1:]]
        ).strip()
    sentence = re.split(r"[。；：:]", re.sub(r"^建议[：:]?", "", first), maxsplit=1)[0]
    heading = sentence.strip('，,“”"')
    if len(heading) > _HEADING_LENGTH:
        heading = re.split(r"[，,]", heading)[0][:_HEADING_LENGTH]
    return heading, "\n".join(group).strip()
