"""Chunking: lossless over anything, and the numbering of laws, policies, guides and questions."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.chunking import CONTENTS, WHOLE_ARTICLE, chunk, split_sentences
from corpus.documents import Block, BlockKind, Chunk
from corpus.numerals import chinese_to_int, int_to_chinese
from corpus.outline import Depth, read_mark


def blocks_of(
    lines: list[str], kinds: dict[int, BlockKind] | None = None
) -> tuple[str, list[Block]]:
    blocks, start = [], 0
    for number, line in enumerate(lines):
        kind = (kinds or {}).get(number, BlockKind.PARAGRAPH)
        blocks.append(Block(start, start + len(line), kind, 2 if kind is BlockKind.HEADING else 0))
        start += len(line) + 1
    return "\n".join(lines), blocks


def chunks_of(*lines: str, kinds: dict[int, BlockKind] | None = None) -> list[Chunk]:
    return chunk("d", *blocks_of(list(lines), kinds))


PIECES = st.sampled_from(
    [
        "第一章 总则",
        "第一条 为了规范补贴发放，制定本办法。",
        "第二条 有下列情形之一的，不予受理：",
        "（一）材料不全的；",
        "（二）不属于本机关职权范围的。",
        "1.加快建设。支持企业发展。",
        "一、总体要求",
        "（三）重点任务",
        "附件1",
        "问：怎么办理？",
        "答：到窗口办理。",
        "2025年5月23日",
        "清河市民政局",
        "“人工智能+医疗”，加快应用，提升医疗服务的质量和效率，方便群众就近就医和购药。",
        "清河市某某管理办法",
    ]
)
LINES = st.lists(
    st.one_of(
        PIECES, st.text(alphabet="一二、（）1.第条。；：“”abc 甲乙丙", min_size=1, max_size=700)
    ),
    min_size=1,
    max_size=25,
).map(lambda lines: [line.strip() or "空" for line in lines])


@given(LINES, st.lists(st.sampled_from(list(BlockKind)), max_size=25))
def test_chunking_loses_nothing(lines: list[str], kinds: list[BlockKind]) -> None:
    text, blocks = blocks_of(lines, dict(enumerate(kinds)))
    chunks = chunk("d", text, blocks)
    assert "".join(c.text for c in chunks) == text
    assert all(text[c.start : c.end] == c.text and c.text for c in chunks)
    assert len({c.id for c in chunks}) == len(chunks)


@given(LINES)
def test_no_chunk_is_longer_than_a_person_reads(lines: list[str]) -> None:
    longest = max(len(c.text) for c in chunk("d", *blocks_of(lines)))
    headings_above = len(Depth) * 81
    assert longest <= max(WHOLE_ARTICLE * 2, CONTENTS) + headings_above


def test_headings_without_end_are_no_clause_without_end() -> None:
    found = chunks_of(*(f"附件{number}" for number in range(2_000)))
    assert len(found) > 1
    assert max(len(c.text) for c in found) <= CONTENTS + 80


def test_a_line_of_many_numbered_blocks_takes_time_by_its_length() -> None:
    started = time.process_time()
    found = chunks_of("办法", "1.甲项内容。2.乙项内容。" * 40_000)
    assert len(found) == 80_000
    assert time.process_time() - started < 12  # copying the rest of the line each time: minutes


@given(st.text(alphabet="一。；！？”a\n", max_size=80))
def test_sentences_cover_the_text(text: str) -> None:
    spans = split_sentences(text)
    assert "".join(text[a:b] for a, b in spans) == text


def test_an_article_is_one_clause_with_its_chapter_in_the_path() -> None:
    found = chunks_of(
        "清河市养老服务办法",
        "第一章 总则",
        "第一条 为了规范养老服务，制定本办法。",
        "第二条 本办法适用于下列机构：",
        "（一）养老院；",
        "（二）社区食堂。",
        "第二章 补贴",
        "第三条 补贴按月发放。",
        "申请人应当如实申报。",
    )
    assert [c.locator for c in found] == ["第一条", "第二条", "第三条"]
    assert found[0].heading_path == ("第一章 总则",)
    assert found[2].heading_path == ("第二章 补贴",)
    assert found[1].text.endswith("（二）社区食堂。\n")
    assert found[2].text.startswith("第二章 补贴\n第三条")


def test_a_long_article_is_split_at_its_items_which_remember_their_lead() -> None:
    items = [f"（{int_to_chinese(n)}）" + "符合规定条件的人员" * 12 + "；" for n in range(1, 9)]
    found = chunks_of("办法", "第十二条 下列人员可以申请：", *items)
    last = found[-1]
    assert last.locator == "第十二条第（八）项"
    assert last.lead.endswith("下列人员可以申请：")


LONG_ITEM = "符合规定条件的人员" * 24


def test_a_paragraph_below_the_list_of_an_article_is_one_of_the_article() -> None:
    found = chunks_of(
        "办法",
        "第二条 下列人员可以申请：",
        f"（一）{LONG_ITEM}；",
        f"（二）{LONG_ITEM}；",
        f"（三）{LONG_ITEM}。",
        "低保金按月发放，每人每月不低于八百元。",
        "有下列情形之一的，停止发放：",
        f"（一）{LONG_ITEM}。",
        "第三条 本办法自公布之日起施行。",
    )
    assert [c.locator for c in found] == [
        "第二条",
        *(f"第二条第（{n}）项" for n in "一二三"),
        "第二条",  # the second and the third paragraph together
        "第二条第三款第（一）项",
        "第三条",
    ]
    alone = chunks_of(
        "办法", "第二条 下列人员：", *(f"（{n}）{LONG_ITEM}。" for n in "一二三"), "按月发放。"
    )
    assert alone[-1].locator == "第二条第二款"


def test_items_below_the_second_paragraph_of_an_article_are_its_items() -> None:
    items = [f"（{n}）{LONG_ITEM}；" for n in "一二三"]
    last = f"（四）{LONG_ITEM}。"
    own = ("第二条 低保金按月发放。", "下列人员可以申请：")
    found = chunks_of("办法", *own, *items, last, "具体标准另行公布。")
    assert [c.locator for c in found][1:] == [
        *(f"第二条第二款第（{n}）项" for n in "一二三四"),
        "第二条第三款",
    ]
    broken = chunks_of("办法", "第二条 低保金按月发放，", "下列人员可以申请：", *items)
    assert [c.locator for c in broken][1:] == [f"第二条第（{n}）项" for n in "一二三"]


def test_a_paragraph_amid_a_list_belongs_to_its_item() -> None:
    found = chunks_of(
        "办法",
        "第二条 下列人员可以申请：",
        f"（一）{LONG_ITEM}。",
        "前项所称人员包括离职的人员。",
        f"（二）{LONG_ITEM}；",
        f"（三）{LONG_ITEM}。",
    )
    assert [c.locator for c in found][1:] == [f"第二条第（{n}）项" for n in "一二三"]
    assert "前项所称" in found[1].text


def test_policy_items_run_on_through_sections_and_quoted_leads_stand_alone() -> None:
    block = "聚焦重点行业和特色优势领域，打造一批示范性强、带动性广的标杆应用，推动规模化落地。"
    found = chunks_of(
        "某省实施意见",
        "二、重点任务",
        "（一）夯实底座",
        f"1.加快建设。{block * 5}",
        f"2.促进使用。{block * 5}",
        "（二）增强保障",
        f"3.扩大开发。{block * 5}",
        f"8.推动应用。{block}",
        f"“人工智能+政务”，{block}",
        f"“人工智能+制造”，{block}",
        f"“人工智能+农业”，{block}",
        "三、保障机制",
        f"1.强化实施。{block}",
    )
    assert [c.locator for c in found] == [
        "二、（一）1.",
        "二、（一）2.",
        "二、（二）3.",
        "二、（二）8.",
        "二、（二）8.“人工智能+政务”",
        "二、（二）8.“人工智能+制造”",
        "二、（二）8.“人工智能+农业”",
        "三、1.",
    ]
    assert found[4].heading_path == (
        "二、重点任务",
        "（二）增强保障",
        "8.推动应用",
        "“人工智能+政务”",
    )


def test_an_inline_article_is_not_lost() -> None:
    filler = "本市行政区域内的养老服务活动，适用本办法的规定。" * 12
    found = chunks_of(
        "办法", f"第一条 为了规范管理，制定本办法。{filler}第二条 市民政局主管全市工作。"
    )
    assert [c.locator for c in found][-1] == "第二条"


def test_a_reference_to_an_article_is_not_an_article() -> None:
    found = chunks_of(
        "办法", "第一条 违反规定的，依照", "第三条的规定处罚。", "第二条 本办法自公布之日起施行。"
    )
    assert [c.locator for c in found] == ["第一条", "第二条"]


def test_a_question_keeps_its_answer_even_when_the_answer_is_numbered() -> None:
    found = chunks_of(
        "常见问题",
        "问：怎么申请？",
        "答：按下列步骤办理。",
        "1.登录平台；",
        "2.提交材料。",
        "问：多久办结？",
        "答：5个工作日。",
    )
    assert len(found) == 2
    assert found[0].locator == "“怎么申请？”"
    assert "2.提交材料。" in found[0].text


def test_a_closing_signature_is_no_part_of_the_last_clause() -> None:
    found = chunks_of("通知", "一、内容。", "二、执行。", "清河市民政局", "2026年5月1日")
    assert found[-1].locator == "落款"
    assert found[-2].text == "二、执行。\n"


def test_a_notice_and_the_measures_it_issues_are_told_apart() -> None:
    found = chunks_of(
        "清河市人民政府办公室关于印发清河市犬类管理办法的通知",
        "各县（区）人民政府，市政府各部门：《清河市犬类管理办法》已经市政府同意，现印发给你们，请认真贯彻执行。",
        "清河市犬类管理办法",
        "第一条 为了规范养犬行为，制定本办法。",
        "第二条 本办法自公布之日起施行。",
    )
    assert [c.locator for c in found][1:] == [
        "《清河市犬类管理办法》第一条",
        "《清河市犬类管理办法》第二条",
    ]


def test_rows_of_a_table_are_grouped_and_located() -> None:
    rows = [
        f"材料名称：材料{n}；份数：1；形式：复印件，加盖公章并由申请人签名确认" for n in range(30)
    ]
    kinds = {0: BlockKind.HEADING} | {n: BlockKind.TABLE_ROW for n in range(1, 31)}
    found = chunks_of("申请材料", *rows, kinds=kinds)
    assert len(found) > 1
    assert all("表格第" in c.locator for c in found)


def test_the_rows_of_a_first_sheet_are_cited_by_its_name_as_those_of_the_second() -> None:
    row = "单位：清河市民政局；业务：低保、高龄津贴；电话：0000-6070022；服务时间：工作日9:00—17:00"
    lines = ["市级部门", "清河市公共服务电话一览表", *[row] * 8, "县区大厅", row, row]
    kinds = {n: BlockKind.TABLE_ROW for n in (*range(2, 10), 11, 12)}
    found = chunks_of(*lines, kinds=kinds | {0: BlockKind.HEADING, 10: BlockKind.HEADING})
    assert [c.locator for c in found] == [
        "市级部门 表格第1—5行",
        "市级部门 表格第6—8行",
        "县区大厅 表格第1—2行",
    ]
    assert found[1].heading_path == ("市级部门",)


def test_a_heading_above_sections_without_tables_is_the_title_of_the_document() -> None:
    found = chunks_of(
        "清河市养犬管理办法",
        "市公安局负责全市养犬管理工作。",
        "登记",
        "养犬人应当在三十日内登记。",
        kinds={0: BlockKind.HEADING, 2: BlockKind.HEADING},
    )
    assert [c.locator for c in found] == ["开头", "登记"]


@pytest.mark.parametrize("number", range(1, 100))
def test_chinese_numerals_survive_the_round_trip(number: int) -> None:
    assert chinese_to_int(int_to_chinese(number)) == number


@pytest.mark.parametrize(
    "line",
    [
        "1.5亿元用于补贴",
        "2025年完成建设",
        "第三条的规定不适用",
        "第一、二款",
        "普通的一句话。",
        "一、二级医疗机构起付标准分别为200元、400元。",
        "一、二、三类地区",
        "3、4级残疾人每月100元。",
    ],
)
def test_what_only_looks_like_a_mark(line: str) -> None:
    assert read_mark(line) is None


@pytest.mark.parametrize(
    "line", ["一、一线人员的待遇", "三、二级医院", "一、2期工程", "二、2026年工作"]
)
def test_a_heading_may_begin_with_a_number(line: str) -> None:
    mark = read_mark(line)
    assert mark is not None and mark.depth is Depth.FIRST


def test_numbers_of_one_noun_inside_a_long_line_open_no_block() -> None:
    line = "起付标准按照医疗机构的级别和参保人的类别分别确定。" * 26
    found = chunks_of("办法", f"第一条 {line}一、二级医疗机构分别为200元、400元。")
    assert {c.locator for c in found} == {"第一条"}


def test_a_short_notice_is_cited_by_its_numbers_and_a_short_list_is_not_torn() -> None:
    notice = chunks_of(
        "清河市民政局关于发放高龄津贴的通知",
        "各县（区）民政局：现就有关事项通知如下：",
        "一、标准。每月100元。",
        "二、时间。每月10日前。",
    )
    assert [c.locator for c in notice] == ["开头", "一、", "二、"]
    article = chunks_of(
        "有下列情形之一的，不予受理：", "（一）材料不全的；", "（二）不属于本机关职权范围的。"
    )
    assert len(article) == 1


def test_a_title_below_the_document_number_is_no_part_of_a_locator() -> None:
    found = chunks_of(
        "清政发〔2025〕3号",
        "清河市人民政府关于支持创业的通知",
        "一、标准。每人8000元。",
        "二、时间。每月10日前。",
        kinds={1: BlockKind.TITLE},
    )
    assert [c.locator for c in found] == ["一、", "二、"]
