"""The figures of a text, read for what they mean: amounts, shares, spans, hours and days of the week.

Numbers are compared by what they mean, not how they are written: 八千元, 8,000元, 0.8万元 and ８０００元
are one figure, 10日 and 10个工作日 are two; 半年 is 6个月, 下午两点 is 14:00.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

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
# A lone 一 before one of these is grammar: 提交一份申请.
_LOOSE = frozenset("个种项件份次条类家张部人户款级批轮栋株棵床")
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
NUMBER = re.compile(
    rf"百分之(?P<percent>[{_HAN_NUMBER}]+|\d+(?:\.\d+)?)"
    rf"|(?P<whole>[{_HAN_NUMBER}]+|\d+)分之(?P<part>[{_HAN_NUMBER}]+|\d+)"
    rf"|(?<![上下前后大小多])半(?P<half>年(?!级)|个?月(?!板|刊|票)|天|日|个?工作日|个?小时)"
    rf"|(?P<digits>\d+(?:\.\d+)?)(?P<scale>[十百千]?[万亿]|[百千](?=元))?\s*(?P<unit>{_UNIT})?"
    rf"|(?P<han>[{_HAN_NUMBER}]+)(?:点(?P<point>[零〇一二三四五六七八九]+)(?P<myriad>[万亿])?)?(?P<han_unit>{_UNIT})?"
)
# 一 and 两 in words that count nothing; 一、 and （一） number a list.
_NO_COUNT = re.compile(
    r"一(?:次性|律|般|定|并|起|样|些|直|旦|经|致|切|体|方面|站式|网通办|件事|点|下|面|同|概|贯|系列|向|对一|卡通|级响应)|"
    r"统一|唯一|其一|(?<!分)之一|进一步|第一时间|十分(?!钟|之)|千万(?=不|别)|百姓|老百姓|万能|千方百计|两者|三者|"
    r"双?一流|(?<=残疾人)两项补贴|两免一补|(?<![零〇一二三四五六七八九十百千])万一(?![十百千])|四舍五入|五险一金|三代|九年义务"
)
# 半年 is six months, 半小时 thirty minutes; other halves stay halves.
_HALVES = {"年": ("6", "月"), "小时": ("30", "分钟"), "个小时": ("30", "分钟")}


@dataclass(frozen=True, slots=True, order=True)
class Figure:
    """A number with its unit, as it means: value in plain decimal notation, unit or "".

    An hour (unit 点) is written 2:30, before noon and after; a day of the week (unit 星期) 1 to 7.
    """

    value: str
    unit: str


def figures(text: str) -> list[Figure]:
    """Return the figures of a text in order."""
    plain = plain_form(text)
    found: list[tuple[int, Figure]] = []
    for read in (_weekdays, _hours, _numbers):
        plain = _read(plain, read, found)
    return [figure for _, figure in sorted(found, key=lambda one: one[0])]


def proved_figures(text: str) -> frozenset[Figure]:
    """Return the figures that a text proves: its own, and what they say in other words.

    A lone 一 proves 1, 工作日 Monday to Friday, 周末 the rest of the week.
    """
    plain = plain_form(text)
    proved = set(figures(plain))
    proved |= {Figure("1", _UNITS[m[1]]) for m in _ONE.finditer(_NO_COUNT.sub("·", plain))}
    for pattern, days in ((_WORKDAY, range(1, 6)), (_WEEKEND, range(6, 8))):
        if pattern.search(plain):
            proved |= {Figure(str(day), "星期") for day in days}
    return frozenset(proved)


_ONE = re.compile(rf"(?<![{_HAN_NUMBER}第])一({'|'.join(sorted(_LOOSE))})(?![月星季])")
_WORKDAY = re.compile(rf"(?<![个\d{_HAN_NUMBER}])工作日")
_WEEKEND = re.compile(r"周末|双休日")


def plain_form(text: str) -> str:
    """Return a text in half-width form without spaces between characters or thousands separators."""
    half = unicodedata.normalize("NFKC", text).replace("％", "%")
    half = re.sub(r"(?<=\d)[,](?=\d{3}(?!\d))", "", half)
    return re.sub(r"[ \t\u3000]+", "", half)


def with_shared_units(plain: str) -> str:
    """Return a text in which the first numbers of a range or a row have the unit of its last.

    80到89岁 → 80岁到89岁; 3至5万元 → 3万元至5万元, but 500至1万元 → 500元至1万元.
    """
    return _SHARED.sub(_with_unit, plain)


_JOINT = r"(?:至|到|或者?|[~—–-]{1,2}|、)"
_COUNT = rf"(?:\d+(?:\.\d+)?|(?<![\d.{_HAN_NUMBER}])[{_HAN_NUMBER}]+)"
_SHARED = re.compile(
    rf"(?<![\d.{_HAN_NUMBER}第])(?P<number>{_COUNT})"
    rf"(?={_JOINT}(?:{_COUNT}{_JOINT})*(?P<last>\d+(?:\.\d+)?|[{_HAN_NUMBER}]+?)"
    rf"(?P<scale>(?<=\d)[十百千]?[万亿])?(?P<unit>{_UNIT}|[点时](?!间|段|限|期)))"
)


def _with_unit(match: re.Match[str]) -> str:
    number, last, scale = match["number"], match["last"], match["scale"] or ""
    before = match.string[match.start() - 1 : match.start()]
    if before in ("", "\n", "。", "；", ";") and match.string[match.end()] == "、":
        return number  # 1、80周岁以上: the number of an item
    smaller = number[0].isdigit() and last[0].isdigit() and Decimal(number) < Decimal(last)
    return number + (scale if smaller else "") + match["unit"]


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


def any_number(text: str | None) -> int | None:
    """Return the value of a whole number in digits or in Chinese characters."""
    if not text:
        return None
    return int(text) if text.isdecimal() else han_to_number(text)


_Found = tuple[int, int, Iterable[Figure]]


def _read(
    plain: str, read: Callable[[str], Iterator[_Found]], found: list[tuple[int, Figure]]
) -> str:
    """Add what one reader finds; return the text with that blanked out for the next one."""
    rest = plain
    for start, end, these in read(plain):
        found += [(start, figure) for figure in these]
        rest = rest[:start] + "·" * (end - start) + rest[end:]
    return rest


_DAY = r"[一二三四五六日天]"
_WEEK = r"(?:周|星期|礼拜)"
# 每周三上午 is Wednesday, 每周三次 three times a week; a first 周 counts nothing: 周三, 周年.
_NO_DAY = rf"(?:{_UNIT}|[回节堂])"
_FIRST_DAY = (
    rf"(?:(?<![每个\d{_HAN_NUMBER}]){_WEEK}{_DAY}(?!年|岁)"
    rf"|(?<=每){_WEEK}(?:[日天]|[一二三四五六](?!{_NO_DAY})))"
)
_DAY_JOINT = r"(?:至|到|或|和|及|[~—–-]{1,2}|、)"
_DAYS = re.compile(
    rf"{_FIRST_DAY}(?:{_DAY_JOINT}(?:每?{_WEEK}{_DAY}(?!年|岁)|{_DAY}(?!{_NO_DAY}|[年十百千万])))*"
)


def _weekdays(plain: str) -> Iterator[_Found]:
    """Find days of the week; 周一至周五 names all five."""
    for match in _DAYS.finditer(plain):
        row = re.findall(rf"({_DAY_JOINT}?)每?{_WEEK}?({_DAY})", match[0])
        days: list[int] = []
        for joint, name in row:
            day = "一二三四五六日".find(name.replace("天", "日")) + 1
            if days and re.match(r"[至到~—–-]", joint):
                days += range(days[-1] + 1, day)
            days.append(day)
        yield match.start(), match.end(), [Figure(str(day), "星期") for day in days]


_PART_OF_DAY = r"(?:上午|下午|早上|早晨|清晨|凌晨|中午|傍晚|晚上|夜间|早|晚|每[日天]|[当次]日)"
_HOUR = rf"(?:\d{{1,2}}|[{_HAN_NUMBER}]{{1,3}})"
_CLOCK = re.compile(
    rf"(?<![\d:.])(?P<exact>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?![\d:])"
    rf"|(?P<part>{_PART_OF_DAY})?(?<![\d.{_HAN_NUMBER}])(?P<hour>{_HOUR})"
    rf"(?P<sign>点钟?|时(?!间|段|限|期|长|效|候))"
    rf"(?P<past>半|整|[一三]刻|(?:\d{{1,2}}|[{_HAN_NUMBER}]{{1,3}})分(?!之)|[二三四五]十[一二三四五六七八九]?)?"
)
# What follows an hour that no part of a day stands before; 以下三点要求 tells no hour.
_AFTER_HOUR = re.compile(
    rf"[以之]?[前后](?!续|面|期)|(?:至|到|[~—–-]){_PART_OF_DAY}?{_HOUR}[点时:]|"
    r"开门|关门|开始|上班|下班|结束|截止"
)
_QUARTERS = {"半": 30, "整": 0, "一刻": 15, "三刻": 45}


def _hours(plain: str) -> Iterator[_Found]:
    """Find hours of the day; morning and afternoon are one, so that 下午2点 is 14:00."""
    done = -9
    hour: int | None
    minute: int | None
    for match in _CLOCK.finditer(plain):
        if match["exact"]:
            hour, minute = int(match["exact"]), int(match["minute"])
        else:
            past = match["past"] or "整"
            read = _QUARTERS.get(past)
            minute = any_number(past.removesuffix("分")) if read is None else read
            hour = any_number(match["hour"])
            told = (
                match["part"]
                or match["past"]
                or match["sign"] == "点钟"
                or (match["sign"] == "时" and match["hour"].isdecimal())
                or _AFTER_HOUR.match(plain, match.end())
                or match.start() - done <= 2  # 上午八点至九点
            )
            if hour is None or minute is None or not told:
                continue
        if hour > 24 or minute > 59:
            continue
        done = match.end()
        start = match.start("hour") if match["hour"] else match.start()
        yield start, match.end(), [Figure(f"{hour % 12}:{minute:02d}", "点")]


def _numbers(plain: str) -> Iterator[_Found]:
    counted = _NO_COUNT.sub(lambda m: "·" * len(m[0]), plain)
    for match in NUMBER.finditer(counted):
        figure = _figure(match)
        if figure is not None:
            yield match.start(), match.end(), (figure,)


def _figure(match: re.Match[str]) -> Figure | None:
    if match["percent"]:
        raw = match["percent"]
        value = Decimal(raw) if raw[0].isdigit() else _decimal(han_to_number(raw))
        return Figure(_written(value), "%") if value is not None else None
    if match["whole"]:
        return _share(any_number(match["whole"]), any_number(match["part"]))
    if match["half"]:
        unit = match["half"]
        return Figure(*_HALVES.get(unit, ("0.5", _UNITS[unit])))
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
    # A lone 一 before a counting word is grammar; a lone numeral without a unit is a list's.
    if len(han) == 1 and (not unit or (han == "一" and unit in _LOOSE)):
        return None
    return Figure(_written(number), unit)


def _share(whole: int | None, part: int | None) -> Figure | None:
    """Return a fraction as a percentage where it is one: 四分之三 is 75%, 三分之二 is 2/3."""
    if not whole or part is None:
        return None
    percent = Fraction(100 * part, whole)
    if 10_000 % percent.denominator == 0:
        return Figure(_written(Decimal(percent.numerator) / percent.denominator), "%")
    return Figure(str(Fraction(part, whole)), "分之")


def _decimal(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _written(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
