"""Find personal data in what a person wrote and mask it, before any model, log or trace sees it.

Public numbers stay: 12345 and other short numbers, 文号, amounts, dates that are not a birth date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MASK = "***"  # carries no digit of what it hides and adds no word to a search

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643, ISO 7064 MOD 11-2
_CHECK = "10X98765432"
_DATE = r"(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_REGION = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9[12])\d{4}"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程"
    "魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚"
    "邵万覃武钱戴严莫孔向常汤欧阳司徒诸葛上官"
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"


@dataclass(frozen=True, slots=True)
class Masked:
    """A text whose personal data is masked, and the kinds that were found, each once."""

    text: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of personal data: `group` is the part to hide, `holds` what must hold for it."""

    name: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = bool
    group: int = 0


def mask(text: str) -> Masked:
    """Return a text with its personal data masked."""
    spans = sorted(_spans(text), key=lambda span: span[0])  # stable: of one place the first kind
    parts: list[str] = []
    kinds: list[str] = []
    done = 0
    for start, end, name in spans:
        if start < done:
            continue
        parts += [text[done:start], MASK]
        kinds.append(name)
        done = end
    parts.append(text[done:])
    return Masked("".join(parts), tuple(dict.fromkeys(kinds)))


def valid_id_number(number: str) -> bool:
    """Say whether 18 characters are an identity number with its right check character."""
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECK[total % 11] == number[17]


def valid_luhn(number: str) -> bool:
    """Say whether digits end in their right Luhn check digit (ISO/IEC 7812, bank cards)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(number)) > 1


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    plain = _digits_as_ascii(text)
    for kind in _KINDS:
        for match in kind.pattern.finditer(plain):
            if kind.holds(re.sub(r"[\s-]", "", match[kind.group]).upper()):
                yield match.start(kind.group), match.end(kind.group), kind.name


def _digits_as_ascii(text: str) -> str:
    """Return a text of the same length in which full-width characters are ASCII ones.

    Digits written out in Chinese count where they stand, alone or among others, in a row as long as
    a phone number.
    """
    plain = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)
    return _SPELLED.sub(lambda m: m[0].translate(_SPELLED_DIGITS), plain)


_SPELLED = re.compile(
    r"[0-9〇零一二三四五六七八九幺](?:[ \-.]?[0-9〇零一二三四五六七八九幺]){10,18}"
)
_SPELLED_DIGITS = str.maketrans("〇零一二三四五六七八九幺", "001234567891")
_GAP = r"[ \-]?"
# An amount is no number of anybody. No count of people or things is as long as a phone number, and
# 人 and 户 begin what a person goes on to say: 人在外地, 户口在临溪县.
_UNIT = r"\s*(?:元(?!旦)|万(?!一)|亿|%)"


def _is_id_number(number: str) -> bool:
    # A mistyped number is somebody's nearly right number: a possible place and birth date suffice.
    return valid_id_number(number) or bool(re.fullmatch(rf"{_REGION}{_DATE}\d{{3}}[\dX]", number))


_KINDS = (
    _Kind(
        "身份证号",
        re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{16}}{_GAP}[\dXx](?![0-9A-Za-z])"),
        _is_id_number,
    ),
    _Kind(
        "身份证号",
        re.compile(rf"(?<!\d){_REGION}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{{3}}(?!\d)"),
    ),
    _Kind(
        "手机号",
        re.compile(
            # Points only where the number is grouped: 2025.1.30-2026.12.31 has eleven digits as well.
            rf"(?<!\d)(?:\+?86{_GAP})?"
            rf"(?:1{_GAP}[3-9](?:{_GAP}\d){{9}}|1[3-9]\d\.\d{{4}}\.\d{{4}})(?!\d)(?!{_UNIT})"
        ),
    ),
    _Kind(
        "银行卡号",
        re.compile(rf"(?<!\d)[1-9](?:{_GAP}\d){{15,18}}(?![0-9A-Za-z])(?!{_UNIT})"),
        valid_luhn,
    ),
    _Kind(
        "电子邮箱", re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
    ),
    _Kind(
        "护照或通行证号",
        re.compile(
            r"(?<![0-9A-Za-z])(?:[EeGgDdSsPpCcHhMmLlTt]\d{8,10}|[EeCc][A-HJ-NP-Za-hj-np-z]\d{7})(?![0-9A-Za-z])"
        ),
    ),
    _Kind(
        "护照或通行证号",
        re.compile(
            r"(?:护照|通行证|军官证|港澳证|台胞证)(?:号码?)?[是为:：\s]{0,3}([A-Za-z0-9]{7,11})(?![0-9A-Za-z])"
        ),
        lambda number: any(map(str.isdigit, number)),
        1,
    ),
    _Kind(
        "车牌号",
        re.compile(
            rf"[{_PROVINCES}][A-HJ-NP-Za-hj-np-z][·• ]?(?=[A-Z0-9a-z]*\d)[A-HJ-NP-Za-hj-np-z0-9]{{4,5}}(?:[A-HJ-NP-Za-hj-np-z0-9挂学警港澳])(?![0-9A-Za-z])"
        ),
    ),
    _Kind("固定电话", re.compile(r"(?<!\d)\(?0\d{2,3}\)?[ \-]?[2-9]\d{6,7}(?![0-9A-Za-z])")),
    _Kind(
        "固定电话",
        re.compile(r"(?:电话|座机|固话)(?:号码?)?[是为:：\s]{0,3}([2-9]\d{6,7})(?![0-9A-Za-z])"),
        bool,
        1,
    ),
    _Kind(
        "微信或QQ号",
        re.compile(r"(?:微信|QQ|qq)(?:号码?)?[是为:：\s]{0,3}([A-Za-z0-9][A-Za-z0-9_-]{4,19})"),
        bool,
        1,
    ),
    _Kind(
        "账号或证号",
        re.compile(
            r"(?:卡号|账号|帐号|账户|户号|编号|证号|工单号|学籍号|病历号|号码)[是为:：\s]{0,3}([A-Za-z0-9][A-Za-z0-9-]{6,24})(?![0-9A-Za-z])"
        ),
        lambda number: sum(map(str.isdigit, number)) >= 6,
        1,
    ),
    _Kind(
        "住址门牌",
        re.compile(
            r"(?:\d{1,4}(?:号楼|号院|栋|幢|座|弄)\s?)?\d{1,2}单元\s?\d{1,5}(?:室|号|户)?"
            # 7座2018年买的, 2栋18层: a year, an amount or a count is no room.
            r"|\d{1,4}(?:号楼|栋|幢|座)\s?\d{2,5}(?!\d|[年月天岁层人个元万平米]|公里)(?:室|号|户)?"
        ),
    ),
    _Kind(
        "出生日期",
        re.compile(
            r"(?:19|20)\d{2}[年./-](\d{1,2}[月./-]\d{1,2}日?)(?=出生|生的|生人|[^\d]{0,2}生日)|(?:出生日期|出生于|生日)[是为:：\s]{0,3}(?:19|20)\d{2}[年./-]\d{1,2}[月./-]\d{1,2}日?"
        ),
    ),
    _Kind(
        "姓名",
        re.compile(
            rf"(?:我叫|姓名[是为:：\s]{{1,3}}|名字[是叫:：]{{1,2}}|名叫)([{_SURNAMES}][一-龥]{{1,2}}?)(?=[，,。；;、\s的]|身份|电话|手机|今年|住|$)"
        ),
        bool,
        1,
    ),
    _Kind(
        "姓名",
        # Set down without a colon, as on a form; 姓名方面的要求 goes on as a sentence does.
        re.compile(rf"姓名([{_SURNAMES}][一-龥]{{1,2}}?)(?=[，,。；;、\s]|身份|电话|手机|$)"),
        bool,
        1,
    ),
)
