"""Paragraphs, runs and shapes of WordprocessingML, built from text that is always escaped."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from assistant.drafting.layout.measures import LETTER_LINE_LENGTH_MM, RED, emu

Element = Any  # lxml elements as python-docx subclasses them

# XML 1.0 allows no other control characters; a fact may hold one that was pasted in.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def element(markup: str) -> Element:
    """Return an element from markup in the w: namespace."""
    return parse_xml(re.sub(r"^<([\w:]+)", rf"<\1 {nsdecls('w')}", markup, count=1))


def run(text: str, properties: str = "") -> str:
    """Return the markup of a run; a newline is a line break, a tab a tab."""
    shown = _CONTROL.sub("", text)
    parts = re.split(r"(\n|\t)", shown)
    inner = "".join(
        "<w:br/>" if part == "\n" else "<w:tab/>" if part == "\t" else _text(part)
        for part in parts
        if part
    )
    return f"<w:r><w:rPr>{properties}</w:rPr>{inner}</w:r>" if properties else f"<w:r>{inner}</w:r>"


def _text(text: str) -> str:
    return f'<w:t xml:space="preserve">{escape(text)}</w:t>'


def font(name: str, latin: str = "") -> str:
    """Return the markup that sets a typeface by name."""
    other = latin or name
    return (
        f"<w:rFonts w:ascii={quoteattr(other)} w:hAnsi={quoteattr(other)} "
        f'w:eastAsia={quoteattr(name)} w:cs={quoteattr(other)} w:hint="eastAsia"/>'
    )


def paragraph(style: str, runs: str, properties: str = "") -> Element:
    """Return a paragraph of a style (by its id)."""
    return element(f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{runs}</w:p>')


def spacer(height: int) -> Element:
    """Return an empty paragraph of an exact height in twips."""
    return element(
        '<w:p><w:pPr><w:pStyle w:val="GwBlank"/>'
        f'<w:spacing w:before="0" w:after="0" w:line="{height}" w:lineRule="exact"/></w:pPr></w:p>'
    )


def field(code: str, properties: str = "") -> str:
    """Return the markup of a field, as the number of the page."""
    rpr = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return (
        f'<w:r>{rpr}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{rpr}<w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'
        f'<w:r>{rpr}<w:fldChar w:fldCharType="separate"/></w:r>'
        f"<w:r>{rpr}<w:t>1</w:t></w:r>"
        f'<w:r>{rpr}<w:fldChar w:fldCharType="end"/></w:r>'
    )


def page_line(top_mm: float, width_pt: float, number: int) -> str:
    """Return a red horizontal line, centred on the page, `top_mm` below its upper edge."""
    length, height = emu(LETTER_LINE_LENGTH_MM), round(width_pt * 12700)
    return f"""<w:r><w:rPr><w:noProof/></w:rPr><w:drawing
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">
<wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="{number}"
 behindDoc="1" locked="0" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>
<wp:positionH relativeFrom="page"><wp:align>center</wp:align></wp:positionH>
<wp:positionV relativeFrom="page"><wp:posOffset>{emu(top_mm)}</wp:posOffset></wp:positionV>
<wp:extent cx="{length}" cy="{height}"/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapNone/>
<wp:docPr id="{number}" name="红线{number}"/><wp:cNvGraphicFramePr/>
<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">
<wps:wsp><wps:cNvSpPr/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{length}" cy="{height}"/>
</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:srgbClr val="{RED}"/>
</a:solidFill><a:ln><a:noFill/></a:ln></wps:spPr><wps:bodyPr/></wps:wsp>
</a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>"""
