"""Read .eml messages: subject as title, sender and date as properties, body; no attachments."""

from __future__ import annotations

from email import policy
from email.parser import BytesHeaderParser

from corpus.documents import BlockKind
from corpus.errors import ParseError
from corpus.parsing import _unstructured, web
from corpus.parsing.lines import Line, OnPage, Reading
from corpus.parsing.normalise import normalise_line
from corpus.parsing.plain import paragraphs

_HEADERS = ("Subject", "From", "To", "Cc", "Date")
_LARGEST_MESSAGE = 20 * 1024 * 1024


def read(data: bytes, on_page: OnPage) -> Reading:
    """Read a message; `on_page` is not called, a message has no pages.

    Raises:
        ParseError: the message is larger than 20 MB.
    """
    if len(data) > _LARGEST_MESSAGE:
        raise ParseError("邮件超过 20 MB，请把附件另存为文件后分别导入。")
    headers = BytesHeaderParser(policy=policy.default).parsebytes(data)
    properties = {name: str(headers[name]) for name in _HEADERS if headers[name]}
    lines = [Line(properties.get("Subject", ""), BlockKind.TITLE, 1)]
    body: list[str] = []
    for element in _unstructured.partition_mail(data):
        if element.category == "Table" and element.metadata.text_as_html:
            lines += [Line(text) for text in paragraphs("\n".join(body))]
            body = []
            lines += web.fragment_lines(element.metadata.text_as_html)
        else:
            body += element.text.splitlines()
    lines += [Line(text) for text in paragraphs("\n".join(body))]
    if len(lines) > 1 and normalise_line(lines[1].text) == normalise_line(lines[0].text):
        del lines[1]  # the body often opens with its subject
    return Reading(tuple(lines), properties)
