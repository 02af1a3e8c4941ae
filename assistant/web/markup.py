"""Text → HTML that cannot carry a script: escaping, links, marks; document text is hostile data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from urllib.parse import quote, urlencode, urlsplit

from corpus.documents import Status

_SAFE_SCHEMES = frozenset({"http", "https"})
_BADGES = {
    Status.IN_FORCE: "valid",
    Status.NOT_YET_IN_FORCE: "coming",
    Status.DRAFT: "coming",
}


def attributes(**values: str | int | bool | None) -> str:
    """Return HTML attributes, escaped; None and False are left out, `_` becomes `-`.

    A trailing underscore (`class_`, `for_`) is dropped.
    """
    parts = []
    for name, value in values.items():
        if value is None or value is False:
            continue
        name = name.rstrip("_").replace("_", "-")
        parts.append(f" {name}" if value is True else f' {name}="{escape(str(value))}"')
    return "".join(parts)


def element(tag: str, content: str = "", **values: str | int | bool | None) -> str:
    """Return an element around content that is HTML already."""
    return f"<{tag}{attributes(**values)}>{content}</{tag}>"


def safe_url(url: str) -> str | None:
    """Return a web address that a link may lead to, or None for any other scheme or a file path."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme.lower() in _SAFE_SCHEMES and parts.netloc else None


def document_path(document_id: str, start: int | None = None, end: int | None = None) -> str:
    """Return the path of a document's page, at a passage where one is given."""
    path = f"/documents/{quote(document_id, safe='')}"
    if start is None or end is None:
        return path
    return f"{path}?{urlencode({'start': start, 'end': end})}#passage"


def named_title(title: str) -> str:
    """Return a title in its marks; one that begins with another document's keeps those alone."""
    return title if title.startswith("《") else f"《{title}》"


def status_badge(status: Status, label: str = "") -> str:
    """Return the badge of a validity: the word itself, so that colour is never the only cue.

    `label` is the word in the language of the page, the Chinese one without it.
    """
    return element(
        "span", escape(label or status), class_=f"badge badge-{_BADGES.get(status, 'ended')}"
    )


def mark_words(text: str, words: Iterable[str]) -> str:
    """Return a text as HTML with every occurrence of the words marked; longer words win."""
    wanted = sorted({word for word in words if word.strip()}, key=len, reverse=True)
    if not wanted:
        return escape(text)
    pattern = re.compile("|".join(map(re.escape, wanted)), re.IGNORECASE)
    parts: list[str] = []
    position = 0
    for found in pattern.finditer(text):
        parts.append(escape(text[position : found.start()]))
        parts.append(f"<mark>{escape(found[0])}</mark>")
        position = found.end()
    return "".join(parts) + escape(text[position:])


def mark_span(text: str, offset: int, start: int, end: int, tag_id: str | None = None) -> str:
    """Return a text that stands at `offset` of a document as HTML, its part of a span marked."""
    low, high = max(start - offset, 0), min(end - offset, len(text))
    if low >= high:
        return escape(text)
    marked = element("mark", escape(text[low:high]), class_="cited", id=tag_id)
    return escape(text[:low]) + marked + escape(text[high:])
