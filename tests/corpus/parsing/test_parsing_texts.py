from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from corpus.documents import BlockKind, ParsedFile
from corpus.errors import ParseError

Read = Callable[[bytes, str], ParsedFile]
TEXT = (
    "关于做好城乡居民基本医疗保险参保缴费工作的通知\n各有关单位：请认真贯彻执行，切实保障群众利益。"
)
TRADITIONAL = (
    "關於做好城鄉居民基本醫療保險參保繳費工作的通知\n各有關單位：請認真貫徹執行，切實保障群眾利益。"
)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", TEXT),
        ("utf-8-sig", TEXT),
        ("gb18030", TEXT),
        ("gbk", TEXT),
        ("big5", TRADITIONAL),
        ("utf-16", TEXT),
        ("utf-16-le", TEXT),
        ("utf-16-be", TEXT),
    ],
)
def test_encodings_are_found(read: Read, encoding: str, text: str) -> None:
    assert read(text.encode(encoding), ".txt").text == text


def test_utf8_with_a_few_spoiled_characters_is_not_taken_for_another_encoding(read: Read) -> None:
    data = (TEXT * 3).encode() + b"\xed\xa0\x80"  # half a surrogate pair, as old databases write
    assert read(data, ".txt").text.count("城乡居民") == 3


def test_page_says_its_encoding(read: Read) -> None:
    page = f'<html><head><meta charset="gb2312"></head><body><p>{TEXT}</p></body></html>'
    assert "城乡居民基本医疗保险" in read(page.encode("gb18030"), ".html").text


def test_one_flipped_byte_spoils_one_character(read: Read) -> None:
    data = bytearray((TEXT * 20).encode())
    data[400] ^= 0x80
    assert read(bytes(data), ".txt").text.count("居民") >= 18


BODY = "计划于年底前再上线食品加工、纺织两个行业模型，对中小企业首年免收平台服务费，并组织企业参加培训。"
SHORT = [
    "一、举措",
    "（一）平台",
    "（二）资金",
    "（三）人才",
    "二、下一步",
    "特此答复。",
    "清河市工业和信息化局",
]


@pytest.mark.parametrize("indent", ["", "　　"], ids=["blank lines", "indents"])
def test_broken_lines_are_joined_though_most_paragraphs_are_short(read: Read, indent: str) -> None:
    separator = "\n" if indent else "\n\n"
    long = [indent + BODY] * 4
    wrapped = ["\n".join([line[:34], line[34:]]) for line in long]
    short = [indent + line for line in SHORT * 2]
    text = read(separator.join(short + wrapped).encode(), ".txt").text
    assert text.split("\n") == SHORT * 2 + [BODY] * 4


def test_lines_that_are_paragraphs_stay_apart(read: Read) -> None:
    lines = SHORT * 2 + [
        f"{name}：{BODY[:30]}" for name in ("甲公司", "乙公司", "丙公司", "丁公司")
    ]
    assert read("\n".join(lines).encode(), ".txt").text.split("\n") == lines


def test_markdown_outline_tables_and_front_matter(read: Read) -> None:
    source = """---
文号: 清政发〔2026〕1号
---
# 清河市养犬管理办法

2026年1月1日 公布

<!-- INFO END -->

## 第一章　总则

1. 申请人身份证明；
2. 犬只免疫证明。

9．麦角酸*
10．麦角胺*

| 材料名称 | 份数 |
|---|---|
| 身份证 | 1 |
| 户口簿<br>（首页） | 2 |
"""
    parsed = read(source.encode(), ".md")
    lines = parsed.text.split("\n")
    assert parsed.properties["文号"] == "清政发〔2026〕1号"
    assert [b.kind for b in parsed.blocks][:3] == [
        BlockKind.TITLE,
        BlockKind.PARAGRAPH,
        BlockKind.HEADING,
    ]
    assert parsed.blocks[2].level == 2
    assert "INFO" not in parsed.text
    assert "1.申请人身份证明；" in lines and "10.麦角胺*" in lines
    assert lines[-2:] == ["材料名称：身份证；份数：1", "材料名称：户口簿（首页）；份数：2"]
    assert parsed.blocks[-1].kind is BlockKind.TABLE_ROW


PAGE = """<html><head><title>关于高龄津贴的通知_清河市人民政府网</title>
<meta name="ArticleTitle" content="关于高龄津贴的通知"><meta name="PubDate" content="2026-05-01">
<style>p{color:red}</style><script>var a="打印本页";</script></head><body>
<div class="nav"><a href="/">首页</a><a href="/a">政务公开</a></div>
<div class="location">您当前所在的位置：<a>首页</a> &gt; <a>通知</a></div>
<table class="classify"><tr><td>索 引 号：</td><td>1234/2026-00001</td><td>文　号：</td>
<td>清民发〔2026〕2号</td></tr><tr><td>成文日期：</td><td>2026-04-28</td><td>有效性：</td><td></td></tr></table>
<div class="share">分享到：<a>微信</a></div><div>【字体：大 中 小】 【打印本页】 【关闭】</div>
<div id="zoom"><p style="text-align:center">关于高龄津贴的通知</p>
<p>　　各县（区）民政局，市有关单位：现将<b>高龄津贴</b>有关事项通知如下，请遵照执行。</p>
<p>一、发放标准<br>80周岁以上每人每月100元；90周岁以上每人每月200元。</p>
<table><tr><th rowspan="2">年龄</th><th colspan="2">标准（元/月）</th></tr>
<tr><th>城市</th><th>农村</th></tr><tr><td>80周岁</td><td>100</td><td>90</td></tr>
<tr><td>90周岁</td><td colspan="2">二百元整数</td></tr></table>
<div>分享到：微信 微博</div><p>打印本页</p></div>
<div class="related"><h3>相关链接</h3><a>政策解读</a></div>
<div class="footer">网站地图 主办单位：清河市人民政府，备案号：云ICP备1号，联系我们。</div>
</body></html>"""


def test_page_keeps_its_article_and_nothing_around_it(read: Read) -> None:
    parsed = read(PAGE.encode(), ".html")
    assert parsed.text.split("\n") == [
        "关于高龄津贴的通知",
        "各县（区）民政局，市有关单位：现将高龄津贴有关事项通知如下，请遵照执行。",
        "一、发放标准",
        "80周岁以上每人每月100元；90周岁以上每人每月200元。",
        "年龄：80周岁；标准（元/月）·城市：100；标准（元/月）·农村：90",
        "年龄：90周岁；标准（元/月）·城市、农村：二百元整数",
    ]
    assert parsed.blocks[0].kind is BlockKind.TITLE


@pytest.mark.parametrize(
    "inside",
    ["<div>" * 300 + "正文", "<p>" + "正文内容。" * 800_000 + "</p><p>后文</p>"],
    ids=["deep", "a paragraph of ten megabytes"],
)
def test_a_page_that_the_parser_would_cut_off_is_refused(read: Read, inside: str) -> None:
    with pytest.raises(ParseError, match="嵌套过深"):
        read(f"<html><head><title>标题</title></head><body>{inside}".encode(), ".html")


def test_page_facts_are_properties(read: Read) -> None:
    properties = read(PAGE.encode(), ".html").properties
    assert properties["索引号"] == "1234/2026-00001"
    assert properties["文号"] == "清民发〔2026〕2号"
    assert properties["成文日期"] == "2026-04-28"
    assert properties["PubDate"] == "2026-05-01"
    assert "有效性" not in properties


def test_page_without_known_container_is_found_by_its_prose(read: Read) -> None:
    page = PAGE.replace('id="zoom"', 'class="x17"')
    assert "80周岁以上每人每月100元" in read(page.encode(), ".html").text
    assert "网站地图" not in read(page.encode(), ".html").text


@pytest.mark.parametrize(
    ("data", "suffix", "says"),
    [
        (b"", ".txt", "空文件"),
        ("　\n \n".encode(), ".txt", "没有可读的文字"),
        (bytes(range(256)) * 40, ".txt", "内容"),
        (b"\x81\xff" * 999, ".md", "编码"),
        ("正文".encode(), ".pdf", "扩展名是 .pdf"),
        (b"<html><body><script>1</script></body></html>", ".html", "没有可读的文字"),
        (b"MZ\x90\0" + b"\0" * 99, ".docx", "程序"),
        (b"Rar!\x1a\x07\0", ".docx", "RAR"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(
    read: Read, data: bytes, suffix: str, says: str
) -> None:
    with pytest.raises(ParseError) as caught:
        read(data, suffix)
    message = str(caught.value)
    assert message.startswith(f"文件{suffix}：") and says in message
    assert message.endswith("。") and "\n" not in message


def test_missing_file_is_a_parse_error(tmp_path: Any) -> None:
    from corpus.parsing import parse

    with pytest.raises(ParseError, match="找不到"):
        parse(tmp_path / "没有.txt")


def test_wrong_suffix_is_read_for_what_it_is(read: Read, sound_files: dict[str, bytes]) -> None:
    assert read(sound_files[".docx"], ".txt").media_type.endswith("wordprocessingml.document")
    assert read(sound_files[".html"], ".pdf").media_type == "text/html"
