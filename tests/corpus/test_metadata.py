"""What is read from official documents, in the forms in which they come, and what is not guessed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Block, BlockKind, Level, Metadata, ParsedFile, Status
from corpus.metadata import read_metadata, status_on
from corpus.metadata.dates import date_line, parse_date, years_after
from corpus.metadata.document_numbers import normalise_number, whole_number
from corpus.metadata.issuers import organisations, place_of
from corpus.metadata.titles import clean_title, kind_of


def parsed(
    *lines: str,
    media_type: str = "text/plain",
    titled: bool = False,
    properties: dict[str, str] | None = None,
) -> ParsedFile:
    blocks, start = [], 0
    for position, line in enumerate(lines):
        kind = BlockKind.TITLE if titled and position == 0 else BlockKind.PARAGRAPH
        blocks.append(Block(start, start + len(line), kind))
        start += len(line) + 1
    return ParsedFile("\n".join(lines), tuple(blocks), properties or {}, media_type)


NOTICE = (
    "临政办发〔2026〕4号",
    "临溪县人民政府办公室",
    "关于印发临溪县乡村人才生活补贴办法",
    "的通知",
    "各乡镇人民政府，县政府各部门：",
    "根据《云江省人才发展条例》（云政发〔2020〕1号），现将《临溪县乡村人才生活补贴办法》印发给你们。",
    "临溪县人民政府办公室",
    "2026年3月10日",
    "临溪县乡村人才生活补贴办法",
    "第一条 为吸引人才，制定本办法。",
    "第二条 本办法自印发之日起施行，有效期3年。《临溪县人才补贴暂行办法》（临政办发[2021]9号）、"
    "《临溪县引才奖励办法》同时废止。",
    "附件：申请表",
    "某某小学",
    "2020年1月1日",
    "临溪县人民政府办公室 2026年3月12日印发",
)


def test_a_notice_speaks_for_itself() -> None:
    metadata = read_metadata(parsed(*NOTICE))
    assert metadata.title == "临溪县人民政府办公室关于印发临溪县乡村人才生活补贴办法的通知"
    assert metadata.issuer == "临溪县人民政府办公室"
    assert metadata.document_number == "临政办发〔2026〕4号"
    assert metadata.kind == "通知"
    assert (metadata.written, metadata.published) == (date(2026, 3, 10), date(2026, 3, 12))
    assert (metadata.effective, metadata.expires) == (date(2026, 3, 12), date(2029, 3, 11))
    assert (metadata.region, metadata.level) == ("临溪县", Level.COUNTY)
    assert metadata.replaces == (
        "临溪县人才补贴暂行办法",
        "临政办发〔2021〕9号",
        "临溪县引才奖励办法",
    )
    assert metadata.status is None


def test_what_is_not_there_stays_empty() -> None:
    metadata = read_metadata(parsed("窗口每天早上九点开门。", "请带身份证。"))
    assert metadata == Metadata()


def test_a_page_says_more_than_its_text() -> None:
    page = parsed(
        "《清河市老年人助餐办法》已经市政府同意，请遵照执行。",
        media_type="text/html",
        properties={
            "ArticleTitle": "（转载）清河市人民政府关于印发《清河市老年人助餐办法》的通知",
            "title": "通知公告_清河市人民政府门户网站",
            "索引号": "11990000MB0000001A/2025-00312",
            "文号": "清政发［2025］7号",
            "发布机构": "清河市望山区某街道办事处",
            "发布日期": "2025-09-16",
            "实施日期": "2025年10月01日",
            "文件状态": "已失效",
            "Url": "https://www.qinghe.example/1.html",
        },
    )
    metadata = read_metadata(page)
    assert metadata.title == "清河市人民政府关于印发《清河市老年人助餐办法》的通知"
    assert metadata.issuer == "清河市人民政府"
    assert metadata.document_number == "清政发〔2025〕7号"
    assert metadata.index_number == "11990000MB0000001A/2025-00312"
    assert metadata.published is None  # the reprint's day, not the document's
    assert metadata.effective == date(2025, 10, 1)
    assert metadata.status is Status.EXPIRED
    assert metadata.source_url == "https://www.qinghe.example/1.html"


def test_office_properties_of_a_template_are_not_believed() -> None:
    metadata = read_metadata(parsed(*NOTICE, properties={"title": "PowerPoint 演示文稿"}))
    assert metadata.title.startswith("临溪县人民政府办公室关于")


def test_a_draft_is_a_draft() -> None:
    metadata = read_metadata(
        parsed("云江省加快推进人工智能发展实施意见", "（征求意见稿）", "一、总体要求")
    )
    assert metadata.title == "云江省加快推进人工智能发展实施意见（征求意见稿）"
    assert metadata.status is Status.DRAFT
    assert metadata.kind == "意见"
    assert status_on(metadata, date(2099, 1, 1)) is Status.DRAFT


def test_a_reply_without_a_title_takes_the_proposal_it_answers() -> None:
    metadata = read_metadata(
        parsed(
            "民进省委会：",
            "贵单位在省政协会议上提出的《关于发展托育服务的建议》收悉，经认真研究办理，现答复如下：",
            "一、关于“扩大供给”的建议",
            "云江省卫生健康委员会",
            "2025 年 5 月 23 日",
        )
    )
    assert (metadata.title, metadata.kind) == ("关于发展托育服务的建议", "提案答复")
    assert metadata.issuer == "云江省卫生健康委员会"
    assert metadata.written == date(2025, 5, 23)


def test_a_law_has_the_dates_of_its_version() -> None:
    law = parsed(
        "中华人民共和国示例法",
        "1989年4月4日 第七届全国人民代表大会第二次会议通过",
        "2017年6月27日 第十二届全国人民代表大会常务委员会第二十八次会议《关于修改〈某法〉的决定》修正",
        "第一条 为了示例，制定本法。",
        "第二条 本法自1990年10月1日起施行。",
        titled=True,
    )
    metadata = read_metadata(law, file_name="示例法(2017-06-27).md")
    assert metadata.issuer == "全国人民代表大会"
    assert (metadata.kind, metadata.level) == ("法律", Level.NATIONAL)
    assert (metadata.written, metadata.published) == (date(2017, 6, 27), date(2017, 6, 27))
    assert metadata.effective is None  # 1990 is the first version's day


def test_an_order_gives_issuer_and_number() -> None:
    metadata = read_metadata(
        parsed("示例条例", "2003年7月15日 中华人民共和国国务院令第384号公布", "第一条 示例。")
    )
    assert metadata.issuer == "国务院"
    assert metadata.document_number == "中华人民共和国国务院令第384号"
    assert metadata.level is Level.NATIONAL


@pytest.mark.parametrize(
    ("clause", "effective", "expires"),
    [
        ("本办法自2025年10月1日起施行。", date(2025, 10, 1), None),
        ("本办法自2025年10月1日起实施，有效期5年。", date(2025, 10, 1), date(2030, 9, 30)),
        ("本办法自印发之日起施行。", date(2025, 9, 12), None),
        ("本办法自印发之日起30日后施行。", date(2025, 10, 12), None),
        ("本办法自２０２６年１月１日起执行。", date(2026, 1, 1), None),
        (
            "本办法自2025年10月1日起施行，有效期至2029年3月3日。",
            date(2025, 10, 1),
            date(2029, 3, 3),
        ),
        ("本办法自2025年10月1日起试行，有效期二年。", date(2025, 10, 1), date(2027, 9, 30)),
        ("本通知从2025年10月1日起执行。", date(2025, 10, 1), None),
        (
            "本公告执行期限为2026年1月1日至2028年12月31日。",
            date(2026, 1, 1),
            date(2028, 12, 31),
        ),
        ("本公告执行至2027年12月31日。", None, date(2027, 12, 31)),
        (
            "本办法自印发之日起施行，申报受理截至2026年6月30日，已受理的补贴按月发放。",
            date(2025, 9, 12),
            None,
        ),
        (
            "本办法自印发之日起施行，申报时间自2026年3月1日起至2026年6月30日止。",
            date(2025, 9, 12),
            None,
        ),
        (
            "本办法自2025年10月1日起施行，2024年1月1日至2024年12月31日期间退休的人员，按原规定执行。",
            date(2025, 10, 1),
            None,
        ),
        ("本办法自2025年10月1日起施行，有效期至2024年3月3日。", date(2025, 10, 1), None),
        (
            "自2021年1月1日起实施门诊统筹以来，待遇稳步提高。本办法自2025年10月1日起施行。",
            date(2025, 10, 1),
            None,
        ),
        ("自2026年1月1日起执行统一的缴费标准。", None, None),
        ("许可证有效期为5年。", None, None),
        ("《某某法》自2020年1月1日起施行。", None, None),
    ],
)
def test_the_term_a_text_sets(clause: str, effective: date | None, expires: date | None) -> None:
    metadata = read_metadata(
        parsed("示例市示例办法", "第一条 示例。", clause, "示例市人民政府", "2025年9月12日")
    )
    assert (metadata.effective, metadata.expires) == (effective, expires)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("吉政发[2025]9号", "吉政发〔2025〕9号"),
        ("吉政发（２０２５）９号", "吉政发〔2025〕9号"),
        ("穗残联规字〔2019〕2 号", "穗残联规字〔2019〕2号"),
        ("法释〔2020〕17号", "法释〔2020〕17号"),
        ("中华人民共和国国务院令第104号", "中华人民共和国国务院令第104号"),
        ("国家税务总局公告2024年第3号", "国家税务总局公告2024年第3号"),
        ("民政部令（第12号）", "民政部令第12号"),
    ],
)
def test_numbers_have_one_writing(written: str, normal: str) -> None:
    assert whole_number(written) == normal
    assert normalise_number(normal) == normal


@pytest.mark.parametrize(
    "number", ["国务院令第504号", "主席令第三十五号", "国家税务总局公告2024年第3号"]
)
def test_a_number_in_brackets_is_the_number(number: str) -> None:
    metadata = read_metadata(parsed("示例条例", f"（{number}）", "第一条 示例。"))
    assert metadata.document_number == number


def test_rows_joined_on_one_line_are_read_one_by_one() -> None:
    metadata = read_metadata(
        parsed(
            "关于示例的通知",
            "索引号：11990000MB/2024-00312；发布机构：示例市民政局；主题分类：民政；",
            "发文字号：示民发〔2024〕3号；成文日期：2024年3月1日；有效性：废止",
        )
    )
    assert metadata.index_number == "11990000MB/2024-00312"
    assert metadata.issuer == "示例市民政局"
    assert metadata.document_number == "示民发〔2024〕3号"
    assert (metadata.written, metadata.status) == (date(2024, 3, 1), Status.REPEALED)


@pytest.mark.parametrize(("answer", "status"), [("是", Status.IN_FORCE), ("否", Status.EXPIRED)])
def test_a_row_may_ask_whether_a_text_is_in_force(answer: str, status: Status) -> None:
    row = parsed("关于示例的通知", "正文。", properties={"是否有效": answer})
    assert read_metadata(row).status is status


@pytest.mark.parametrize("text", ["（年度通告）", "（依据粤财社〔2026〕19号）", "第12号", "2025年"])
def test_a_remark_is_no_number(text: str) -> None:
    assert whole_number(text) == ""


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("关于示例的通知_示例市人民政府门户网站", "关于示例的通知"),
        ("（转载）关于示例的通知", "关于示例的通知"),
        ("【关注】办事指南 - 示例市信息网", "办事指南"),
        ("问答课堂——如何办理转移", "问答课堂——如何办理转移"),
        ("甲局 乙局关于示例的通知", "甲局乙局关于示例的通知"),
    ],
)
def test_titles_lose_what_the_site_added(title: str, clean: str) -> None:
    assert clean_title(title) == clean


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("关于印发《示例办法》的通知", "通知"),
        ("示例管理办法（试行）", "办法"),
        ("示例实施意见（征求意见稿）", "意见"),
        ("今天天气很好", ""),
    ],
)
def test_the_kind_is_the_last_word(title: str, kind: str) -> None:
    assert kind_of(title) == kind


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("广州市民政局广州市财政局", ("广州市民政局", "广州市财政局")),
        ("财政部 国家税务总局", ("财政部", "国家税务总局")),
        ("国家税务总局广东省税务局", ("国家税务总局广东省税务局",)),
        ("最高人民法院最高人民检察院", ("最高人民法院", "最高人民检察院")),
        ("各市（州）人民政府", ()),
        ("联系人：张某，市民政局", ()),
    ],
)
def test_joint_issuers_are_parted(line: str, names: tuple[str, ...]) -> None:
    assert organisations(line) == names


@pytest.mark.parametrize(
    ("name", "region", "level"),
    [
        ("吉林省长春市双阳区民政局", "吉林省长春市双阳区", Level.COUNTY),
        ("广州市市场监督管理局", "广州市", Level.CITY),
        ("上海市浦东新区人民政府", "上海市浦东新区", Level.COUNTY),
        ("重庆市民政局", "重庆市", Level.PROVINCE),
        ("延边朝鲜族自治州人民政府", "延边朝鲜族自治州", Level.CITY),
        ("国务院办公厅", "", Level.NATIONAL),
        ("城市道路管理条例", "", None),
        ("全省统一的办法", "", None),
    ],
)
def test_the_region_is_what_the_name_says(name: str, region: str, level: Level | None) -> None:
    assert place_of(name) == (region, level)


DAYS = st.dates(date(1949, 10, 1), date(2099, 12, 31))
_HAN = "〇一二三四五六七八九"


def in_chinese(number: int) -> str:
    tens, units = divmod(number, 10)
    return ("" if tens < 1 else ("" if tens == 1 else _HAN[tens]) + "十") + (
        _HAN[units] if units else ""
    )


@given(DAYS)
def test_every_writing_of_a_date_is_the_same_date(day: date) -> None:
    year = "".join(_HAN[int(digit)] for digit in str(day.year))
    writings = (
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year} 年 {day.month} 月 {day.day} 日",
        f"{year}年{in_chinese(day.month)}月{in_chinese(day.day)}日",
        day.isoformat(),
    )
    assert {date_line(writing) for writing in writings} == {day}


@pytest.mark.parametrize("text", ["2025年2月30日", "2025年13月1日", "9月12日", "", "今天"])
def test_no_date_is_invented(text: str) -> None:
    assert parse_date(text) is None


@given(DAYS, st.integers(1, 20))
def test_a_period_ends_the_day_before_its_anniversary(start: date, years: int) -> None:
    following = years_after(start, years) + timedelta(days=1)
    leap_start = (start.month, start.day) == (2, 29)
    assert following.year == start.year + years
    assert leap_start or (following.month, following.day) == (start.month, start.day)


@given(DAYS, st.integers(1, 4000), DAYS)
def test_status_follows_the_dates(effective: date, length: int, day: date) -> None:
    expires = effective + timedelta(days=length)
    status = status_on(Metadata(effective=effective, expires=expires), day)
    assert (status is Status.NOT_YET_IN_FORCE) == (day < effective)
    assert (status is Status.EXPIRED) == (day > expires)
    assert (status is Status.IN_FORCE) == (effective <= day <= expires)


def test_a_repealed_text_was_in_force_until_its_last_day() -> None:
    metadata = Metadata(status=Status.REPEALED, expires=date(2025, 5, 1))
    assert status_on(metadata, date(2025, 5, 1)) is Status.IN_FORCE
    assert status_on(metadata, date(2025, 5, 2)) is Status.REPEALED
    assert status_on(Metadata(status=Status.REPEALED), date(2000, 1, 1)) is Status.REPEALED
    assert status_on(Metadata(status=Status.REVOKED), date(2000, 1, 1)) is Status.REVOKED


@given(st.lists(st.text(st.characters(exclude_characters="\n\r"), max_size=60), max_size=12))
def test_any_text_is_read_without_error(lines: list[str]) -> None:
    metadata = read_metadata(parsed(*lines))
    assert all(name for name in metadata.replaces)
