"""Read what a web page says about its document: meta tags, labelled facts and the title."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import html

# The labels government sites print above an article; spaces inside them (文 号) are layout.
LABELS = frozenset(
    re.split(
        " ",
        "索引号 统一编号 主题分类 分类 信息分类 体裁分类 组配分类 服务对象 发布机构 "
        "发布机关 发文机关 发文单位 制发单位 发布单位 公开机构 公开主体 成文日期 "
        "生成日期 发文日期 印发日期 发布日期 发布时间 发表时间 公开日期 名称 标题 "
        "文件名称 文号 发文字号 发文文号 文件编号 主题词 关键词 有效性 时效性 时效 "
        "文件状态 效力状态 状态 是否有效 实施日期 生效日期 施行日期 失效日期 废止日期 "
        "有效期 有效期限 信息来源 来源 稿件来源 公开方式 公开范围 公开形式 责任编辑",
    )
)
_LABELLED = re.compile(
    r"\s*[【\[]?\s*([\u4e00-\u9fff][\u4e00-\u9fff\s]{0,12}?)\s*[】\]]?\s*[:：]\s*(.*)", re.S
)
_BYLINE = re.compile(
    r"\s*((?:发布|发表|更新|发文)(?:日期|时间)|(?:信息|文章|稿件)?来源)\s*[:：]\s*(\S.{1,40}?)\s*"
)
_TECHNICAL_META = re.compile(
    r"viewport|renderer|robots|generator|author|format-detection|csrf.*|theme-color|baidu.*|google.*"
    r"|.*verification|applicable-device|referrer|apple-.*|msapplication-.*|Column.*|others?|catalogs"
    r"|.*SiteIDCode|SiteDomain|renderer|copyright",
    re.I,
)
_FACT_TAGS = ("td", "th", "li", "dt", "span", "p", "div", "em", "strong", "b", "label")
_LONGEST_FACT = 200
_LONGEST_TITLE = 200
_SITE_SUFFIX = re.compile(r"\s*[-_|—–]+\s*[^-_|—–]*(?:网|网站|门户|平台|政府|局|委员会|办公室)\s*$")


def meta_properties(root: html.HtmlElement) -> dict[str, str]:
    """Return the named meta tags of a page and its title as `title`."""
    properties: dict[str, str] = {}
    title = root.find(".//title")
    if title is not None and title.text_content().strip():
        properties["title"] = title.text_content()
    for meta in root.iter("meta"):
        name = meta.get("name") or meta.get("property") or ""
        if name and meta.get("content") and not _TECHNICAL_META.fullmatch(name):
            properties.setdefault(name, meta.get("content"))
    return properties


def labelled_facts(root: html.HtmlElement, article: html.HtmlElement) -> dict[str, str]:
    """Return the facts a page prints as label and value outside the text of its article.

    A table within the article is read too when most of its cells are such labels, and is then
    removed from the article, because it is not the document's own text.
    """
    facts: dict[str, str] = {}
    for table in list(article.iter("table", "ul", "dl")):
        found = dict(_facts_under(table))
        if len(found) >= 3 and "索引号" in found and table is not article:
            facts = found | facts
            table.drop_tree()
    for element in list(article.iter("div", "span", "li", "em", "i")):
        if element is not article and (byline := _BYLINE.fullmatch(element.text_content())):
            facts.setdefault(*byline.groups())
            element.drop_tree()
    passed_over = set(article.iter())
    for box in root.iter("form", "div"):
        if _is_search(box):
            passed_over |= set(box.iter())
    for element in root.iter(*_FACT_TAGS):
        if element not in passed_over and (fact := _fact_at(element)) is not None:
            facts.setdefault(*fact)
    return facts


def _is_search(element: html.HtmlElement) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
    return element.tag == "form" or "search" in names


def _facts_under(container: html.HtmlElement) -> Iterator[tuple[str, str]]:
    for element in container.iter("td", "th", "li", "dt", "p"):
        if (fact := _fact_at(element)) is not None:
            yield fact


def _fact_at(element: html.HtmlElement) -> tuple[str, str] | None:
    """Return the label and value that start at an element, None if it holds no label."""
    own = element.text_content()
    if len(own) > _LONGEST_FACT:
        return None
    found = _LABELLED.match(own)
    label = re.sub(r"\s", "", found.group(1) if found else own).strip("：:")
    if label not in LABELS:
        return None
    value = found.group(2) if found else ""
    if not value.strip():
        following = element.getnext()
        sibling = following.text_content() if following is not None else ""
        value = f"{element.tail or ''} {sibling}"
    value = re.sub(r"\s+", " ", value).strip()
    # A value that is itself a label belongs to an empty field.
    other = _LABELLED.match(value)
    if other and re.sub(r"\s", "", other.group(1)) in LABELS:
        return None
    return (label, value) if 0 < len(value) <= _LONGEST_FACT and value != "-" else None


def article_title(
    root: html.HtmlElement, article: html.HtmlElement, properties: dict[str, str]
) -> str:
    """Return the title of the article: as its meta tag says, as it is headed, or as the page's."""
    if properties.get("ArticleTitle"):
        return properties["ArticleTitle"].strip()
    page_title = _SITE_SUFFIX.sub("", properties.get("title", "")).strip()
    squeezed = re.sub(r"\s", "", properties.get("title", ""))
    inside = set(article.iter())
    headings = [
        re.sub(r"\s+", " ", heading.text_content()).strip()
        for heading in root.iter("h1", "h2")
        if heading not in inside
    ]
    for heading in headings:
        if len(heading) >= 4 and re.sub(r"\s", "", heading) in squeezed:
            return heading
    return page_title if len(page_title) <= _LONGEST_TITLE else ""
