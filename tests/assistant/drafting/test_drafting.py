"""Drafts: basis quoted as spans or blocked, nothing invented, sections, versions, labels."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from assistant.__main__ import main
from assistant.drafting.basis import _NO_GROUND, OF_ONE_DOCUMENT, find_basis, find_document
from assistant.drafting.compose import compose, recompose_section, shown_quote
from assistant.drafting.draft import (
    History,
    Section,
    compare,
    draft_from,
    load_history,
    replace_section,
    save_history,
)
from assistant.drafting.errors import DraftingError
from assistant.drafting.facts import Facts, facts_from, missing_fields, read_facts
from assistant.drafting.grounding import ungrounded
from assistant.drafting.kinds import KINDS_FOLDER, Kind, find_kind, load_kinds
from assistant.drafting.matter import matter_of
from assistant.drafting.proposal import split_suggestions
from assistant.drafting.workbench import write_draft
from assistant.drafting.yaml_lines import read_yaml
from assistant.services import Services
from corpus.documents import Status

TODAY = date(2026, 11, 22)
SIXTY = read_yaml(Path(__file__).with_name("sixty_facts.yaml")).data
KINDS = load_kinds()


class Scripted(BaseChatModel):
    """A chat model that says what it is told to, and remembers what it was asked."""

    say: Callable[[list[BaseMessage]], str]
    asked: list[list[BaseMessage]] = []  # noqa: RUF012 - pydantic copies it for each model

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        self.asked.append(messages)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.say(list(messages))))])


def facts_of(row: dict[str, Any]) -> tuple[Kind, Facts]:
    kind = KINDS[row["kind"]]
    return kind, facts_from({key: value for key, value in row.items() if key != "kind"}, kind)


def notice(**more: Any) -> tuple[Kind, Facts]:
    return facts_of({**SIXTY[0], **more})


@pytest.mark.parametrize("row", SIXTY, ids=[f"{n}-{row['kind']}" for n, row in enumerate(SIXTY)])
def test_sixty_drafts_invent_nothing_and_mark_every_gap(
    row: dict[str, Any], citizens: Services
) -> None:
    kind, facts = facts_of(row)
    drafted = write_draft(kind, facts, History(), services=citizens, as_of=TODAY)
    assert [f.line_text() for f in drafted.findings if f.rule != "S03"] == []
    printed = drafted.draft.text() + str(drafted.document)
    for entry in missing_fields(kind, facts):
        assert f"【待补：{entry.name}" in printed
    for span in drafted.draft.quoted:
        basis = next(b for b in drafted.draft.basis if b.number == span.basis)
        stored = citizens.store.catalogue.text(basis.document_id)
        assert stored[basis.start : basis.end] == basis.quote
        assert span.shown == shown_quote(basis.quote)
        section = next(s for s in drafted.draft.sections if s.name == span.section)
        assert span.shown in "\n".join(section.paragraphs)


def test_sixty_facts_cover_every_kind() -> None:
    assert len(SIXTY) == 60
    assert {row["kind"] for row in SIXTY} == set(KINDS)


def test_an_ended_basis_is_blocked_and_its_successor_named(citizens: Services) -> None:
    kind, facts = notice(依据=["清河市城市养犬管理暂行办法"])
    draft = compose(kind, facts, citizens, as_of=TODAY)
    assert not draft.quoted
    (blocked,) = draft.blocked
    assert blocked.successor == "清河市养犬管理办法"
    assert "已废止" in blocked.sentence() and "请改引《清河市养犬管理办法》" in blocked.sentence()
    assert "暂行办法" not in draft.text()


def test_a_draft_for_comments_is_no_basis(citizens: Services) -> None:
    drafts = [
        document
        for document in citizens.store.catalogue.documents()
        if "征求意见稿" in document.metadata.title
    ]
    assert drafts
    kind, facts = notice(依据=[drafts[0].id])
    draft = compose(kind, facts, citizens, as_of=TODAY)
    assert not draft.quoted and "征求意见稿" in draft.blocked[0].reason


def test_a_title_names_the_text_in_force_and_its_draft_only_by_its_mark(
    citizens: Services,
) -> None:
    title = "清河市公共租赁住房保障办法"
    issued = find_document(f"《{title}》", citizens, TODAY)
    draft = find_document(f"《{title}（征求意见稿）》", citizens, TODAY)
    assert issued and draft and draft.metadata.status is Status.DRAFT
    assert title in issued.metadata.title and issued.metadata.status is not Status.DRAFT
    found = find_basis("", [f"《{title}》第一条"], citizens, as_of=TODAY, issuer="清河市民政局")
    assert found.chosen and not found.blocked


def test_an_unknown_basis_is_noted_and_not_quoted(citizens: Services) -> None:
    kind, facts = notice(依据=["清政发〔2031〕1号"])
    draft = compose(kind, facts, citizens, as_of=TODAY)
    assert not draft.quoted and "资料库里没有 清政发〔2031〕1号" in draft.notes[0]


def test_a_county_does_not_bind_the_city_above_it(citizens: Services) -> None:
    kind, facts = notice()
    draft = compose(kind, facts, citizens, as_of=TODAY)
    assert all("临溪县" not in basis.title for basis in draft.basis)


def test_an_item_that_begins_with_a_year_is_numbered_like_the_others() -> None:
    steps = ["逐户登记", "2026年6月底前完成清查", "建立台账"]
    kind, facts = notice(
        依据=["无"], 事项=[{"标题": "摸清底数", "内容": [{"标题": "步骤", "内容": steps}]}]
    )
    drafted = write_draft(kind, facts, History(), services=None, as_of=TODAY)
    assert "2.2026年6月底前完成清查。" in drafted.draft.text()
    assert [f.line_text() for f in drafted.findings if f.rule != "S03"] == []


def test_a_note_keeps_the_brackets_within_it() -> None:
    kind, facts = notice(依据=["无"], 附注="联系人：示例乙（办公室）")
    drafted = write_draft(kind, facts, History(), services=None, as_of=TODAY)
    assert drafted.document.note == "（联系人：示例乙（办公室））"


def test_without_a_corpus_a_draft_still_comes() -> None:
    kind, facts = notice()
    draft = compose(kind, facts, as_of=TODAY)
    assert draft.sections and not draft.basis


def lying(messages: list[BaseMessage]) -> str:
    return "为做好工作，全市已发放高龄津贴9999万元，由示例局王小明局长负责，依据清政发〔2030〕7号。"


def test_a_model_that_lies_twice_leaves_the_template() -> None:
    kind, facts = notice(依据=["无"])
    model = Scripted(say=lying)
    draft = compose(kind, facts, as_of=TODAY, model=model)
    assert draft.text() == compose(kind, facts, as_of=TODAY).text()
    written = [s for s in kind.sections if s.prompt]
    assert len(model.asked) == 2 * len(written)  # each is asked once, and once more to mend
    assert any("9999万" in note for section in draft.sections for note in section.notes)
    assert "9999万" in str(model.asked[1][-1].content)


def test_a_model_that_mends_its_text_is_kept() -> None:
    mended = "为保障高龄老年人基本生活，做好2027年度发放工作，现通知如下："

    def mending(messages: list[BaseMessage]) -> str:
        return lying(messages) if len(messages) == 2 else mended

    kind, facts = notice(依据=["无"])
    draft = compose(kind, facts, as_of=TODAY, model=Scripted(say=mending))
    assert draft.sections[0].paragraphs == (mended,)
    assert draft.sections[0].written_by == "scripted"


def test_a_model_points_and_the_code_names(citizens: Services) -> None:
    def pointing(messages: list[BaseMessage]) -> str:
        return "根据[B1]有关规定，为做好2027年度发放工作，现将有关事项通知如下："

    kind, facts = notice(依据=["云民规〔2025〕2号"])
    draft = compose(kind, facts, citizens, as_of=TODAY, model=Scripted(say=pointing))
    assert "（云民规〔2025〕2号）有关规定" in draft.sections[0].paragraphs[0]
    assert "[B1]" not in draft.text()


LOSSES = {
    "a year": "为保障高龄老年人基本生活，现将有关事项通知如下：",
    "said twice": "根据[B1]和[B1]，为做好2027年度发放工作，现将有关事项通知如下：",
    "its own prompt": "你为机关起草公文的一个部分。为做好2027年度发放工作，现将有关事项通知如下：",
    "what was wrong": "为做好2027年度发放工作，现通知如下：\n漏写的日期：2027年",
    "a number alone": "为做好2027年度发放工作，现通知如下：\n1.",
    "a heading too many": "一、做好2027年度发放工作\n现将有关事项通知如下：",
}


@pytest.mark.parametrize("text", LOSSES.values(), ids=LOSSES)
def test_a_model_may_not_lose_or_repeat_what_the_template_says(
    text: str, citizens: Services
) -> None:
    kind, facts = notice(依据=["云民规〔2025〕2号"])
    model = Scripted(say=lambda _messages: text)
    section = compose(kind, facts, citizens, as_of=TODAY, model=model).sections[0]
    assert section.written_by == "template" and section.notes


def test_a_marker_that_names_nothing_is_no_text() -> None:
    kind, facts = notice(依据=["无"])
    model = Scripted(say=lambda _messages: "根据[B7]，现通知如下：")
    assert compose(kind, facts, as_of=TODAY, model=model).sections[0].written_by == "template"


def test_a_model_that_fails_leaves_the_template() -> None:
    def failing(_messages: list[BaseMessage]) -> str:
        raise ConnectionError("gone")

    kind, facts = notice(依据=["无"])
    draft = compose(kind, facts, as_of=TODAY, model=Scripted(say=failing))
    assert "模型出错（ConnectionError）" in draft.sections[0].notes[0]


def test_a_model_may_not_fill_a_gap() -> None:
    kind, facts = facts_of({**SIXTY[5], "kind": "会议通知"})
    assert "会议地点" in [entry.name for entry in missing_fields(kind, facts)]
    model = Scripted(say=lambda _m: "定于2027年3月10日14:30在市政府召开全市防汛工作会议。")
    text = compose(kind, facts, as_of=TODAY, model=model).text()
    assert "【待补：会议地点】" in text and "在市政府" not in text


def test_one_section_is_written_again_and_the_others_stay() -> None:
    kind, facts = notice(依据=["无"])
    first = compose(kind, facts, as_of=TODAY)
    model = Scripted(say=lambda _m: "为做好2027年度高龄津贴发放工作，现通知如下：")
    second = recompose_section(first, "缘由", kind, facts, as_of=TODAY, model=model)
    assert second.sections[0] != first.sections[0]
    assert second.sections[1:] == first.sections[1:]
    changed = compare(first, second, kind)
    assert "+为做好2027年度高龄津贴发放工作，现通知如下：" in changed and "缘由" in changed
    assert len(model.asked) == 1  # the other sections cost no call
    with pytest.raises(DraftingError, match="没有部分 '不存在'"):
        recompose_section(first, "不存在", kind, facts, as_of=TODAY)


def test_versions_come_back_as_they_were(tmp_path: Path, citizens: Services) -> None:
    kind, facts = notice()
    history = History()
    for _ in range(3):
        history = write_draft(kind, facts, history, services=citizens, as_of=TODAY).history
    path = tmp_path / "a.draft.json"
    save_history(history, path)
    back = load_history(path)
    assert [draft.version for draft in back.versions] == [1, 2, 3]
    assert back == History(tuple(draft_from(json.loads(json.dumps(entry))) for entry in rows(path)))
    path.write_text("{", "utf-8")
    with pytest.raises(DraftingError, match=r"a\.draft\.json"):
        load_history(path)


def rows(path: Path) -> list[dict[str, Any]]:
    versions: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["versions"]
    return versions


MATTERS = {
    "做好2027年度高龄津贴发放工作": "高龄津贴发放",
    "商请核对公共租赁住房申请家庭收入信息": "公共租赁住房申请家庭收入信息",
    "开展生活垃圾分类投放督查": "生活垃圾分类投放",
    "12345热线工单办理专题会": "12345热线工单办理",
    "调整公交线路": "调整公交线路",
    "加强工作": "加强工作",
    "": "",
}


@pytest.mark.parametrize(("subject", "matter"), MATTERS.items())
def test_a_subject_is_searched_by_its_matter(subject: str, matter: str) -> None:
    assert matter_of(subject) == matter


@given(st.text("做好2027年度开展高龄津贴发放工作情况", max_size=30))
def test_a_matter_is_part_of_its_subject_and_is_its_own_matter(subject: str) -> None:
    assert matter_of(subject) in subject
    assert matter_of(matter_of(subject)) == matter_of(subject)


SUBJECTS = {
    "做好2027年度高龄津贴发放工作": "云民规〔2025〕2号",
    "开展长期护理保险失能等级评估工作": "清医保规〔2025〕3号",
    "电动自行车集中登记上牌": "清公通〔2024〕1号",
    "新建清河二桥连接线": "",
    "开展烟花爆竹经营安全检查": "",
    "追加住房公积金管理中心办公楼维修经费": "",
    "做好残疾人就业工作": "",
}


@pytest.mark.parametrize(("subject", "number"), SUBJECTS.items())
def test_a_basis_is_quoted_where_the_corpus_rules_on_the_matter_and_only_there(
    subject: str, number: str, citizens: Services
) -> None:
    found = find_basis(subject, [], citizens, as_of=TODAY, issuer="清河市民政局")
    assert [basis.document_number for basis in found.chosen] == ([number] if number else [])
    assert all(not _NO_GROUND.search(basis.quote) for basis in found.chosen)
    documents = [basis.document_id for basis in found.offered]
    assert all(documents.count(one) <= OF_ONE_DOCUMENT for one in documents)


PROPOSALS = {
    "numbered, quoted": (
        "一、关于“甲事”的建议\n说明。\n二、关于“乙事”的建议\n说明。",
        ["甲事", "乙事"],
    ),
    "after the background": (
        "一、背景\n很难。\n二、建议\n1.增加站点。\n2.提高补助。",
        ["增加站点", "提高补助"],
    ),
    "announced": ("案由：难。\n建议如下：\n（一）办好甲。\n（二）办好乙。", ["办好甲", "办好乙"]),
    "ordinals": ("一是简化材料。二是增加学位。", ["简化材料", "增加学位"]),
    "announced in its paragraph": (
        "近年来我市老龄化加剧。为此，建议：一是增加社区食堂；二是培训护理员；三是完善补贴。",
        ["增加社区食堂", "培训护理员", "完善补贴"],
    ),
    "one alone": ("为此，建议：一是办好甲。", ["办好甲"]),
    "plain after a colon": ("建议：办好甲。", ["办好甲"]),
    "after a colon": ("为此，提出以下建议：一是办好甲；二是办好乙。", ["办好甲", "办好乙"]),
    "after the problems": (
        "存在不足。一是设施不足。二是人员缺乏。为此，建议：一是办好甲；二是办好乙。",
        ["办好甲", "办好乙"],
    ),
    "after headings of the background": (
        "一、存在问题\n一是设施不足。二是人员缺乏。\n二、原因\n为此建议一是办好甲；二是办好乙。",
        ["办好甲", "办好乙"],
    ),
    "problems alone": ("存在的主要问题：一是甲；二是乙。建议多建食堂。", ["存在的主要问题"]),
    **{
        heading: (
            f"一、存在问题\n很难。\n二、{heading}\n（一）办好甲。\n（二）办好乙。",
            ["办好甲", "办好乙"],
        )
        for heading in ("几点建议", "意见建议", "相关建议", "有关建议", "对策与建议")
    },
    "numbered, not quoted": (
        "1.关于完善养老服务设施的建议。\n2.关于培训护理员的意见：应当加强。",
        ["完善养老服务设施", "培训护理员"],
    ),
    "plain": ("建议提高补助标准，简化审批。", ["提高补助标准，简化审批"]),
}


@pytest.mark.parametrize(("text", "headings"), PROPOSALS.values(), ids=PROPOSALS)
def test_a_proposal_is_split_into_its_suggestions(text: str, headings: list[str]) -> None:
    assert [suggestion.heading for suggestion in split_suggestions(text)] == headings


@given(st.text(max_size=300))
def test_any_text_is_split_without_failing(text: str) -> None:
    suggestions = split_suggestions(text)
    assert bool(suggestions) == bool(text.strip().strip("　"))


def test_each_suggestion_is_answered_with_what_was_done_and_what_comes(citizens: Services) -> None:
    row = next(row for row in SIXTY if row["kind"] == "提案答复")
    kind, facts = facts_of(row)
    draft = compose(kind, facts, citizens, as_of=TODAY)
    answers = [section for section in draft.sections if section.name.startswith("答复")]
    assert len(answers) == 2
    assert answers[0].paragraphs[0] == "一、关于“降低用算成本”的建议"
    assert "2025年发放算力券2640万元。" in answers[0].paragraphs
    assert "（二）下一步工作" in answers[1].paragraphs
    assert any(span.section.startswith("答复") for span in draft.quoted)
    assert draft.notes == ()


def test_what_no_suggestion_asks_for_is_named_and_not_lost() -> None:
    row = next(row for row in SIXTY if row["kind"] == "提案答复")
    proposal = "为此，建议：一是增加社区食堂；二是培训护理员。"
    done, coming = ["建成食堂20个", "培训300人", "发放补贴500万元"], ["再建食堂10个"]
    kind, facts = facts_of({**row, "提案": proposal, "举措及成效": done, "下一步工作": coming})
    draft = compose(kind, facts, as_of=TODAY)
    assert "培训300人。" in draft.text() and "500万元" not in draft.text()
    (note,) = draft.notes
    assert note.startswith("举措及成效第3项“发放补贴500万元”没有对应的建议")


GROUNDED = {
    "the same value": ("安排420万元。", ["资金4200000元"], []),
    "a scale apart": ("安排420元。", ["资金420万元"], ["420"]),
    "percent": ("达到42%。", ["达到42"], ["42%"]),
    "a date": ("2026年5月9日", ["2026年5月8日"], ["2026年5月9日"]),
    "a longer date": ("2026年5月1日", ["2026年5月11日"], ["2026年5月1日"]),
    "Chinese figures": ("新增三十个", ["新增30个"], []),
    "a number of a document": (
        "按清政发〔2026〕8号",
        ["清政发〔2026〕9号"],
        ["按清政发〔2026〕8号"],
    ),
    "a share in words": ("参保率达到百分之八十以上", ["提高参保率"], ["百分之八十"]),
    "a share in figures": ("参保率达到百分之八十点五", ["参保率80.5%"], []),
    "about so many": (
        "惠及两千余户、三十余家企业、二十多个小区、300余人",
        ["养老"],
        ["300", "两千", "三十", "二十"],
    ),
    "about so many, known": ("惠及两千余户、300余人", ["2000户、300人"], []),
    "the day of a date": ("各区应当在8日内完成整改", ["2026年5月8日"], ["8"]),
    "the month of a date": ("5月底前完成", ["2026年5月8日"], []),
    "a figure of a 文号": ("新建9个站点", ["清政发〔2026〕9号"], ["9"]),
    "a numeral in a word": ("力争用三年建成", ["推进三农工作"], ["三"]),
    "another unit": ("3个工作日内办结", ["3个社区"], ["3"]),
    "the same unit": ("三个工作日内办结，3个月后回访", ["3个工作日，3个月"], []),
    "parts": ("占三分之一，半年内完成，上半年启动", ["养老"], ["三分之一", "半年"]),
    "offices by their level": (
        "由市教育局、市财政局负责落实，市发改委协助，省民政厅指导",
        ["做好养老服务"],
        ["市教育局", "市财政局", "市发改委", "省民政厅"],
    ),
    "offices that are known": ("由市教育局、市财政局负责", ["清河市教育局会同财政局"], []),
    "words that end like offices": ("，市区统筹布局，市民可代办、市政务大厅受理", ["养老"], []),
    "an agency": ("由望山区水务局负责", ["清河市水务局"], ["望山区水务局"]),
    "a person": ("，王小明局长", ["李小明局长"], ["王小明"]),
    "numbering": ("一、甲\n（二）乙\n3.丙\n一是丁", [""], []),
    "a quote": (
        "规定：“凡是申请的人都可以领取津贴。”",
        ["不得领取"],
        ["凡是申请的人都可以领取津贴。"],
    ),
}


@pytest.mark.parametrize(("text", "sources", "claims"), GROUNDED.values(), ids=GROUNDED)
def test_a_claim_is_held_against_its_sources(
    text: str, sources: list[str], claims: list[str]
) -> None:
    assert [claim.words for claim in ungrounded(text, sources)] == claims


@given(st.text("清河市0123456789年月日万元%〔〕号《》“”一二三十局，。", max_size=60))
def test_a_text_is_grounded_in_itself(text: str) -> None:
    assert ungrounded(text, [text]) == []


def write_facts(folder: Path, **more: Any) -> Path:
    path = folder / "facts.yaml"
    row = {key: value for key, value in {**SIXTY[0], **more}.items() if key != "kind"}
    path.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    return path


@pytest.mark.parametrize("suffix", [".docx", ".md"])
def test_the_command_writes_checks_and_keeps(
    suffix: str, tmp_path: Path, sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"n{suffix}"
    command = ["--data-dir", str(sample), "draft", "通知", "--facts", str(write_facts(tmp_path))]
    assert main([*command, "--out", str(out), "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["missing"] == [] and row["findings"] == []
    assert row["aigc"]["ProduceID"] in (sample / "drafting-log.jsonl").read_text("utf-8")
    assert main(["--data-dir", str(sample), "check", str(out), "--json"]) == 0
    checked = json.loads(capsys.readouterr().out)
    assert checked["findings"] == [] and checked["kind"] == "通知"
    assert main([*command, "--out", str(out), "--section", "缘由"]) == 0
    assert main(["draft", "通知", "--compare", "1", "2", "--out", str(out)]) == 0
    assert "正文、要素和附件都相同" in capsys.readouterr().out
    assert [d.version for d in load_history(tmp_path / "n.draft.json").versions] == [1, 2]


ERRORS = {
    "no such kind": (["draft", "通之"], "没有文种 '通之'"),
    "no facts": (["draft", "通知"], "--facts 和 --out"),
    "no such file": (
        ["draft", "通知", "--facts", "没有.yaml", "--out", "a.docx"],
        "没有文件 '没有.yaml'",
    ),
    "another format": (["draft", "通知", "--facts", "a.yaml", "--out", "a.odt"], "不能导出 '.odt'"),
    "no such document": (["check", "没有.docx"], "打不开 '没有.docx'"),
}


@pytest.mark.parametrize(("command", "says"), ERRORS.values(), ids=ERRORS)
def test_a_mistake_is_one_sentence(
    command: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 1
    said = capsys.readouterr().err
    assert says in said and said.count("\n") == 1


def test_what_stood_there_stays_when_a_draft_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "n.docx"
    out.write_bytes(b"before")
    monkeypatch.setenv("ASSISTANT_AIGC_PRODUCER", "不是编码")
    facts = write_facts(tmp_path)
    assert main(["draft", "通知", "--facts", str(facts), "--out", str(out)]) == 1
    assert "生成者编码" in capsys.readouterr().err
    assert out.read_bytes() == b"before"


def test_the_commands_name_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draft", "--list"]) == 0
    listed = {line.split("\t")[0] for line in capsys.readouterr().out.splitlines()}
    assert listed == set(KINDS)
    assert find_kind("通知").document_kind == "通知"


EXAMPLES = sorted((KINDS_FOLDER / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_facts_file_gives_a_whole_draft(path: Path) -> None:
    kind = KINDS[path.stem]
    facts = read_facts(path, kind)
    drafted = write_draft(kind, facts, History(), services=None, as_of=TODAY)
    assert drafted.draft.missing == () and drafted.findings == ()


PLACES = {
    # What the person named, and how the text cites it where no sentence of it fits the matter.
    "a clause": (
        ["清河市养犬管理办法第十条"],
        "《清河市养犬管理办法》（清政发〔2025〕3号）第十条规定：“",
    ),
    "a paragraph of a clause": (
        ["清河市养犬管理办法第六条第二款"],
        "第六条第二款规定：“养犬登记不收取费用。",
    ),
    "a clause of one long list": (
        ["清河市养犬管理办法第七条"],
        "《清河市养犬管理办法》（清政发〔2025〕3号）第七条",
    ),
}


@pytest.mark.parametrize(("named", "cited"), PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("name", ["通知", "函", "转发通知"])
def test_a_clause_that_a_person_names_is_cited_in_the_text(
    name: str, named: list[str], cited: str, citizens: Services
) -> None:
    row = next(row for row in SIXTY if row["kind"] == name)
    kind, facts = facts_of({**row, "依据": named})
    drafted = write_draft(kind, facts, History(), services=citizens, as_of=TODAY)
    (basis,) = drafted.draft.basis
    assert basis.chosen and cited in drafted.draft.text()
    assert [f.line_text() for f in drafted.findings if f.rule != "S03"] == []
    stored = citizens.store.catalogue.text(basis.document_id)
    assert stored[basis.start : basis.end] == basis.quote
    assert drafted.draft.notes == ()


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_named_document_is_called_cited_just_where_the_text_cites_it(
    kind: Kind, citizens: Services
) -> None:
    row = next(row for row in SIXTY if row["kind"] == kind.name)
    kind, facts = facts_of({**row, "依据": ["清公通〔2024〕1号"]})
    drafted = write_draft(kind, facts, History(), services=citizens, as_of=TODAY)
    draft = drafted.draft
    basis = next(basis for basis in draft.basis if basis.document_number == "清公通〔2024〕1号")
    printed = basis.name in draft.text()
    assert basis.chosen is printed
    assert any("没有印进正文" in note for note in draft.notes) is not printed
    # Only these have no place for a ground: what was decided, said or answered speaks for itself.
    assert printed or kind.name in ("决议", "纪要", "提案答复", "建议答复")
    assert [f.line_text() for f in drafted.findings if f.rule != "S03"] == []


def test_two_grounds_are_named_in_one_sentence_one_quoted_one_not(citizens: Services) -> None:
    kind, facts = notice(依据=["云民规〔2025〕2号", "清河市养犬管理办法第七条"])
    text = compose(kind, facts, citizens, as_of=TODAY).text()
    assert "提出：“" in text
    assert "根据上述规定和《清河市养犬管理办法》（清政发〔2025〕3号）第七条，为保障" in text


def test_a_ground_that_a_person_or_a_model_takes_out_is_no_longer_called_cited(
    citizens: Services,
) -> None:
    kind, facts = notice(依据=["清河市养犬管理办法第十条"])
    draft = compose(kind, facts, citizens, as_of=TODAY)
    assert draft.basis[0].chosen
    by_hand = replace_section(draft, Section("缘由", ("为做好发放工作，现通知如下：",)), [])
    assert not by_hand.basis[0].chosen
    silent = Scripted(say=lambda _m: "为保障高龄老年人基本生活，做好2027年度发放工作，现通知如下：")
    written = recompose_section(draft, "缘由", kind, facts, citizens, as_of=TODAY, model=silent)
    assert not written.basis[0].chosen
    assert any("没有印进正文" in note for note in written.notes)
    again = recompose_section(written, "缘由", kind, facts, citizens, as_of=TODAY)
    assert [basis.chosen for basis in again.basis] == [True]
    assert {span.basis for span in again.quoted} == {1}


def test_a_ground_is_looked_for_in_no_kind_that_cites_none(citizens: Services) -> None:
    row = next(row for row in SIXTY if row["kind"] == "会议通知")
    kind, facts = facts_of(row)
    assert not compose(kind, facts, citizens, as_of=TODAY).basis


AROUND: dict[str, dict[str, Any]] = {
    "a title": {"标题": "清河市民政局关于另一件事的通知"},
    "addressees": {"主送机关": "各区民政局"},
    "a date": {"成文日期": "2026-12-1"},
    "copies": {"抄送机关": "清河市审计局"},
    "an attachment": {"附件": [{"名称": "进度表", "表格": [["县区", "人数"], ["临溪县", "12"]]}]},
    "a seal": {"加盖印章": "否"},
    "who issues with it": {"联合发文机关": ["清河市财政局"]},
}


@pytest.mark.parametrize("change", AROUND.values(), ids=AROUND)
def test_what_stands_around_the_text_is_compared_field_by_field(change: dict[str, Any]) -> None:
    kind, facts = notice(依据=["无"])
    older = compose(kind, facts, as_of=TODAY)
    newer = replace(older, facts={**older.facts, **change}, version=2)
    (name,) = change
    lines = compare(older, newer, kind).splitlines()
    assert lines[1] == "+++ 第2版 要素和附件"
    changed = [line for line in lines[2:] if not line.startswith("@@")]
    assert changed and all(line[1:].startswith(f"{name}：") for line in changed)
    assert compare(older, older, kind) == ""


def test_a_row_of_an_attached_table_is_compared_as_one_line() -> None:
    kind, facts = notice(依据=["无"], 附件=AROUND["an attachment"]["附件"])
    older = compose(kind, facts, as_of=TODAY)
    rows = [{"名称": "进度表", "表格": [["县区", "人数"], ["临溪县", "13"]]}]
    newer = replace(older, facts={**older.facts, "附件": rows}, version=2)
    lines = compare(older, newer, kind).splitlines()
    assert lines[3:] == ["-附件：临溪县 | 12", "+附件：临溪县 | 13"]


def test_what_a_section_prints_is_compared_there_alone() -> None:
    kind, facts = notice(依据=["无"])
    other, changed = notice(依据=["无"], 事项=["按月核对"])
    older, newer = (compose(kind, entry, as_of=TODAY) for entry in (facts, changed))
    assert "要素和附件" not in compare(older, newer, other)


def test_an_opinion_without_a_closing_of_its_own_has_the_usual_one() -> None:
    row = next(row for row in SIXTY if row["kind"] == "意见" and "结语" not in row)
    kind, facts = facts_of(row)
    assert compose(kind, facts, as_of=TODAY).text().endswith("以上意见，请结合实际认真贯彻执行。")
    kind, facts = facts_of({**row, "结语": "以上意见，请批转执行"})
    text = compose(kind, facts, as_of=TODAY).text()
    assert text.endswith("以上意见，请批转执行。") and "认真贯彻" not in text


def test_what_is_passed_on_names_its_agency_once() -> None:
    row = next(row for row in SIXTY if row["kind"] == "转发通知")
    kind, facts = facts_of(row)
    text = compose(kind, facts, as_of=TODAY).text()
    assert (
        "现将云江省民政厅《关于加强养老机构消防安全管理的通知》（云民发〔2026〕14号）转发给你们"
        in text
    )
    kind, facts = facts_of({**row, "来文标题": f"云江省民政厅{row['来文标题']}"})
    assert "现将《云江省民政厅关于加强" in compose(kind, facts, as_of=TODAY).text()


@pytest.mark.parametrize("name", ["命令", "议案"])
def test_a_department_may_draft_no_order_and_no_motion(name: str) -> None:
    row = next(row for row in SIXTY if row["kind"] == name)
    kind, facts = facts_of({**row, "发文机关": "清河市民政局"})
    drafted = write_draft(kind, facts, History(), services=None, as_of=TODAY)
    assert "G07" in {finding.rule for finding in drafted.findings}


LIES = (
    "，参保率达到百分之九十三以上",
    "，惠及八千余户",
    "，由市残疾人就业局落实",
    "，占七分之六",
    "，共安排8837万元",
    "，由张伟局长负责",
    "，依据清政发〔2031〕77号",
    "，于2029年4月7日前完成",
    "，覆盖率达到88.37%",
    "，由云川市水利局牵头",
    "，依据《云江省示例条例》",
    "，在市迎宾馆礼堂召开",
)


@pytest.mark.parametrize("row", SIXTY, ids=[f"{n}-{row['kind']}" for n, row in enumerate(SIXTY)])
def test_a_lie_put_into_any_section_is_seen(row: dict[str, Any]) -> None:
    kind, facts = facts_of(row)
    for section in compose(kind, facts, as_of=TODAY).sections:
        text = "\n".join(section.paragraphs)
        sources = [facts.text(), text]
        assert ungrounded(text, sources) == []
        for lie in LIES:
            assert ungrounded(f"{text}{lie}。", sources), lie
