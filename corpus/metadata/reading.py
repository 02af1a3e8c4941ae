"""The metadata of a parsed file, put together from its text and its properties."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from corpus.documents import Level, Metadata, ParsedFile
from corpus.metadata.dates import parse_date
from corpus.metadata.document_numbers import normalise_number, own_number, whole_number
from corpus.metadata.history import History, read_history
from corpus.metadata.issuers import (
    issuer_of_title,
    joined,
    organisations,
    place_of,
)
from corpus.metadata.properties import labels_of
from corpus.metadata.replaced import read_replaced
from corpus.metadata.signatures import (
    Signature,
    delivery_day,
    read_byline,
    read_signature,
)
from corpus.metadata.titles import clean_title, kind_of, squeeze, title_of_text, untagged
from corpus.metadata.validity import Anchors, read_status, read_term

_HEAD_LINES = 60
"""Labelled rows, title, number and history all stand in the first lines of a document."""
_ROWS_ABOVE = 24
"""Labelled rows of a page stand above its title, one or two lines each."""
_BYLINE_LINES = 40
_FURNITURE_LINES = 200
"""A page whose navigation was not dropped has up to this many lines above the document."""
_FILE_DATE = re.compile(r"[（(](\d{4}-\d{2}-\d{2})[）)](?=\.\w+$|$)")
_REPLY = re.compile(
    r"《([^《》]{4,80}(?:《[^《》]*》[^《》]*)?)》.{0,40}?(?:收悉|收到).{0,60}?(?:现)?(?:答复|回复|函复)如下"
)
_JUDICIAL_NUMBER = re.compile(r"法释|高检发释")


def read_metadata(parsed: ParsedFile, *, file_name: str = "") -> Metadata:
    """Return what a file says about itself; what it does not say is empty.

    The document's own words come before what a page says about it, because a page may be a
    reprint by somebody else; the labelled rows of a page come before what is computed. A date in
    brackets at the end of the file name, as 行政诉讼法(2017-06-27).md, is the publication of that
    version. A reply to a proposal that has no title takes the name of the proposal it answers.

    Args:
        parsed: The file as normalised text, with the properties of the file or page.
        file_name: The name of the file, without folders; only its closing date is read.
    """
    lines = [parsed.text[block.start : block.end] for block in parsed.blocks]
    title = _title(parsed, labels_of(parsed.properties, ()))
    head = _head(lines, title)
    labels = labels_of(parsed.properties, head)
    reply = "" if title else _answered_proposal(head)
    history = read_history(head)
    # The history gives a law's dates; a date further down in it is part of its text.
    signature = Signature() if history.written else _signature(lines, head)
    issuers = _issuers(title, history, signature, labels)
    written = history.written or signature.written or parse_date(labels.get("written", ""))
    reprint = _is_reprint(labels, issuers)
    published = _published(history, signature, {} if reprint else labels, file_name)
    number = _number(head, history, labels)
    anchors = Anchors(
        written=written,
        issued=signature.issued,
        published=published,
        stated=parse_date(labels.get("effective", "")),
    )
    term = read_term(parsed.text, anchors)
    effective = _of_this_version(history.effective or term.effective, published, history)
    region, level = _place(title, issuers)
    return Metadata(
        title=title or reply,
        issuer=joined(issuers),
        document_number=number,
        index_number=labels.get("index_number", ""),
        kind=_kind(title, reply, head, number, issuers),
        written=written,
        published=published,
        effective=effective or anchors.stated,
        expires=parse_date(labels.get("expires", "")) or term.expires,
        status=read_status(title, head[:12], labels),
        region=region,
        level=level,
        replaces=read_replaced(title, parsed.text),
        source_url=labels["url"] if labels.get("url", "").startswith("http") else "",
    )


def _head(lines: Sequence[str], title: str) -> Sequence[str]:
    """Return the lines around the title, where a page keeps its rows and a text its number."""
    for position, line in enumerate(lines[:_FURNITURE_LINES] if title else ()):
        if line[:1] == title[:1] and squeeze(line[:400]).startswith(title):
            start = max(0, position - _ROWS_ABOVE)
            return lines[start : start + _HEAD_LINES]
    return lines[:_HEAD_LINES]


def _title(parsed: ParsedFile, labels: Mapping[str, str]) -> str:
    """Return the title: a page's own field for a web page, else the head of the text.

    Office files carry titles of templates and of earlier documents in their properties, so there
    a property counts only when the text repeats it.
    """
    stated = clean_title(labels.get("title", ""), labels.get("site", ""))
    if stated in (labels.get("column", ""), labels.get("site", "")):
        stated = ""
    in_text = title_of_text(parsed)
    if "html" in parsed.media_type and stated:
        stem = stated.rstrip("…. ")
        shortened = stem != stated and in_text.startswith(stem)
        return in_text if shortened else stated
    if stated and stated in squeeze(parsed.text[:2000]):
        return stated
    return in_text


def _answered_proposal(head: Sequence[str]) -> str:
    found = _REPLY.search("".join(line[:400] for line in head[:6]))
    return squeeze(found[1]) if found else ""


def _issuers(
    title: str, history: History, signature: Signature, labels: Mapping[str, str]
) -> tuple[str, ...]:
    # The page's own title still has the spaces between joint issuers.
    named = issuer_of_title(untagged(labels.get("title", ""))) or issuer_of_title(title)
    if history.issuers or named or signature.issuers:
        return history.issuers or named or signature.issuers
    for field in ("issuer", "source"):
        names = organisations(labels.get(field, "").removeprefix("本网").strip())
        # 来源 is often a newspaper or a short name; a full name begins with its place.
        if names and (field == "issuer" or all(place_of(name)[1] for name in names)):
            return names
    return ()


def _published(
    history: History, signature: Signature, labels: Mapping[str, str], file_name: str
) -> date | None:
    in_name = _FILE_DATE.search(file_name)
    named = parse_date(in_name[1]) if in_name else None
    if history.written:
        # A file may be named after an older version than the one it holds.
        return named if named and named >= history.written else history.published
    for day in (
        signature.published,
        parse_date(labels.get("published", "")),
        signature.issued,
        parse_date(labels.get("issued", "")),
        parse_date(labels.get("put_up", "")),
    ):
        if day:
            return day
    return named


def _signature(lines: Sequence[str], head: Sequence[str]) -> Signature:
    """Return the signature, with what it lacks taken from the byline under the title."""
    signed, byline = read_signature(lines), read_byline(head[:_BYLINE_LINES])
    return Signature(
        issuers=signed.issuers or byline.issuers,
        written=signed.written or byline.written or delivery_day(head[:_BYLINE_LINES]),
        issued=signed.issued or byline.issued,
        published=byline.published,
    )


def _is_reprint(labels: Mapping[str, str], issuers: Sequence[str]) -> bool:
    """Return whether a page is a reprint, so that its dates are not those of the document.

    It says so in its title, or the body that put it up is one of another place than the issuers.
    """
    if re.match(r"\s*[（(【\[]?(?:转载|转发)[）)】\]：:]", labels.get("title", "")):
        return True
    region, level = place_of(labels.get("issuer", ""))
    return bool(level and issuers) and all(place_of(name) != (region, level) for name in issuers)


def _number(head: Sequence[str], history: History, labels: Mapping[str, str]) -> str:
    own = own_number(head)
    if own:
        return own
    stated = labels.get("document_number", "")
    return (
        whole_number(stated)
        or (normalise_number(stated) if "号" in stated else "")
        or (history.number)
    )


def _of_this_version(
    effective: date | None, published: date | None, history: History
) -> date | None:
    """Return the date only if it can be that of this version of a law.

    An amendment leaves 自…起施行 of the first version in the text, and that is not the day on
    which the amended text came into force. A notice may well apply from an earlier day.
    """
    if effective and history.written:
        version = max(history.written, published or history.written)
        return effective if effective >= version else None
    return effective


def _kind(title: str, reply: str, head: Sequence[str], number: str, issuers: Sequence[str]) -> str:
    if reply:
        congress = re.search(
            r"人大|人民代表大会|代表建议", "".join(line[:400] for line in head[:6])
        )
        return "建议答复" if congress else "提案答复"
    kind = kind_of(title)
    if _JUDICIAL_NUMBER.match(number) or (kind == "解释" and "最高人民" in "".join(issuers)):
        return "司法解释"
    if kind in {"答复", "函", "复函"} and re.search(r"提案|建议", title):
        return "提案答复" if "提案" in title else "建议答复"
    return kind


def _place(title: str, issuers: Sequence[str]) -> tuple[str, Level | None]:
    for name in (*issuers, re.sub(r"^\d{4}年度?", "", title)):
        region, level = place_of(name)
        if level:
            return region, level
    return "", None
