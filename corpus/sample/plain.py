"""Write a sample document as text: txt in its encoding, md, a government web page, an e-mail."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from corpus.sample.source import Line, Shape, Source, Table
from corpus.sample.typesetting import break_lines


def write_txt(source: Source) -> bytes:
    """Return plain text in the encoding `encoding`, hard-wrapped at `wrap` characters if given.

    Text copied out of a PDF carries its line breaks inside sentences; `wrap` makes such a file.
    """
    width = int(source.facts.get("wrap", "0"))
    lines: list[str] = []
    for item in source.content:
        if isinstance(item, Table):
            lines += ["\t".join(row) for row in item.rows]
            continue
        text = "　　" + item.text if item.shape is Shape.PARAGRAPH else item.text
        lines += [*break_lines(text, width), ""] if width else [text]
    text = "\r\n".join(lines) + "\r\n"
    encoding = source.facts.get("encoding", "utf-8")
    if encoding == "utf-16":  # the codec's byte order is the machine's; a file's must not be
        return b"\xff\xfe" + text.encode("utf-16-le")
    return text.encode(encoding)


def write_md(source: Source) -> bytes:
    """Return Markdown: headings and tables in its own marks, one paragraph a line."""
    parts: list[str] = []
    for item in source.content:
        if isinstance(item, Table):
            rows = ["| " + " | ".join(row) + " |" for row in item.rows]
            rows.insert(1, "|" + " --- |" * len(item.rows[0]))
            parts.append("\n".join(rows))
        elif item.shape in (Shape.TITLE, Shape.HEADING, Shape.SUBHEADING):
            parts.append(item.shape.value + item.text)
        else:
            parts.append(item.text)
    return ("\n\n".join(parts) + "\n").encode()


def write_eml(source: Source) -> bytes:
    """Return an e-mail with the text as its body, as the mail list of a service hall sends it."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = source.title
    message["From"] = f"{source.facts['issuer']} <notice@qinghe.example>"
    message["To"] = "订阅用户 <subscribers@qinghe.example>"
    message["Date"] = source.facts["sent"]
    message["Message-ID"] = f"<{source.facts['message_id']}@qinghe.example>"
    body = [
        "\n".join("　".join(row) for row in item.rows) if isinstance(item, Table) else item.text
        for item in source.content
    ]
    message.set_content("\n\n".join(body) + "\n", charset="utf-8", cte="base64")
    return message.as_bytes()


def write_html(source: Source) -> bytes:
    """Return a web page as a government site shows it: meta tags, navigation, text, footer."""
    facts = source.facts
    site = facts["site"]
    column = facts.get("column", "政策文件")
    meta = {
        "SiteName": site,
        "ColumnName": column,
        "ArticleTitle": source.title,
        "PubDate": facts["published"],
        "ContentSource": facts["issuer"],
    }
    labels = [
        ("索引号", facts.get("index", "")),
        ("发文机关", facts["issuer"]),
        ("成文日期", facts.get("written", "")),
        ("标题", source.title),
        ("发文字号", facts.get("number", "")),
        ("发布日期", facts["published"]),
    ]
    rows = "".join(f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in labels)
    record = f'<table class="info">{rows}</table>' if "index" in facts else ""
    body = "\n".join(_html_item(item) for item in source.content)
    tags = "\n".join(f'<meta name="{key}" content="{escape(meta[key])}">' for key in meta)
    return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
{tags}
<title>{escape(source.title)}_{site}</title>
<style>.info th{{width:6em}} .right{{text-align:right}} .centre{{text-align:center}}</style>
<script>function fontZoom(size){{document.getElementById("zoom").style.fontSize=size+"px";}}</script>
</head>
<body>
<div class="top"><a href="/">无障碍浏览</a> <a href="/">长者助手</a> <a href="/">登录</a> | <a href="/">注册</a></div>
<header><h2 class="logo">{site}</h2><form action="/search"><input name="q" placeholder="请输入关键字"><button>搜索</button></form></header>
<nav><ul><li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开</a></li><li><a href="/zwfw/">政务服务</a></li><li><a href="/hdjl/">互动交流</a></li><li><a href="/sj/">数据开放</a></li></ul></nav>
<div class="breadcrumb">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a> &gt; <a href="/zwgk/list/">{column}</a> &gt; 正文</div>
{record}
<div class="article">
<div class="toolbar">发布时间：{facts["published"]}　来源：{escape(facts["issuer"])}　字体大小：<a href="javascript:fontZoom(18)">大</a> <a href="javascript:fontZoom(16)">中</a> <a href="javascript:fontZoom(14)">小</a></div>
<div class="content" id="zoom">
{body}
</div>
<div class="share">分享到：<a href="#">微信</a> <a href="#">微博</a> <button>打印本页</button> <button>关闭窗口</button></div>
</div>
<div class="related"><h3>相关链接</h3><ul><li><a href="/zwgk/">政府信息公开指南</a></li><li><a href="/hdjl/">我要咨询</a></li></ul></div>
<footer><p>主办单位：{escape(facts.get("host", facts["issuer"]))}　网站标识码：0000000000</p><p>云ICP备00000000号　<a href="/map/">网站地图</a>　<a href="/about/">联系我们</a>　政务服务便民热线：12345</p></footer>
</body>
</html>
""".encode()


def _html_item(item: Line | Table) -> str:
    if isinstance(item, Line):
        text = escape(item.text)
        return {
            Shape.TITLE: f"<h1>{text}</h1>",
            Shape.HEADING: f"<p><strong>　　{text}</strong></p>",
            Shape.SUBHEADING: f"<p><strong>　　{text}</strong></p>",
            Shape.CENTRED: f'<p class="centre">{text}</p>',
            Shape.RIGHT: f'<p class="right">{text}</p>',
            Shape.PARAGRAPH: f"<p>　　{text}</p>",
        }[item.shape]
    sizes = {
        (top, left): (bottom - top + 1, right - left + 1)
        for top, left, bottom, right in item.spans()
    }
    rows = []
    for row, cells in enumerate(item.rows):
        tag = "th" if row == 0 else "td"
        shown = []
        for column in range(len(cells)):
            if text := item.visible(row, column):
                down, across = sizes.get((row, column), (1, 1))
                span = f' rowspan="{down}"' * (down > 1) + f' colspan="{across}"' * (across > 1)
                shown.append(f"<{tag}{span}>{escape(text)}</{tag}>")
        rows.append("<tr>" + "".join(shown) + "</tr>")
    return '<table border="1">\n' + "\n".join(rows) + "\n</table>"
