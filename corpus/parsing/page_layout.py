"""Find the article of a web page and cut away what the site prints around and inside it."""

from __future__ import annotations

import re

from lxml import html

_DEAD_TAGS = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "embed",
        "applet",
        "svg",
        "canvas",
        "video",
        "audio",
        "map",
        "button",
        "select",
        "input",
        "textarea",
        "link",
        "nav",
        "footer",
        "aside",
        "head",
    ]
)
# Containers by the names the content systems of government sites give them (TRS, UCAP, NFCMS, …).
_ARTICLE_NAMES = [
    "ucap-content",
    "ucapcontent",
    "zoomcon",
    "zoom",
    "trs_editor",
    "trs_ueditor",
    "trs_web",
    "news_cont_d_wrap",
    "article-content",
    "article_content",
    "content_article",
    "article-body",
    "article_con",
    "articlecontent",
    "info_cont",
    "detailcon",
    "pages_content",
    "pages-content",
    "view-content",
    "nr_content",
    "newscontent",
    "news_content",
    "con_text",
    "text_con",
    "xl-content",
    "wz_con",
    "bt-content",
    "main-txt",
    "post_content",
]
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:share|fenxiang|fxd|bdshare\w*|print\w*|dayin|fontsize|setfont|breadcrumb\w*|crumbs?"
    r"|curmb|curb|location\d*|dqwz|weizhi|nav|navbar|mainnav\w*|menu|header|footer\w*|foot|copyright"
    r"|toolbar|sidebar|related|xgwz\w*|xgyd|xgfj|pagination|page_div|pagediv|qrcode|ewm\w*|erweima|wza|slh"
    r"|llcs|jiucuo|attr_r|shareicon|op-row|prev|next|editor-name|zrbj|comment\w*|search\w*|easybtn\w*"
    r"|searchbox|hotkey|quickbar|site_footer|pagelist_nav|curposition|position)(?=$|[\s_-])",
    re.I,
)
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)
_FURNITURE_TEXT = re.compile(
    r"[【\[（(\s|·•]*(?:(?:您?当?前?所?在?的?当前位置|您(?:现在|当前)?(?:所在)?的?位置)[:：].*"
    r"|分享(?:到|至)?[:：]?.{0,40}|打印(?:本页|此页|文章)?|关闭(?:本页|窗口|此页)?|打印本页\s*关闭窗口"
    r"|[【\[]?\s*(?:字体|字号|字体大小)[:：]?[大中小\s|】\]]*|A?\+?[大中小](?:\s*[大中小])*"
    r"|网站地图|返回(?:顶部|首页|上一页|列表)|收藏(?:本页)?|加入收藏|扫一扫.{0,30}|(?:浏览|阅读|点击)(?:次数|量|数)[:：]?\s*[-\d]*\s*次?"
    r"|(?:上|下)一篇[:：]?.*|相关(?:链接|阅读|文章|新闻|附件|稿件|文件)(?:下载)?[:：]?|无障碍(?:阅读|浏览)?|长者(?:模式|助手)|我要纠错|内容纠错"
    r"|责任编辑[:：].{0,20}|下载(?:原文|文字版|图片版)|听全文|政策解读\s*>*|(?:打印|关闭|复制链接)(?:\s*[|｜/]?\s*(?:打印|关闭|复制链接))*"
    r")[】\]）)\s|·•]*",
)
_PROSE = re.compile(r"[。；，、：]")
# Below this share of the page's prose a named container is a teaser, not the article.
_NAMED_SHARE = 0.3
_DENSE_SHARE = 0.75


def prune_page(root: html.HtmlElement) -> None:
    """Remove what is never text: scripts, forms' controls, navigation elements, hidden ones."""
    for element in list(root.iter()):
        if element.getparent() is None or not isinstance(element.tag, str):
            continue
        hidden = _HIDDEN.search(element.get("style") or "") and element.tag != "body"
        if element.tag in _DEAD_TAGS or (hidden and not _names_article(element)):
            element.drop_tree()


def article_element(root: html.HtmlElement) -> html.HtmlElement:
    """Return the element that holds the article, the body when none stands out."""
    body = root.find(".//body")
    body = root if body is None else body
    total = _prose(body)
    named = [element for element in body.iter() if _names_article(element)]
    best = max(named, key=_prose, default=None)
    if best is not None and _prose(best) >= max(1.0, total * _NAMED_SHARE):
        return best
    current = body
    while True:
        children = [child for child in current if isinstance(child.tag, str)]
        densest = max(children, key=_prose, default=None)
        # A paragraph or table is part of an article, never the article.
        if densest is None or densest.tag in ("p", "table", "tbody", "span", "ul", "ol"):
            return current
        if _prose(densest) < max(1.0, total * _DENSE_SHARE):
            return current
        current = densest


def prune_article(article: html.HtmlElement) -> None:
    """Remove site furniture inside the article: share buttons, font size, related links."""
    for element in list(article.iter()):
        if element is article or element.getparent() is None or not isinstance(element.tag, str):
            continue
        if article not in element.iterancestors():
            continue  # removed with an element above it
        if _is_furniture(element):
            element.drop_tree()


def _is_furniture(element: html.HtmlElement) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if element.tag in ("p", "td", "th", "tr", "table", "tbody", "h1", "h2", "h3"):
        names = ""  # words of an article may carry any class; its furniture is in boxes
    text = element.text_content().strip()
    if names.strip() and _FURNITURE.search(names) and len(_PROSE.findall(text)) < 12:
        return True
    return 0 < len(text) <= 80 and _FURNITURE_TEXT.fullmatch(text) is not None


def _names_article(element: html.HtmlElement) -> bool:
    if not isinstance(element.tag, str):
        return False
    names = f"{element.get('class') or ''} {element.get('id') or ''} {element.tag}".lower().split()
    return element.get("wzades") == "正文" or any(name in _ARTICLE_NAMES for name in names)


def _prose(element: html.HtmlElement) -> float:
    """Return how much sentence punctuation an element holds outside its links."""
    if not isinstance(element.tag, str):
        return 0.0
    linked = sum(len(_PROSE.findall(link.text_content())) for link in element.iter("a"))
    return float(len(_PROSE.findall(element.text_content())) - linked)
