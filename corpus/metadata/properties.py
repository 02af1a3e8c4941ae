"""What a page or a file says about itself: meta tags and labelled rows under one set of names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("标题", "名称", "信息名称", "文件名称", "公文名称", "articletitle", "dcterms.title",
              "dc.title", "og:title", "title"),
    "issuer": ("发文机关", "发文单位", "制定机关", "发布机关", "发布机构", "发文机构", "发布单位",
               "公开责任部门", "责任部门"),
    "source": ("contentsource", "来源", "信息来源", "文章来源", "source"),
    "document_number": ("发文字号", "文号", "文件编号", "发文文号", "文件号"),
    "index_number": ("索引号", "索取号", "信息索引号", "信息索引"),
    "written": ("成文日期", "成文时间", "发文日期", "生成日期", "制发日期"),
    "issued": ("印发日期",),
    "published": ("发布日期", "公开日期", "公布日期"),
    "put_up": ("发布时间", "发表时间", "发稿时间", "pubdate", "publishdate", "firstpublishedtime",
               "article:published_time", "dcterms.issued"),
    "effective": ("实施日期", "施行日期", "生效日期", "生效时间", "实施时间", "执行日期"),
    "expires": ("失效日期", "废止日期", "失效时间", "废止时间", "有效期至"),
    "status": ("有效性", "效力状态", "文件状态", "时效性", "效力", "是否有效", "文件有效性", "有效状态"),
    "url": ("canonical", "og:url", "url", "来源网址", "原文链接", "dcterms.identifier"),
    "site": ("sitename", "og:site_name"),
    "column": ("columnname",),
}  # fmt: skip
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names}
_ROW_LABELS = sorted(
    (name for name in _FIELD_OF if re.match(r"[一-鿿]", name)), key=len, reverse=True
)
_ROW = re.compile(
    rf"(?:^|[\s|｜\t；;])({'|'.join(_ROW_LABELS)})\s*(?:[:：]|[|｜\t])\s*"
    rf"(.*?)(?=\s*(?:[；;][一-鿿 　]{{2,10}}[:：]|[\s|｜\t](?:{'|'.join(_ROW_LABELS)}|分类|主题分类|主题词|浏览次数|体裁分类|浏览量|点击数|字号|字体)"
    rf"\s*(?:[:：]|[|｜\t])|[|｜\t]|$))"
)
_LONGEST_VALUE = 500
_ANY_LABEL = re.compile(r"^[一-鿿 　]{2,10}[:：]")


def labels_of(properties: Mapping[str, str], head: Sequence[str]) -> dict[str, str]:
    """Return field → value from the properties, and from labelled rows at the head of the text.

    A property wins over a row, an earlier name of a field over a later one; empty values count as
    not given.
    """
    named: dict[str, str] = {}
    for key, value in properties.items():
        plain = re.sub(r"[\s　:：]", "", key).lower()
        value = value[:_LONGEST_VALUE].strip()
        if value and plain not in named:
            named[plain] = value
    for name, value in _rows(head):
        named.setdefault(name, value)
    return {
        field: value
        for field, names in _NAMES.items()
        if (value := next((named[name] for name in names if name in named), ""))
    }


def _rows(head: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (label, value) of rows such as “文号： 某政〔2024〕1号”, the value perhaps a line below."""
    for position, line in enumerate(head):
        if len(line) > 300:
            continue
        if line.endswith(("：", ":")) and line.rstrip("：: ").strip() in _FIELD_OF:
            following = head[position + 1].strip() if position + 1 < len(head) else ""
            if following and not _ANY_LABEL.match(following):
                yield line.rstrip("：: ").strip(), following
            continue
        for found in _ROW.finditer(line):
            value = found[2].strip(" |｜\t；;")
            if value and value not in "-—":
                yield found[1], value
