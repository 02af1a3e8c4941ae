"""The parts of a .docx that python-docx cannot write: custom properties and the font table."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

from lxml import etree

CUSTOM_PART = "docProps/custom.xml"
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_RELATIONSHIP = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
)
_PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VALUES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
AIGC = "AIGC"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


@dataclass(frozen=True, slots=True)
class Parts:
    """What to put in: the font table and the value of the AIGC property; empty leaves it alone."""

    font_table: bytes = b""
    aigc: str = ""


def rewrite(docx: bytes, parts: Parts) -> bytes:
    """Return a .docx with parts put in; an AIGC property that was there gives way to the new one."""
    source = zipfile.ZipFile(io.BytesIO(docx))
    contents = {name: source.read(name) for name in source.namelist()}
    if parts.font_table:
        contents["word/fontTable.xml"] = parts.font_table
        contents["[Content_Types].xml"] = _with_type(
            contents["[Content_Types].xml"],
            "/word/fontTable.xml",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml",
        )
        contents["word/_rels/document.xml.rels"] = _with_relationship(
            contents["word/_rels/document.xml.rels"],
            "fontTable.xml",
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships/fontTable",
        )
    if parts.aigc:
        contents[CUSTOM_PART] = _with_property(contents.get(CUSTOM_PART, b""), parts.aigc)
        contents["[Content_Types].xml"] = _with_type(
            contents["[Content_Types].xml"], f"/{CUSTOM_PART}", _CONTENT_TYPE
        )
        contents["_rels/.rels"] = _with_relationship(
            contents["_rels/.rels"], CUSTOM_PART, _RELATIONSHIP
        )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        # Readers expect the content types first.
        for name in sorted(contents, key=lambda name: (name != "[Content_Types].xml", name)):
            archive.writestr(name, contents[name])
    return target.getvalue()


def read_property(docx: bytes, name: str = AIGC) -> list[str]:
    """Return every value of a custom property; a sound file has at most one."""
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        if CUSTOM_PART not in archive.namelist():
            return []
        root = etree.fromstring(archive.read(CUSTOM_PART), _PARSER)
    return [
        "".join(str(text) for text in entry.itertext())
        for entry in root.findall(f"{{{_PROPERTIES}}}property")
        if entry.get("name") == name
    ]


def _with_property(custom: bytes, value: str) -> bytes:
    if custom:
        root = etree.fromstring(custom, _PARSER)
    else:
        root = etree.fromstring(
            f'<Properties xmlns="{_PROPERTIES}" xmlns:vt="{_VALUES}"/>'.encode(), _PARSER
        )
    for entry in root.findall(f"{{{_PROPERTIES}}}property"):
        if entry.get("name") == AIGC:
            root.remove(entry)
    used = [int(entry.get("pid", "1")) for entry in root]
    entry = etree.SubElement(root, f"{{{_PROPERTIES}}}property")
    entry.set("fmtid", FORMAT_ID)
    entry.set("pid", str(max([1, *used]) + 1))
    entry.set("name", AIGC)
    etree.SubElement(entry, f"{{{_VALUES}}}lpwstr").text = value
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _with_type(types: bytes, part: str, content_type: str) -> bytes:
    root = etree.fromstring(types, _PARSER)
    for entry in root.findall(f"{{{_TYPES}}}Override"):
        if entry.get("PartName") == part:
            return types
    etree.SubElement(root, f"{{{_TYPES}}}Override", PartName=part, ContentType=content_type)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _with_relationship(relationships: bytes, target: str, kind: str) -> bytes:
    root = etree.fromstring(relationships, _PARSER)
    entries = root.findall(f"{{{_RELATIONSHIPS}}}Relationship")
    if any(entry.get("Type") == kind for entry in entries):
        return relationships
    numbers = [int(found[0]) for e in entries if (found := re.findall(r"\d+", e.get("Id", "")))]
    etree.SubElement(
        root,
        f"{{{_RELATIONSHIPS}}}Relationship",
        Id=f"rId{max([0, *numbers]) + 1}",
        Type=kind,
        Target=target,
    )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
