"""Titles: cleaned of what a site adds, joined where a text breaks them, and the kind they name."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from corpus.documents import BlockKind, ParsedFile
from corpus.metadata.dates import date_line
from corpus.metadata.document_numbers import whole_number
from corpus.metadata.issuers import organisations

KINDS = (
    *("征求意见稿", "司法解释", "实施细则", "实施办法", "实施意见", "实施方案", "工作方案"),
    *(
        "行动计划",
        "管理办法",
        "办事指南",
        "服务指南",
        "常见问题",
        "政策解读",
        "提案答复",
        "建议答复",
    ),
    *(
        "决议",
        "决定",
        "命令",
        "公报",
        "公告",
        "通告",
        "意见",
        "通知",
        "通报",
        "报告",
        "请示",
        "批复",
    ),
    *("议案", "函", "纪要", "办法", "细则", "规定", "条例", "规则", "守则", "准则", "章程", "规程"),
    *(
        "规范",
        "标准",
        "方案",
        "预案",
        "计划",
        "规划",
        "纲要",
        "要点",
        "措施",
        "清单",
        "目录",
        "制度",
    ),
    *("指南", "指引", "手册", "问答", "解读", "简介", "说明", "流程", "公约", "倡议书", "声明"),
    *("修正案", "解释", "解答", "安排", "答复", "复函", "令", "法典", "法", "详解", "攻略"),
)
"""The kinds a title may end in, longer before shorter where one ends the other."""
_SHORTER = {
    "实施细则": "细则",
    "实施办法": "办法",
    "实施意见": "意见",
    "实施方案": "方案",
    "工作方案": "方案",
    "行动计划": "计划",
    "管理办法": "办法",
    "办事指南": "指南",
    "服务指南": "指南",
    "常见问题": "问答",
    "政策解读": "解读",
    "指引": "指南",
    "复函": "函",
    "命令": "令",
    "法": "法律",
    "法典": "法律",
}
_KIND = re.compile(rf"(?:{'|'.join(sorted(KINDS, key=len, reverse=True))})$")
_PARENTHESES = re.compile(r"\s*[（(〔\[【][^（()）〕\]】]{1,40}[）)〕\]】]\s*$")
_TAG = re.compile(
    r"^\s*(?:[【\[][^】\]]{1,8}[】\]]|[（(]\s*(?:转载|转发|转|原文|全文|图文|置顶)\s*[）)]|(?:转载|标题)[:：])\s*"
)
_SITE = re.compile(
    r"\s*[-_—–|｜·]+\s*[^-_—–|｜·]{0,30}(?:网|网站|门户|网站群|平台|信息公开|政务公开|大厅|专栏|首页)\s*$"
)
_BETWEEN_HAN = re.compile(
    r"(?<=[一-鿿，。、；：？！“”‘’（）《》〈〉〔〕])[\s　\u200b\ufeff]+"
    r"|[\s　\u200b\ufeff]+(?=[一-鿿，。、；：？！“”‘’（）《》〈〉〔〕])"
)
_NUMBERED = re.compile(
    r"^(?:第[一二三四五六七八九十百零〇\d]+[编章节条]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]"
    r"|\d+[.．、]|目\s*录|附件\s*\d*[:：]?$|前\s*言$|总\s*则$|序\s*言$)"
)
_MASTHEAD = re.compile(
    r"^(?:.{2,40}文件|\d{4,8}|特急|加急|平急|急件|.{0,10}签发人.{0,20}|内部资料.*|.*公报|示例.{0,10}|样本|"
    r"[-—–=＝*·.\s]+)$"
)
_LABEL_ROW = re.compile(
    r"^.{0,12}(?:索引号|文号|发文字号|发布机构|发文机关|成文日期|发布日期|发布时间|发表时间|信息来源|来源|名称|"
    r"主题分类|主题词|公开方式|有效性|浏览次数|字体|字号|分享|打印|当前位置|首页)\s*[:：|｜>].*"
)
_ADDRESSEE = re.compile(r".{2,}[:：]$")
_DRAFT_LINE = re.compile(
    r"[（(【]?\s*((?:公开)?征求意见稿|草案|送审稿|讨论稿|试行|暂行|修订稿|修订草案.{0,8})\s*[）)】]?"
)
_LONGEST_TITLE = 160
"""Titles of joint notices reach some 120 characters; a paragraph is longer or ends in 。."""


def clean_title(title: str, site: str = "") -> str:
    """Return a title without tags, site names and stray spaces."""
    title = html.unescape(title).strip()
    if site and len(title) > len(site) + 4 and title.endswith(site):
        title = title[: -len(site)].rstrip(" -_—–|｜·")
    shorter = _SITE.sub("", title)
    title = shorter if len(shorter) >= 5 else title
    return squeeze(untagged(title))


def untagged(title: str) -> str:
    """Return a title without the tags in front: （转载）, 【关注】."""
    while (tag := _TAG.match(title)) and tag.end() < len(title):
        title = title[tag.end() :]
    return title


def squeeze(text: str) -> str:
    """Return a text without the spaces beside Chinese characters, other spaces single."""
    return re.sub(r"\s+", " ", _BETWEEN_HAN.sub("", text.strip()))


def title_core(title: str) -> str:
    """Return a title without the brackets at its end: （试行）, （征求意见稿）, （2024年修订）."""
    core = title.strip()
    while (shorter := _PARENTHESES.sub("", core)) != core and shorter:
        core = shorter
    return core.rstrip("》〉”\"' ")


def kind_of(title: str) -> str:
    """Return the kind (文种) a title ends in, or an empty string.

    The kind is the last word of the title without its closing brackets: “关于印发《某办法》的通知”
    is a 通知.
    """
    found = _KIND.search(title_core(title))
    return _SHORTER.get(found[0], found[0]) if found else ""


def title_of_text(parsed: ParsedFile) -> str:
    """Return the title that stands at the head of a text, joined over its lines, or nothing.

    Above it may stand a masthead, labelled rows, a number, a date; below it an addressee or the
    first sentence. A head that is nothing of a title gives an empty string.
    """
    head = [(block, parsed.text[block.start : block.end].strip()) for block in parsed.blocks[:40]]
    for position, (block, line) in enumerate(head):
        if block.kind is BlockKind.TITLE and 0 < len(line) <= _LONGEST_TITLE:
            lines = [line]
            for following, text in head[position + 1 : position + 5]:
                if following.kind is not BlockKind.TITLE or kind_of("".join(lines)):
                    break
                lines.append(text)
            rest = [text for _, text in head[position + len(lines) : position + len(lines) + 1]]
            return clean_title(_with_draft_mark("".join(lines), rest))
    lines = [line for _, line in head if line]
    for position, line in enumerate(lines):
        if _is_masthead(line):
            continue
        return clean_title(_joined(lines[position : position + 7]))
    return ""


def _joined(lines: Sequence[str]) -> str:
    """Return the title that begins with the first line, or an empty string."""
    title = ""
    for position, line in enumerate(lines):
        if not _may_be_title(line) or len(title) + len(line) > _LONGEST_TITLE:
            break
        # A body's name alone on the first line is the first line of the title.
        if title and not organisations(title) and _complete(title, line):
            return _with_draft_mark(title, lines[position : position + 1])
        title += line
        if kind_of(title) and not _continues(lines[position + 1 : position + 2]):
            return _with_draft_mark(title, lines[position + 1 : position + 2])
    first = lines[0]
    if kind_of(title):
        return title
    plain = _may_be_title(first) and len(first) <= 60 and not organisations(first)
    return first if plain and len(lines) > 1 else ""


def _complete(title: str, following: str) -> bool:
    return bool(kind_of(title)) and not _continues([following])


def _continues(following: Sequence[str]) -> bool:
    return bool(following) and bool(
        re.match(r"(?:的|和|及|与|并|》|〉|”|[（(](?:试行|暂行))", following[0])
    )


def _with_draft_mark(title: str, following: Sequence[str]) -> str:
    """Return the title with the mark that stands alone under it, such as （征求意见稿）."""
    found = _DRAFT_LINE.fullmatch(following[0].strip()) if following else None
    return f"{title}（{found[1]}）" if found and found[1] not in title else title


def _may_be_title(line: str) -> bool:
    return (
        len(line) <= 90
        and not re.search(r"[。；;]|，.*，", line)
        and not _ADDRESSEE.fullmatch(line)
        and not _NUMBERED.match(line)
        and not date_line(line)
        and not whole_number(line.strip("（）()"))
        and bool(re.search(r"[一-鿿]{2}", line))
    )


def _is_masthead(line: str) -> bool:
    return bool(
        len(line) <= 2
        or _MASTHEAD.fullmatch(line)
        or _LABEL_ROW.fullmatch(line)
        or date_line(line)
        or whole_number(line.strip("（）()"))
        or re.fullmatch(r"(?:绝密|机密|秘密).{0,12}", line)
    )
