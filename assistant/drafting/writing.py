"""A section written by a language model from facts and basis, kept only if every claim is grounded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

import yaml
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from assistant.drafting.document import heading_level
from assistant.drafting.draft import Basis
from assistant.drafting.errors import KindError
from assistant.drafting.grounding import Claim, ungrounded
from assistant.drafting.kinds import KINDS_FOLDER

_QUOTED = re.compile(r"“[^“”]*”")
MARKER = re.compile(r"\[B(\d{1,2})\]")
MAX_REPAIRS = 1
ECHO_LENGTH = 8  # characters that a section and the prompt share by chance at most
# Numbering, and a line of the list of what was wrong, as the request to mend shows it.
_NO_TEXT = re.compile(
    r"^(?:漏写的.{2}|层次|重复|依据编号|照抄的提示|空行)：.*$|^(?:[一二三四五六七八九十]+、|（[^）]{1,3}）)"
)
MAX_TOKENS = 1200  # a section has at most about a thousand characters
_NAMES = {"version", "system", "user", "repair"}


@dataclass(frozen=True, slots=True)
class WritingPrompt:
    """What a model is told: the rules, the task, and the request to mend."""

    version: int
    system: str
    user: Template
    repair: Template


@dataclass(frozen=True, slots=True)
class Task:
    """One section to be written: the words of its task and all it may rest on."""

    kind: str
    section: str
    prompt: str
    facts: str
    basis: tuple[Basis, ...]
    template: tuple[str, ...]
    level_from: int = 1

    @property
    def sources(self) -> list[str]:
        """Return every text that a claim of the section may come from."""
        quoted = [f"{basis.name}{basis.locator}\n{basis.quote}" for basis in self.basis]
        return [self.facts, *quoted, "\n".join(self.template)]


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it: the paragraphs, and why the template stands where the model failed."""

    paragraphs: tuple[str, ...]
    by_model: bool
    notes: tuple[str, ...] = ()


def load_writing_prompt(path: Path = KINDS_FOLDER / "_writing.yaml") -> WritingPrompt:
    """Read the prompt of the writing model.

    Raises:
        KindError: An entry is missing or unknown.
    """
    data = yaml.safe_load(path.read_text("utf-8"))
    if not isinstance(data, dict) or set(data) != _NAMES:
        raise KindError(f"{path.name} 应有且只有 {'、'.join(sorted(_NAMES))}")
    return WritingPrompt(
        int(data["version"]), data["system"], Template(data["user"]), Template(data["repair"])
    )


def write_section(model: BaseChatModel, task: Task, prompt: WritingPrompt) -> Written:
    """Let a model write one section; where it asserts what no source holds, the template stands.

    The model is asked to mend its text once. What fails a second time, is empty, or a model that
    cannot be reached, leaves the section of the template and a note.
    """
    messages: list[BaseMessage] = [SystemMessage(prompt.system), HumanMessage(_user(task, prompt))]
    claims: list[Claim] = []
    for attempt in range(MAX_REPAIRS + 1):
        try:
            reply = str(model.invoke(messages, max_tokens=MAX_TOKENS).text)
        except Exception as error:  # any failure of a model leaves the template standing
            note = f"“{task.section}”未用模型改写：模型出错（{type(error).__name__}），用模板"
            return Written(task.template, False, (note,))
        paragraphs = _paragraphs(reply, task)
        claims = [
            *ungrounded("\n".join(paragraphs), task.sources),
            *_unknown_markers(reply, task),
            *_lost(paragraphs, task),
            *_echoed(paragraphs, prompt),
        ]
        if paragraphs and not claims and _keeps_gaps(paragraphs, task.template):
            return Written(tuple(paragraphs), True)
        if attempt < MAX_REPAIRS:
            listed = (
                "\n".join(f"{claim.sort}：{claim.words}" for claim in claims)
                or "正文为空或漏掉【待补：…】"
            )
            messages += [AIMessage(reply), HumanMessage(prompt.repair.substitute(claims=listed))]
    what = "、".join(claim.words for claim in claims[:5]) or "正文不完整"
    note = f"“{task.section}”未用模型改写：有没有来源或漏写的内容（{what}），用模板"
    return Written(task.template, False, (note,))


def _user(task: Task, prompt: WritingPrompt) -> str:
    basis = "\n".join(f"[B{b.number}] {b.name}{b.locator}：{b.quote}" for b in task.basis)
    return prompt.user.substitute(
        kind=task.kind,
        section=task.section,
        task=task.prompt,
        facts=task.facts,
        basis=basis or "（没有）",
        template="\n".join(task.template),
    )


def _paragraphs(reply: str, task: Task) -> list[str]:
    """Return the reply as paragraphs: markers named, Markdown and thinking taken off."""
    text = re.sub(r"<think>.*?</think>", "", reply, flags=re.S)
    known = {basis.number: basis for basis in task.basis}

    def name(match: re.Match[str]) -> str:
        basis = known.get(int(match[1]))
        return basis.name if basis else ""

    lines = [re.sub(r"^[#>*\-\s]+|\*\*|`", "", line).strip() for line in text.splitlines()]
    return [MARKER.sub(name, line) for line in lines if line]


def _unknown_markers(reply: str, task: Task) -> list[Claim]:
    known = {basis.number for basis in task.basis}
    return [
        Claim("依据编号", match[0])
        for match in MARKER.finditer(reply)
        if int(match[1]) not in known
    ]


def _lost(paragraphs: Sequence[str], task: Task) -> list[Claim]:
    """Return what the template says and the model's text lost, or repeated instead of writing.

    A quoted clause may give way to its name; a figure, date, name or heading may not go.
    """
    written = "\n".join(paragraphs)
    stated = _QUOTED.sub("", "\n".join(task.template))
    lost = [
        Claim(f"漏写的{claim.sort}", claim.words)
        for claim in ungrounded(stated, [written])
        if claim.sort not in ("标题", "文号", "引文")
    ]
    headings = [
        sum(heading_level(line) == 1 for line in part) for part in (paragraphs, task.template)
    ]
    if headings[0] != headings[1]:
        lost.append(Claim("层次", f"应有{headings[1]}个“一、”层，不是{headings[0]}个"))
    lost += [
        Claim("重复", basis.name) for basis in task.basis if written.count(f"《{basis.title}》") > 1
    ]
    return lost


def _echoed(paragraphs: Sequence[str], prompt: WritingPrompt) -> list[Claim]:
    """Return what a weak model repeats of its instructions, or writes without a word in it."""
    told = prompt.system + prompt.user.template + prompt.repair.template
    echoed = [
        part
        for line in paragraphs
        for part in re.split(r"[，。；：\n]", line)
        if len(part) >= ECHO_LENGTH and part in told
    ]
    empty = [line for line in paragraphs if not re.search(r"[一-龥]", _NO_TEXT.sub("", line))]
    return [Claim("照抄的提示", part) for part in echoed] + [Claim("空行", line) for line in empty]


def _keeps_gaps(paragraphs: Sequence[str], template: Sequence[str]) -> bool:
    """Say whether every 【待补：…】 of the template is still there: a gap must not be written over."""
    gaps = re.findall(r"【待补：[^】]*】", "\n".join(template))
    return all(gap in "\n".join(paragraphs) for gap in gaps)
