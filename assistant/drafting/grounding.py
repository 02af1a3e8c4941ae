"""Every figure, date, name, 文号 and title of a text held against the facts and clauses it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.drafting.document import THIRD_LEVEL
from corpus.metadata.dates import half_width
from corpus.metadata.document_numbers import NUMBER, normalise_number
from corpus.numerals import chinese_to_int

_NUMBERING = re.compile(
    rf"^[一二三四五六七八九十百]+、|^（[一二三四五六七八九十百\d]{{1,3}}）|{THIRD_LEVEL}", re.M
)
_PLACEHOLDER = re.compile(r"【待[^】]*】")
_DATE = re.compile(
    r"(?:19|20)\d{2}年(?:\d{1,2}月(?:\d{1,2}[日号])?)?|(?<!\d)\d{1,2}月\d{1,2}日|"
    r"(?<!\d)\d{1,2}[:：]\d{2}(?!\d)|(?<!\d)\d{3,4}-\d{7,8}(?!\d)"  # times of day, telephones
)
_FIGURE = re.compile(r"(?<![\d.])(\d+(?:,\d{3})*(?:\.\d+)?) ?([百千万亿]*)([%％‰])?")
_CHINESE_FIGURE = re.compile(
    r"(?<![第之星期同统唯])([一二三四五六七八九十百千两〇零]+)([万亿]?)"
    r"(?=[余多几]?[个家户人名项元倍年月天日次批条所座套亩吨成件处位万亿])"
)
_PERCENT = re.compile(r"百分之([一二三四五六七八九十百〇零]+)(?:点([一二三四五六七八九〇零]+))?")
# Shares and halves are held by their words: 三分之一, 半年; 上半年 is a time of the year.
_PART = re.compile(
    r"[一二三四五六七八九十]+分之[一二三四五六七八九十]+|(?<![上下大一])半(?:个?月|年|天|个?小时|数)"
)
# A unit of several characters is one: 3个社区 is no ground for 3个工作日. 余 and 多 are no unit.
_UNIT = re.compile(r"[余多几]?(?:个?(工作日|自然日|百分点)|(个月|[一-龥]))")
_TITLE = re.compile(r"《([^《》]+)》")
_QUOTE = re.compile(r"“([^“”]{12,})”")
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗"
    "凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄"
    "米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万"
    "支柯管卢莫经房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴陆荣翁荀羊惠曲家封芮储靳汲松井段富巫乌焦巴弓"
)
_POSTS = "同志|局长|副局长|市长|副市长|省长|县长|区长|主任|副主任|处长|科长|书记|秘书长|委员|代表|院长|校长|经理|主席|副主席|女士|先生"
_PERSON = re.compile(
    rf"(?:(?<![一-龥])|(?<=[由请经与和向对是为命去让]))([{_SURNAMES}][一-龥]{{1,2}})(?={_POSTS})"
)
_AGENCY = re.compile(
    r"([一-龥]{2,4}(?:省|市|县|区|州|盟|旗))"
    r"((?:人民政府办公厅|人民政府办公室|人民政府|[一-龥]{2,10}?(?:局|委员会|厅|办公室|中心|公司|医院|学院|大学|协会|联合会)))"
)
_COMPANY = re.compile(r"([一-龥]{3,16}(?:有限责任公司|股份有限公司|有限公司|集团))")
# An agency named by its level alone, and the sorts of places in which people meet.
_SHORT = re.compile(r"([省市县区])(?:人民)?(政府|政协|人大)(?!常委|代表)")
# 市教育局 after a stop or a word such as 由; 格局, 大局 and 大厅 end so too and are no office.
_NAMED = r"(?:(?![和与及的由])[一-龥]){2,8}?"
_OFFICE = re.compile(
    r"(?:(?<![一-龥])|(?<=[由请经与和向对同及]))(?:"
    rf"[省市县区]{_NAMED}(?<![布格大全结残定])局(?![面部限势域促])"
    rf"|省{_NAMED}(?<![大餐展客歌])厅"
    r"|[省市县区](?:发改|发展改革|卫健|卫生健康|国资|政法|纪|住建|交通|经信|编|民宗)委(?![员托派会])"
    r"|[省市县区](?:政府|委|编|信访|文明|网信|外事|台|侨|安委|食安|双拥|应急)办(?![理事结好公法学件证税成妥])"
    ")"
)
_VENUE = re.compile(r"会议室|礼堂|宾馆|酒店|会议中心|政务中心|会展中心|大会堂|招待所")
_JOINERS = re.compile(
    r"^(?:.*?(?:会同|联合|商请|经由|报请|提请|通过|依托|根据|按照|抄送|以及|支持|指导|推动|由|经|对|向|请|与|和|及|在|是|为|将|把|各|本|我|贵|送|报|给|同))"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that a text asserts and its sources do not hold: what sort, and the words."""

    sort: str
    words: str


def ungrounded(text: str, sources: Sequence[str]) -> list[Claim]:
    """Return the claims of a text that no source holds, in order, each once.

    A source is a text of facts or a quoted clause. Numbering, 【待补：…】 and the figure 一 (一是,
    一批) assert nothing. Figures are compared by value with their scale and percent sign; dates,
    文号, titles, agencies and quotes by their words.
    """
    plain = half_width(_NUMBERING.sub("", _PLACEHOLDER.sub("", text)))
    held = half_width("\n".join(sources))
    # Spaces go, but never between two figures, and lines stay apart.
    squeezed = re.sub(r"(?<!\d)[ \t　]+|[ \t　]+(?!\d)", "", held)
    found: list[Claim] = []
    for claim in _claims(plain, squeezed):
        if claim not in found:
            found.append(claim)
    return found


def _claims(text: str, held: str) -> Iterator[Claim]:
    numbers = {normalise_number(match[0]) for match in re.finditer(NUMBER, held)}
    for match in re.finditer(rf"[一-龥]{{1,14}}〔\d{{4}}〕\d+号|{NUMBER}", text):
        number = normalise_number(match[0])
        core = re.search(r"[〔(（].*|第.*", number)
        if not any(number.endswith(known) or known.endswith(number) for known in numbers) and (
            core is None or number not in held
        ):
            yield Claim("文号", match[0])
    for match in _TITLE.finditer(text):
        if re.sub(r"\s+", "", match[1]) not in re.sub(r"\s+", "", held):
            yield Claim("标题", f"《{match[1]}》")
    for match in _QUOTE.finditer(text):
        if not _same_words(match[1], held):
            yield Claim("引文", match[1])
    yield from _dates(text, held)
    yield from _figures(text, held)
    yield from _names(_DATE.sub(" ", text), held)


def _same_words(quote: str, held: str) -> bool:
    wanted = re.sub(r"[\s“”‘’]", "", quote)
    return wanted in re.sub(r"[\s“”‘’]", "", held)


def _dates(text: str, held: str) -> Iterator[Claim]:
    for match in _DATE.finditer(text):
        if not re.search(rf"(?<!\d){re.escape(match[0])}", held):
            yield Claim("日期", match[0])


def _figures(text: str, held: str) -> Iterator[Claim]:
    without = _DATE.sub(" ", re.sub(NUMBER, " ", text))
    known = _known_figures(held)

    def grounded(value: tuple[float, str], unit: str) -> bool:
        # 3项 is no ground for 3号楼; a figure that the source gives bare may take any unit.
        units = known.get(value)
        return units is not None and (not unit or "" in units or unit in units)

    for match in _FIGURE.finditer(without):
        if not grounded(_figure(match), _unit(without, match)):
            yield Claim("数字", match[0].strip())
    for match in _CHINESE_FIGURE.finditer(without):
        if match[0] != "一" and not grounded(_chinese_figure(match), _unit(without, match)):
            yield Claim("数字", match[0])
    for match in _PERCENT.finditer(without):
        if not grounded(_percent(match), ""):
            yield Claim("数字", match[0])
    for match in _PART.finditer(without):
        if match[0] not in held:
            yield Claim("数字", match[0])


def _known_figures(held: str) -> dict[tuple[float, str], set[str]]:
    """Return the figures of the sources, each with the units that follow it.

    The parts of a date or a 文号 are no figures; its month alone may still be named (5月).
    """
    figures: list[tuple[tuple[float, str], str]] = []
    for match in _DATE.finditer(held):
        figures += [((float(month), ""), "月") for month in re.findall(r"(\d{1,2})月", match[0])]
    plain = _DATE.sub(" ", re.sub(NUMBER, " ", held))
    figures += [(_figure(match), _unit(plain, match)) for match in _FIGURE.finditer(plain)]
    for match in _CHINESE_FIGURE.finditer(plain):
        figures.append((_chinese_figure(match), _unit(plain, match)))
    figures += [(_percent(match), "") for match in _PERCENT.finditer(plain)]
    known: dict[tuple[float, str], set[str]] = {}
    for value, unit in figures:
        known.setdefault(value, set()).add(unit)
    return known


def _unit(text: str, match: re.Match[str]) -> str:
    """Return the unit that follows a figure, empty where none does."""
    found = _UNIT.match(text, match.end())
    return (found[1] or found[2]) if found else ""


def _figure(match: re.Match[str]) -> tuple[float, str]:
    value = float(match[1].replace(",", ""))
    for scale in match[2] or "":
        value *= {"百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}[scale]
    return round(value, 6), (match[3] or "").replace("％", "%")


def _chinese_figure(match: re.Match[str]) -> tuple[float, str]:
    scale = {"": 1.0, "万": 1e4, "亿": 1e8}[match[2]]
    try:
        return chinese_to_int(match[1]) * scale, ""
    except (ValueError, KeyError, IndexError):
        return -1.0, match[0]


def _percent(match: re.Match[str]) -> tuple[float, str]:
    digits = "".join(str(chinese_to_int(digit)) for digit in match[2] or "0")
    return round(chinese_to_int(match[1]) + float(f"0.{digits}"), 6), "%"


def _names(text: str, held: str) -> Iterator[Claim]:
    for match in _PERSON.finditer(text):
        if match[1] not in held and not any(match[1].startswith(w) for w in ("有关", "相关")):
            yield Claim("姓名", match[1])
    for match in _AGENCY.finditer(text):
        place = _JOINERS.sub("", match[1]) or match[1]
        name = place + match[2]
        if name not in held and not (place in held and match[2] in held):
            yield Claim("机构", name)
    for match in _SHORT.finditer(text):
        level, body = match[1], match[2]
        if f"{level}{body}" not in held and f"{level}人民{body}" not in held:
            yield Claim("机构", match[0])
    for match in _OFFICE.finditer(text):
        # The sources may name it without its level, but not at another one.
        if match[0] not in held and not re.search(rf"(?<![省市县区]){match[0][1:]}", held):
            yield Claim("机构", match[0])
    for match in _VENUE.finditer(text):
        if match[0] not in held:
            yield Claim("地点", match[0])
    for match in _COMPANY.finditer(text):
        name = _JOINERS.sub("", match[1]) or match[1]
        if name not in held:
            yield Claim("机构", name)
