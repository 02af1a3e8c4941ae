"""Does a sentence stand in the text it cites: figures, dates, 文号, addresses, words and their negation.

Numbers are compared by what they mean, not how they are written: 八千元, 8,000元, 0.8万元 and ８０００元
are one figure, 10日 and 10个工作日 are two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from corpus.tokens import without_asking, words

# Share of a sentence's own words that must stand in what it cites. Of 19 sentences written for it,
# 12 honest paraphrases had 0.67 or more and 7 inventions 0.40 or less (tests/assistant/test_grounding).
WORDS_IN_CITED = 0.6

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
    "廿": 20,
}
_DIGITS |= {c: n for n, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
_SCALES = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8}
_HAN_NUMBER = "零〇一二三四五六七八九十百千万亿两廿壹贰叁肆伍陆柒捌玖拾佰仟"
_UNITS = {
    "个工作日": "工作日", "工作日": "工作日", "日内": "日", "日": "日", "天": "日", "号": "号",
    "个月": "月", "月": "月", "年": "年", "周年": "年", "周岁": "岁", "岁": "岁", "个小时": "小时",
    "小时": "小时", "分钟": "分钟", "元": "元", "块钱": "元", "块": "元", "圆": "元", "%": "%",
    "平方米": "平方米", "㎡": "平方米", "平米": "平方米", "公里": "公里", "千米": "公里", "米": "米",
    "人": "人", "名": "人", "位": "人", "户": "户", "次": "次", "倍": "倍", "份": "份", "件": "件",
    "项": "项", "种": "种", "类": "类", "层": "层", "条": "条", "款": "款", "章": "章", "级": "级",
    "吨": "吨", "公斤": "公斤", "千克": "公斤", "克": "克", "度": "度", "期": "期", "届": "届",
    "周": "周", "个星期": "周", "星期": "周", "季度": "季度", "个季度": "季度", "亩": "亩", "公顷": "公顷",
    "角": "角", "学时": "学时", "课时": "学时", "厘米": "厘米", "毫米": "毫米", "千瓦时": "千瓦时", "批": "批",
    "轮": "轮", "栋": "栋", "株": "株", "棵": "棵", "床": "床",
    "折": "折", "家": "家", "个": "个", "部": "部", "套": "套", "台": "台", "辆": "辆", "张": "张",
}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_NUMBER = re.compile(
    rf"百分之(?P<percent>[{_HAN_NUMBER}]+|\d+(?:\.\d+)?)"
    rf"|(?P<digits>\d+(?:\.\d+)?)(?P<scale>[十百千]?[万亿]|[百千](?=元))?\s*(?P<unit>{_UNIT})?"
    rf"|(?P<han>[{_HAN_NUMBER}]+)(?:点(?P<point>[零〇一二三四五六七八九]+)(?P<myriad>[万亿])?)?(?P<han_unit>{_UNIT})?"
)
# 一 and 两 in words that count nothing; 一、 and （一） number a list.
_NO_COUNT = re.compile(
    r"一(?:次性|律|般|定|并|起|样|些|直|旦|经|致|切|体|方面|站式|网通办|件事|点|下|面|同|概|贯|系列|向|对一|卡通|级响应)|"
    r"统一|唯一|其一|之一|进一步|第一时间|十分(?!钟|之)|千万(?=不|别)|百姓|老百姓|万能|千方百计|两者|三者|"
    r"双?一流|(?<![零〇一二三四五六七八九十百千])万一(?![十百千])|四舍五入|五险一金|三代|九年义务|星期[一二三四五六日天]|周[一二三四五六](?!年|岁)"
)
_NUMBER_OF_YEAR = re.compile(r"[〔\[（(【]\d{4}[〕\]）)】]第?\d{1,5}号")
_DOCUMENT_NUMBER = re.compile(rf"([一-龥]{{1,14}})({_NUMBER_OF_YEAR.pattern})")
_EXACT = re.compile(
    r"https?://[^\s，。；、）)]+|www\.[^\s，。；、）)]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # addresses
    r"|[0-9][0-9-]{4,}[0-9]"  # phone numbers
    r"|(?<![A-Za-z])[A-Za-z][A-Za-z0-9.-]+"  # names in Latin letters
)
_TITLE = re.compile(r"《([^《》]{2,60})》")
_FORBIDS = re.compile(
    r"(?:不得|不能|不予|不可以?|禁止|严禁|不准|不享受|不再|无需|不需要?|免予?|不)([一-龥]{2})"
)
_CLAUSE_END = re.compile(r"[。；\n]")
_DENIES = re.compile(
    r"不得|不能|不予|不可|禁止|严禁|不准|不享受|不再|无需|不需|不用|不必|免费|免除|免交|不收|没有|未|无权|均不|不"
)
_DENIAL = re.compile(r"[不无免未非没禁勿]")


@dataclass(frozen=True, slots=True, order=True)
class Figure:
    """A number with its unit, as it means: value in plain decimal notation, unit or ""."""

    value: str
    unit: str


def unsupported(sentence: str, cited: str, *, headings: str = "", question: str = "") -> str:
    """Return why a sentence (its markers removed) does not stand in the cited text; "" if it does.

    Args:
        sentence: What a model wrote.
        cited: The text that it points to.
        headings: What stands above the cited text: lends words, no figures.
        question: The person's own words, which prove nothing either way.
    """
    plain, source = plain_form(sentence), plain_form(cited)
    if not all(_numbered(match, _brackets(source)) for match in _DOCUMENT_NUMBER.finditer(plain)):
        return "exact"
    for exact in (_EXACT, _TITLE):
        for match in exact.finditer(plain):
            if _brackets(match[match.lastindex or 0]) not in _brackets(source):
                return "exact"
    # The parts of a 文号 count nothing: 〔2026〕9号 is no ninth day.
    known = figures(_NUMBER_OF_YEAR.sub("", source))
    values = {figure.value for figure in known}
    for figure in figures(_NUMBER_OF_YEAR.sub("", plain)):
        if figure not in known and (figure.unit or figure.value not in values):
            return "figure"
    if not _dates(plain) <= _dates(source):
        return "date"
    if _denial_differs(plain, source):
        return "negation"
    if _words_shared(plain, source + "\n" + plain_form(headings), question) < WORDS_IN_CITED:
        return "words"
    return ""


def figures(text: str) -> list[Figure]:
    """Return the figures of a text in order."""
    return list(_figures(plain_form(text)))


def plain_form(text: str) -> str:
    """Return a text in half-width form without spaces between characters or thousands separators."""
    half = unicodedata.normalize("NFKC", text).replace("％", "%")
    half = re.sub(r"(?<=\d)[,](?=\d{3}(?!\d))", "", half)
    return re.sub(r"[ \t\u3000]+", "", half)


def han_to_number(han: str) -> int | None:
    """Return the value of a number in Chinese characters, or None if it is not one.

    Both ways of writing are read: by place (二〇二六) and by scale (两千零二十六, 一万二).
    """
    if not any(c in _SCALES or c in _MYRIADS or c == "廿" for c in han):
        return int("".join(str(_DIGITS[c]) for c in han)) if han else None
    total = section = digit = 0
    last = 1
    for c in han:
        if c in _MYRIADS:
            section += digit
            total = (total + section) * _MYRIADS[c] if section or total else _MYRIADS[c]
            section = digit = 0
            last = _MYRIADS[c]
        elif c in _SCALES:
            section += (digit or 1) * _SCALES[c]
            digit = 0
            last = _SCALES[c]
        else:
            if digit and c not in "零〇":
                return None  # 三五百: about as many, no number
            if c in "零〇":
                last = 10  # 一万零二 ends in 2, 一万二 in 2000
            digit = _DIGITS[c]
    return (
        total + section + digit * (last // 10 if digit and last >= 10 and han[-1] in _DIGITS else 1)
    )


def _figures(plain: str) -> Iterator[Figure]:
    counted = _NO_COUNT.sub(lambda m: "·" * len(m[0]), plain)
    for match in _NUMBER.finditer(counted):
        figure = _figure(match)
        if figure is not None:
            yield figure


def _figure(match: re.Match[str]) -> Figure | None:
    if match["percent"]:
        raw = match["percent"]
        value = Decimal(raw) if raw[0].isdigit() else _decimal(han_to_number(raw))
        return Figure(_written(value), "%") if value is not None else None
    if match["digits"]:
        value = Decimal(match["digits"])
        for scale in match["scale"] or "":
            value *= _SCALES.get(scale) or _MYRIADS[scale]
        return Figure(_written(value), _UNITS.get(match["unit"] or "", ""))
    han, unit = match["han"], _UNITS.get(match["han_unit"] or "", "")
    number = _decimal(han_to_number(han)) if not set(han) <= set("万亿千百") else None
    if number is None:
        return None
    if match["point"]:
        number += Decimal("0." + "".join(str(_DIGITS[c]) for c in match["point"]))
        number *= _MYRIADS[match["myriad"]] if match["myriad"] else 1
    # A lone 一 or 两 before a counting word is grammar; a lone numeral without a unit is a list's.
    if len(han) == 1 and (not unit or (han in "一两" and unit in _LOOSE)):
        return None
    return Figure(_written(number), unit)


_LOOSE = frozenset(
    {
        "个",
        "种",
        "项",
        "件",
        "份",
        "次",
        "条",
        "类",
        "家",
        "张",
        "部",
        "人",
        "户",
        "款",
        "级",
        "批",
        "轮",
        "栋",
        "株",
        "棵",
        "床",
    }
)


def _decimal(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _written(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_HAN_DATE = re.compile(
    r"(?:([\d〇零一二三四五六七八九]{4})年)?([\d一二三四五六七八九十]{1,3})月([\d一二三四五六七八九十]{1,3})[日号]"
)


def _dates(plain: str) -> set[tuple[int | None, int | None, int | None]]:
    """Return the days named in a text; one with a year also as the same day without it."""
    found: set[tuple[int | None, int | None, int | None]] = set()
    for match in _HAN_DATE.finditer(plain):
        year, month, day = (_any_number(part) for part in match.groups())
        found.add((year, month, day))
        found.add((None, month, day))
    return found


def _any_number(text: str | None) -> int | None:
    if not text:
        return None
    return int(text) if text.isdecimal() else han_to_number(text)


def _brackets(text: str) -> str:
    return re.sub(r"[〔【（(\[]", "[", re.sub(r"[〕】）)\]]", "]", text)).replace("第", "").lower()


def _numbered(match: re.Match[str], source: str) -> bool:
    """Say whether a 文号 stands in a text; what goes before its agency's code is prose."""
    codes = [match[1][cut:] for cut in range(max(1, len(match[1]) - 1))]
    return any(f"{code}{_brackets(match[2])}" in source for code in codes)


def _denial_differs(sentence: str, cited: str) -> bool:
    """Say whether a sentence denies where the cited text does not, or allows what that forbids."""
    if _DENIES.search(sentence) and not _DENIAL.search(cited):
        return True
    return any(
        forbidden[1] in sentence
        and not re.search(rf"[不无免未非没禁勿].{{0,6}}{forbidden[1]}", sentence)
        and not re.search(rf"(?<![不无免未得能予可以准需要])(?:.|^){forbidden[1]}", cited)
        for forbidden in _FORBIDS.finditer(cited)
    )


def _words_shared(sentence: str, cited: str, question: str) -> float:
    """Return the share of the sentence's words, the question's left out, that the cited text has.

    A word is there when it stands there, or one sentence there has all its characters: 老人 in 老年人.
    """
    asked, source = plain_form(question).lower(), cited.lower()
    counted = _NUMBER.sub(" ", sentence)
    named = {word for word in words(without_asking(counted)) if len(word) > 1 and word not in asked}
    if not named:
        return 1.0
    clauses = [set(clause) for clause in _CLAUSE_END.split(source)]
    there = [w for w in named if w in source or any(set(w) <= clause for clause in clauses)]
    return len(there) / len(named)
