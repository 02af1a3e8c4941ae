"""What is mechanical in the findings, mended in a copy of the file; everything else stays."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.drafting.reading import (
    ALTERNATE,
    FALLBACK,
    decode,
    load_file,
    markdown_prefix,
    paragraph_text,
    text_nodes,
    unmarked,
)
from assistant.drafting.rules.engine import Edit, Finding


def fixed_path(path: Path) -> Path:
    """Return where the mended copy goes: beside the file, as NAME.fixed.SUFFIX."""
    return path.with_name(f"{path.stem}.fixed{path.suffix}")


def edits_of(findings: Sequence[Finding]) -> dict[int, list[Edit]]:
    """Return the edits by line, last place first; of two that overlap the first one stands."""
    by_line: dict[int, list[Edit]] = {}
    for finding in findings:
        for edit in finding.edits:
            kept = by_line.setdefault(edit.line, [])
            if all(not _overlap(edit, other) for other in kept):
                kept.append(edit)
    return {line: sorted(kept, key=lambda e: (-e.start, -e.end)) for line, kept in by_line.items()}


def fix_file(path: Path, findings: Sequence[Finding]) -> bytes:
    """Return the bytes of a file with every mechanical finding mended."""
    return fix_data(load_file(path), path.suffix, findings)


def fix_data(data: bytes, suffix: str, findings: Sequence[Finding]) -> bytes:
    """Return the bytes of a file of a format (.docx, .md, .txt) with what is mechanical mended."""
    edits = edits_of(findings)
    if suffix.lower() == ".docx":
        return _fix_docx(data, edits)
    return _fix_text(data, edits, markdown=suffix.lower() == ".md").encode("utf-8")


def apply(text: str, edits: Sequence[Edit]) -> str:
    """Return a text with edits made, which are sorted last place first."""
    for edit in edits:
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _overlap(one: Edit, other: Edit) -> bool:
    if one.start == one.end or other.start == other.end:
        return one.start == other.start and one.end == other.end
    return one.start < other.end and other.start < one.end


def _fix_text(data: bytes, edits: dict[int, list[Edit]], *, markdown: bool) -> str:
    text = decode(data, "文件")
    lines = text.splitlines(keepends=True)
    for number, changes in edits.items():
        raw = lines[number - 1]
        content = raw.rstrip("\r\n")
        ending = raw[len(content) :]
        if markdown:
            mended = apply(unmarked(content), changes)
            lines[number - 1] = markdown_prefix(content) + _escaped(mended) + ending
            continue
        plain = content.strip().strip("　")
        at = content.find(plain)
        lines[number - 1] = (
            content[:at] + apply(plain, changes) + content[at + len(plain) :] + ending
        )
    return "".join(lines)


def _escaped(line: str) -> str:
    """Return a line that Markdown must not read as a list."""
    head, dot, rest = line.partition(".")
    return f"{head}\\.{rest}" if dot and head.isdigit() and len(head) <= 2 else line


def _fix_docx(data: bytes, edits: dict[int, list[Edit]]) -> bytes:
    """Mend paragraphs run by run, so that typefaces and fields around a change stay."""
    import docx

    from assistant.drafting.reading import numbered_paragraphs

    word = docx.Document(io.BytesIO(data))
    for number, paragraph in numbered_paragraphs(word):
        if number in edits:
            _mend(paragraph, edits[number])
            _drop_fallback(paragraph)
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def _drop_fallback(paragraph: Any) -> None:
    """Take out what old readers see of a mended text box: it still holds what was mended."""
    for box in list(paragraph.iterancestors(ALTERNATE)):
        for old in box.findall(FALLBACK):
            box.remove(old)


def _mend(paragraph: Any, edits: Sequence[Edit]) -> None:
    """Make edits, last place first, so that the places of those before it still hold."""
    whole = paragraph_text(paragraph)
    shift = len(whole) - len(whole.lstrip())
    for edit in edits:
        start, end = edit.start + shift, edit.end + shift
        inserted = False
        for node, first in _text_nodes(paragraph):
            content = node.text or ""
            last = first + len(content)
            left = min(max(start - first, 0), len(content))
            right = min(max(end - first, 0), len(content))
            here = not inserted and first <= start <= last
            if here or right > left:
                node.text = content[:left] + (edit.text if here else "") + content[right:]
                node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
                inserted = inserted or here


def _text_nodes(paragraph: Any) -> list[tuple[Any, int]]:
    """Return the text nodes of a paragraph, each with the place in the whole where it begins."""
    from docx.oxml.ns import qn

    found: list[tuple[Any, int]] = []
    position = 0
    for node in text_nodes(paragraph):
        if node.tag == qn("w:t"):
            found.append((node, position))
            position += len(node.text or "")
        elif node.tag == qn("w:br") or node.getparent().tag == qn("w:r"):
            position += 1
    return found
