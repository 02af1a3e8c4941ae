"""Styles, typefaces and settings of the Word document: one style for each element (要素)."""

from __future__ import annotations

from typing import Any

from docx.oxml.ns import qn

from assistant.drafting.layout.measures import (
    CHARACTER,
    LINE,
    RED,
    SIZE_2,
    SIZE_3,
    SIZE_4,
    SIZE_5,
    TIGHTER,
)
from assistant.drafting.layout.xml import element, font

FANGSONG, KAITI, HEITI = "仿宋_GB2312", "楷体_GB2312", "黑体"
XIAOBIAOSONG, SONGTI = "方正小标宋简体", "宋体"
# A typeface that a machine lacks is taken by the next name it has; none is shipped.
FALLBACKS: dict[str, tuple[str, ...]] = {
    FANGSONG: ("仿宋", "FangSong", "STFangsong", "FZFangSong-Z02", "Noto Serif CJK SC"),
    KAITI: ("楷体", "KaiTi", "STKaiti", "AR PL UKai CN", "LXGW WenKai", "Noto Serif CJK SC"),
    HEITI: ("SimHei", "STHeiti", "Noto Sans CJK SC", "WenQuanYi Zen Hei"),
    XIAOBIAOSONG: ("FZXiaoBiaoSong-B05S", "华文中宋", "STZhongsong", "Noto Serif CJK SC"),
    SONGTI: ("SimSun", "NSimSun", "STSong", "Noto Serif CJK SC"),
}
# Elements by style id: the name people see in Word, typeface, size, paragraph markup.
_TWO = f'<w:ind w:firstLineChars="200" w:firstLine="{2 * CHARACTER}"/>'
_NONE = '<w:ind w:firstLineChars="0" w:firstLine="0"/>'
_CENTRE = _NONE + '<w:jc w:val="center"/>'
STYLES: dict[str, tuple[str, str, int, str]] = {
    "GwBody": ("公文正文", FANGSONG, SIZE_3, _TWO + '<w:jc w:val="both"/>'),
    "GwBlank": ("公文空行", FANGSONG, SIZE_3, _NONE),
    "GwCopyNumber": ("公文份号", FANGSONG, SIZE_3, _NONE),
    "GwUrgency": ("公文紧急程度", HEITI, SIZE_3, _NONE),
    "GwMark": ("公文发文机关标志", XIAOBIAOSONG, 124, _CENTRE),
    "GwNumber": ("公文发文字号", FANGSONG, SIZE_3, _CENTRE),
    "GwTitle": ("公文标题", XIAOBIAOSONG, SIZE_2, _CENTRE),
    "GwSubtitle": ("公文题注", KAITI, SIZE_3, _CENTRE),
    "GwAddressees": ("公文主送机关", FANGSONG, SIZE_3, _NONE),
    "GwLevel1": (
        "公文一级标题",
        HEITI,
        SIZE_3,
        _TWO + '<w:jc w:val="both"/><w:outlineLvl w:val="0"/>',
    ),
    "GwLevel2": ("公文二级标题", KAITI, SIZE_3, _TWO + '<w:jc w:val="both"/>'),
    "GwLevel3": ("公文三级标题", FANGSONG, SIZE_3, _TWO + '<w:jc w:val="both"/>'),
    "GwLevel4": ("公文四级标题", FANGSONG, SIZE_3, _TWO + '<w:jc w:val="both"/>'),
    "GwPeople": ("公文出席人员", FANGSONG, SIZE_3, ""),
    "GwAttachmentNote": ("公文附件说明", FANGSONG, SIZE_3, ""),
    "GwSignature": ("公文署名", FANGSONG, SIZE_3, _NONE + '<w:jc w:val="right"/>'),
    "GwDate": ("公文成文日期", FANGSONG, SIZE_3, _NONE + '<w:jc w:val="right"/>'),
    "GwNote": ("公文附注", FANGSONG, SIZE_3, _TWO),
    "GwAttachmentMark": ("公文附件序号", HEITI, SIZE_3, _NONE),
    "GwAttachmentTitle": ("公文附件标题", XIAOBIAOSONG, SIZE_2, _CENTRE),
    "GwTable": ("公文表格", FANGSONG, SIZE_5, _NONE + '<w:jc w:val="center"/>'),
    "GwCopies": ("公文抄送机关", FANGSONG, SIZE_4, _NONE),
    "GwPrinter": ("公文印发", FANGSONG, SIZE_4, _NONE),
    "GwCategory": ("公文办理类别", HEITI, SIZE_3, _NONE + '<w:jc w:val="right"/>'),
    "GwPageNumber": ("公文页码", SONGTI, SIZE_4, _NONE),
    "GwLabel": ("公文AI标识", SONGTI, 18, _NONE + '<w:jc w:val="right"/>'),
}
_LINES = {"GwTitle": 700, "GwAttachmentTitle": 700, "GwTable": 340, "GwCopies": 500}
_LINES |= {"GwPrinter": 500, "GwPageNumber": 320, "GwLabel": 240}
_PITCHED = {"GwTable", "GwPageNumber", "GwLabel", "GwTitle", "GwAttachmentTitle", "GwMark"}


def add_styles(document: Any) -> None:
    """Add a style for every element, and set what Word would otherwise decide by itself."""
    styles = document.styles.element
    for style_id, (name, typeface, size, properties) in STYLES.items():
        line = _LINES.get(style_id, LINE)
        spacing = "" if style_id in _PITCHED else f'<w:spacing w:val="{TIGHTER}"/>'
        colour = RED if style_id == "GwMark" else "000000"
        based = "" if style_id == "GwBody" else '<w:basedOn w:val="GwBody"/>'
        latin = "Times New Roman" if style_id == "GwLabel" else typeface
        styles.append(
            element(
                f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{style_id}">'
                f'<w:name w:val="{name}"/>{based}<w:qFormat/>'
                '<w:pPr><w:widowControl w:val="0"/><w:kinsoku/><w:overflowPunct w:val="0"/>'
                '<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/><w:snapToGrid w:val="0"/>'
                f'<w:spacing w:before="0" w:after="0" w:line="{line}" w:lineRule="exact"/>'
                f"{properties}</w:pPr>"
                f'<w:rPr>{font(typeface, latin)}<w:b w:val="0"/><w:color w:val="{colour}"/>'
                f'{spacing}<w:kern w:val="0"/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
                '<w:lang w:val="zh-CN" w:eastAsia="zh-CN"/></w:rPr></w:style>'
            )
        )
    document.settings.odd_and_even_pages_header_footer = True
    control = document.settings.element.find(qn("w:characterSpacingControl"))
    if control is not None:
        control.set(qn("w:val"), "doNotCompress")


def font_table() -> bytes:
    """Return word/fontTable.xml: every typeface with the names that may stand in for it."""
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others[0]}"/>'
        '<w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for name, others in FALLBACKS.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<w:fonts xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"{entries}</w:fonts>"
    ).encode()
