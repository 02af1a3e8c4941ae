"""Parse the XML inside Office and OFD files without entities, network or unbounded depth."""

from __future__ import annotations

from lxml import etree

from corpus.errors import ParseError


def parse_xml(content: bytes) -> etree._Element:
    """Return the root of an XML part.

    Raises:
        ParseError: it is not well-formed, or declares entities.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError("内部的 XML 已损坏，请用原来的软件打开并另存后重新导入。") from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # stubs lack it
        raise ParseError("内部含有外部实体声明，可能是恶意文件，已拒绝读取。")
    return root


def local_name(element: etree._Element) -> str:
    """Return the tag without its namespace: strict and transitional Office files differ there."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: etree._Element | None, name: str) -> str:
    """Return an attribute by its name without namespace, an empty string when it is not there."""
    if element is None:
        return ""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """Return the first child with a name, None when there is none."""
    if element is None:
        return None
    return next((found for found in element if local_name(found) == name), None)
