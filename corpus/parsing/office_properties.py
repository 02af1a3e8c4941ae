"""Read what an Office file says about itself: its core and custom document properties."""

from __future__ import annotations

import re
import zipfile

from corpus.parsing.archive import read_entry
from corpus.parsing.xml import attribute, local_name, parse_xml

# The dates of the file, its revision count and editor say nothing about the document in it.
_CORE = frozenset({"title", "subject", "creator", "keywords", "category", "description", "created"})
# WPS and Office keep build numbers and licence records among the custom properties.
_PROGRAM_PROPERTY = re.compile(r"KSO|ICV$|_|ContentTypeId|MSIP|commondata", re.I)


def core_properties(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the properties by the names the file gives them; empty when it has none."""
    names = set(archive.namelist())
    properties: dict[str, str] = {}
    if "docProps/core.xml" in names:
        for element in parse_xml(read_entry(archive, "docProps/core.xml")):
            if local_name(element) in _CORE and (element.text or "").strip():
                properties[local_name(element)] = element.text or ""
    if "docProps/custom.xml" in names:
        for element in parse_xml(read_entry(archive, "docProps/custom.xml")):
            value = "".join(map(str, element.itertext())).strip()
            name = attribute(element, "name")
            if name and value and not _PROGRAM_PROPERTY.match(name):
                properties.setdefault(name, value)
    return properties
