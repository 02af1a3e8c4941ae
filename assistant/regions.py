"""Which place a question asks about, and for which place a rule holds; pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from corpus.documents import Document
from corpus.tokens import words

# A place after these words is where one comes from or goes to; before those, part of a name.
_ON_THE_WAY = re.compile(
    r"(?:从|由|去|到|往|至|回|来自|转入?|转出?|迁入?|离开|飞|跨|与|和|跟|及|、|原|曾在)(?:了)?$"
)
_PART_OF_A_NAME = re.compile(
    r"^(?:路|街|大道|大街|东路|西路|南路|北路|中路|银行|大学|学院|医院|户口|户籍|籍|人(?!才)|牌|来|转|迁|"
    r"回|缴过?的?.{0,6}转|烤鸭|拉面|时间|合作|号|同志|女士|先生|小区|花园|广场|饭店|宾馆|酒店|店)"
)
# What somebody did or does there belongs to their case: 孩子在上海出生，怎么上户口.
_PART_OF_A_LIFE = re.compile(
    r"^(?:出生(?!医学|证|登记|人口)|参(?:过|了)?保(?!缴费|标准|登记|条件|多少|要|需)|"
    r"(?:打工|务工|工作|上班|上学|上过学|读书|念书|当兵|服役|生活|居住|住|待)[过了]|"
    r"(?:打|读|念|上|缴|交|结|办)过)"
)
# A district that is called like a city elsewhere: 牡丹江市西安区. Those of these four are listed as places.
_DISTRICT = re.compile(r"^区(?!域)")
_MUNICIPALITIES = frozenset({"北京", "天津", "上海", "重庆"})
_MOVING = re.compile(
    r"异地|跨省|跨市|外地|转移接续|转到|转回|转来|转过来|迁到|迁回|迁来|迁入|调到|回来"
)
NARROWEST = 3  # what `rank` says of a 县 or 区
_COUNTY = re.compile(
    r"[一-龥]{2}(?:县|区(?![别间块划位段]|分(?!局|公司|中心)))(?![一-龥]?域)"  # 有什么区别, 怎么区分
)
# Areas of a kind, and counties of a kind or of nobody's name: 禁燃区, 贫困县, 哪个区.
_NO_COUNTY = re.compile(
    r"[小社地市城辖学园景校山片街厂库灾牧林郊战时海矿湿疫震病院禁误盲]区|[禁限][一-龥]{1,2}区|[适宜]养区|"
    r"(?:保护|开发|功能|服务|管理|居住|住宅|生活|办公|行政|步行|保税|自贸|贸易|加工|示范|试验|合作|控制|管控|"
    r"封控|防范|风险|监管|污染|工业|商业|产业|物流|集聚|核心|缓冲|防护|隔离|规划|建成|中心|公共|安全|作业|施工|"
    r"吸烟|无烟|种植|养殖|安置|移民|棚户|棚改|改造|拆迁|征收|等候|候车|停车|休息|自助|办事|窗口|综合|水源|滞洪|"
    r"蓄洪|旅游|度假|教学|革命老|经济特)区|"
    r"(?:贫困|脱贫|帮扶|示范|试点|重点|直管|边境|民族|农业|牧业|工业|生态|大|强|市|郊)县|"
    r"[全各本跨我咱们该每邻哪几某两个][县区]|外县|区县|县区|县城|县里|区里|县级|区级|县政府|区政府"
)


@dataclass(frozen=True, slots=True)
class Places:
    """Provinces and their cities, by short name."""

    province_of: Mapping[str, str]
    pattern: re.Pattern[str]


def load_places(path: Path) -> Places:
    """Read the places of `prompts/places.yaml`."""
    data = yaml.safe_load(path.read_text("utf-8"))
    province_of: dict[str, str] = {}
    for province, cities in data["provinces"].items():
        province_of |= {name: province for name in (province, *cities.split())}
    longest_first = sorted(province_of, key=len, reverse=True)
    return Places(province_of, re.compile("|".join(longest_first)))


def elsewhere(question: str, held: Iterable[str], places: Places) -> str:
    """Return the place whose rules a question asks for where the corpus has none of them, or "".

    `held` are the regions of the documents (云江省, 清河市, 吉林省长春市, …). A province's documents
    rule in all its cities, so a city counts as held with its province. A question that names a held
    place, or that is about moving between places, is never turned away.
    """
    regions = set(held)
    if not regions or _MOVING.search(question):
        return ""
    if any(_short(part) in question for region in regions for part in _parts(region)):
        return ""
    provinces = {places.province_of[name] for r in regions for name in places.pattern.findall(r)}
    starts = _word_starts(question)
    for match in places.pattern.finditer(question):
        if match.start() not in starts:
            continue  # 医保定点 is no 保定
        before, after = question[: match.start()], question[match.end() :]
        after = re.sub(r"^(?:特别行政区|自治区|自治州|地区|[省市])", "", after)
        if places.province_of[match[0]] in provinces:
            continue
        if _ON_THE_WAY.search(before) or _PART_OF_A_NAME.match(after):
            continue
        if _PART_OF_A_LIFE.match(after):
            continue
        if _DISTRICT.match(after) and places.province_of[match[0]] not in _MUNICIPALITIES:
            continue
        return match[0]
    return ""


def place_of(document: Document, held: Iterable[str]) -> str:
    """Return the place that a document rules: its region, or a narrower held one in its title.

    清河市, 关于同意调整临溪县生活垃圾处理费标准的批复 → 临溪县; 云江省清河市 → 清河市.
    """
    metadata = document.metadata
    own = _parts(metadata.region)[-1] if metadata.region else ""
    named = {_parts(other)[-1] for other in held if other}
    inside = [place for place in named if rank(place) > rank(own) and place in metadata.title]
    return max(inside, key=rank, default=own)


def rank(place: str) -> int:
    """Return how narrow a place is by its name: 0 unknown or the country, 1 省, 2 市, 3 县."""
    if place.endswith(("省", "自治区", "特别行政区")):
        return 1
    if place.endswith(("自治县", "县", "区", "旗")):
        return 3
    return 2 if place.endswith(("市", "州", "盟", "地区")) else 0


def of_neighbour(question: str, place: str, held: Iterable[str]) -> bool:
    """Say whether a rule holds for another county than the one that a question names.

    河滨区每月垃圾处理费多少 is not answered by what 临溪县 pays. A city's or a province's rule holds in
    all its counties.
    """
    if rank(place) != NARROWEST or names_place(question, place):
        return False
    known = {_parts(region)[-1] for region in held if region}
    if any(rank(other) == NARROWEST and names_place(question, other) for other in known):
        return True
    return bool(_COUNTY.search(_NO_COUNTY.sub("", question)))


def names_place(text: str, place: str) -> bool:
    """Say whether a text names a place, also without its 省, 市 or 县."""
    return bool(place) and _short(place) in text


def only_there(said: str, places: Sequence[str], held: Iterable[str]) -> list[str]:
    """Return a sentence for each place for which some of what is quoted holds alone.

    Only where the corpus has several such places (one county's rules among those of many) and the
    person named none of them.

    Args:
        said: What the person wrote, earlier turns included.
        places: The place that each quoted document rules.
        held: The regions of the documents.
    """
    widest = min((rank(place) for place in places), default=0)
    known = {_parts(region)[-1] for region in held if region}
    sentences = []
    for place in dict.fromkeys(places):
        others = {other for other in known if rank(other) == rank(place)} - {place}
        alone = len(set(places)) == 1
        if (
            rank(place)
            and others
            and (alone or rank(place) > widest)
            and not names_place(said, place)
        ):
            which = "以下是" if alone else "其中有"
            sentences.append(
                f"{which}{place}的规定，只适用于{place}；在其他地方办理的，请写明地区再问。"
            )
    return sentences


def _word_starts(text: str) -> set[int]:
    starts = set()
    place = 0
    lowered = text.lower()
    for word in words(text):
        found = lowered.find(word, place)
        if found >= 0:
            starts.add(found)
            place = found + len(word)
    return starts


def _parts(region: str) -> list[str]:
    """Return the places in a region's name: 云江省清河市 → 云江省, 清河市; 浙江省杭州市 → 浙江省, 杭州市."""
    name = r"(?:[^省市县区州盟]|州(?=[省市县区])){1,13}"  # 13: 积石山保安族东乡族撒拉族自治县
    return re.findall(rf"{name}(?:自治[区州县]|[省市县区州盟])", region) or [region]


def _short(region: str) -> str:
    short = re.sub(r"(?:[^自]自治区|自治[州县]|[省市县区州盟])$", "", region)
    return short if len(short) > 1 else region  # 和 names no 和县
