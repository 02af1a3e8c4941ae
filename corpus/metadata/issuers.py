"""Issuing bodies: their names in titles and signatures, their region and level of government."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.documents import Level

_MUNICIPALITIES = ("北京市", "天津市", "上海市", "重庆市")
_PROVINCES = (
    *_MUNICIPALITIES,
    *(
        name + "省"
        for name in [
            "河北",
            "山西",
            "辽宁",
            "吉林",
            "黑龙江",
            "江苏",
            "浙江",
            "安徽",
            "福建",
            "江西",
            "山东",
            "河南",
            "湖北",
            "湖南",
            "广东",
            "海南",
            "四川",
            "贵州",
            "云南",
            "陕西",
            "甘肃",
            "青海",
            "台湾",
        ]
    ),
    "内蒙古自治区",
    "广西壮族自治区",
    "西藏自治区",
    "宁夏回族自治区",
    "新疆维吾尔自治区",
    "新疆生产建设兵团",
    "香港特别行政区",
    "澳门特别行政区",
)
_WITH_LOCAL_OFFICES = (
    *("国家税务总局", "中国人民银行", "国家统计局", "国家金融监督管理总局", "中国证监会"),
)
_MINISTRIES = (
    *(
        "外交部",
        "国防部",
        "国家发展改革委",
        "国家发展和改革委员会",
        "教育部",
        "科技部",
        "科学技术部",
    ),
    *("工业和信息化部", "国家民委", "公安部", "国家安全部", "民政部", "司法部", "财政部"),
    *("人力资源社会保障部", "人力资源和社会保障部", "自然资源部", "生态环境部", "住房城乡建设部"),
    *("住房和城乡建设部", "交通运输部", "水利部", "农业农村部", "商务部", "文化和旅游部"),
    *(
        "国家卫生健康委",
        "国家卫生健康委员会",
        "退役军人事务部",
        "退役军人部",
        "应急管理部",
        "审计署",
    ),
    *("海关总署", "市场监管总局", "国家市场监督管理总局", "金融监管总局", "国务院国资委"),
    *("最高人民法院", "最高人民检察院", "中央军委", "中央军事委员会"),
    *_WITH_LOCAL_OFFICES,
)
_PROVINCE = "|".join(_PROVINCES)
# 城市, 技术市场 and 荣誉市民 hold no city.
_CITY = (
    r"(?:(?!城市)[一-鿿]{2,12}?自治州|(?!城市)[一-鿿]{1,4}?"
    r"(?:市(?!场|容|民(?![政族间兵用营生防宗]))|盟|地区))"
)
# Words that end like the name of a county or district and are none.
_COMMON_AREA = r"(?:城|山|林|矿|郊|市|老|全|各|多|新|高新|农|湖|灾|牧)区"
_NOT_A_COUNTY = r"(?<![社地园校小辖发景护税片库特业政区貌作范能个各全贸开])"
_COUNTY = (
    rf"(?:[一-鿿]{{2,12}}?自治[县旗]|(?!{_COMMON_AREA})[一-鿿]{{1,3}}?{_NOT_A_COUNTY}[区县旗])"
)
# Any other 省 is a made-up one or a former one, as long as it is not 全省, 本省, 我省.
_ANY_PROVINCE = r"(?:(?![关于全本各我该跨两三等外在])[一-鿿]){2,3}省(?![级委直内外际份道辖会])"
# A municipality has districts below it and no cities.
_NOT_IN_A_MUNICIPALITY = "".join(f"(?<!{name})" for name in _MUNICIPALITIES)
_PLACE = re.compile(
    rf"(?:中共|中国共产党)?({_PROVINCE}|{_ANY_PROVINCE})?({_NOT_IN_A_MUNICIPALITY}{_CITY})?({_COUNTY})?"
)
_SUFFIX = (
    "人民政府|政府|办公厅|办公室|委员会|常务委员会|常委会|管委会|工委|党委|省委|市委|区委|县委|县政协|市政协|"
    "政协|委|局|厅|部|署|院|中心|联合会|总会|协会|银行|分行|支行|总队|支队|大队|管理处|街道办事处|办事处|"
    "总公司|公司|党组|指挥部|领导小组|小组|科|处|大学|学院|军区|机关|代表大会|主席|国务院|工会|团体|中共中央|中央军委"
)
_ORGANISATION = re.compile(rf"[一-鿿0-9（）()·]{{1,38}}(?:{_SUFFIX})(?:（[一-鿿、]{{2,40}}）)?")
_NOT_ORGANISATION = re.compile(r"关于|有关|各[^族]|本[省市区局院]|以下|是|为|由|你|我|^市|^省$|^区")
_BODY_OF_TITLE = re.compile(
    r"^(.{2,120}?)(?:联合)?(?:印发|转发|批转|关于|发布|公布|令第|公告第|[\d年]*公告$|通告$|令$)"
)
_SEVERAL = re.compile(r"等\s*[\d一二三四五六七八九十]+\s*(?:个)?(?:部门|单位|部委)")
_NATIONAL = re.compile(
    r"^(?:中华人民共和国|全国人民代表大会|全国人大|国务院|中共中央|中央|最高人民|国家|"
    rf"全国政协|中国人民政治协商会议全国|中国共产党中央|{'|'.join(_MINISTRIES)})"
)

_NATIONAL_STARTS = (*_MINISTRIES, "中共中央", "国务院", "全国人民代表大会")
_LAST_CHARACTERS = frozenset("局厅委会府室院部署社行心队处央")
# A 部 without a place in front is a ministry, today's or a former one.
_MINISTRY = re.compile(r"(?!.*[省市州县区旗委])[一-鿿]{2,8}部")


def split_organisations(text: str) -> tuple[str, ...]:
    """Return the bodies that a list or a run of names holds, in order.

    Names that lost the spaces between them are parted where a new name plainly begins: at a
    ministry, or at the place with which the first name begins.
    """
    names: list[str] = []
    for piece in re.split(r"[\s、，,;；]+", text.strip()):
        names.extend(_part(piece))
    return tuple(name for name in names if name)


def is_organisation(name: str) -> bool:
    """Return whether a text looks like the full name of one body."""
    return bool(_ORGANISATION.fullmatch(name)) and not _NOT_ORGANISATION.search(name)


def organisations(text: str) -> tuple[str, ...]:
    """Return the bodies that a line names, or nothing if the line holds anything else."""
    if len(text) > 200 or not text or text[-1] in "。：:；，？！.":
        return ()
    names = split_organisations(text)
    return names if names and all(map(is_organisation, names)) else ()


def issuer_of_title(title: str) -> tuple[str, ...]:
    """Return the bodies in front of a title's 关于, 印发 or 令, or nothing.

    “某委等4部门关于…” names only one of them, so it gives nothing: the signature names all.
    """
    if title.startswith("关于"):
        return ()
    found = _BODY_OF_TITLE.match(title)
    if not found or "《" in found[1] or _SEVERAL.search(found[1]):
        return ()
    return organisations(found[1].strip())


def place_of(name: str) -> tuple[str, Level | None]:
    """Return the region at the front of a body's name or a title, and its level of government.

    Only what the words say: a county-level city stands as a city, because nothing marks it.
    """
    for body in _WITH_LOCAL_OFFICES:
        if name.startswith(body) and (place := place_of(name[len(body) :]))[1]:
            return place
    if _NATIONAL.match(name) or _MINISTRY.fullmatch(name):
        return "", Level.NATIONAL
    found = _PLACE.match(name)
    if not found:
        return "", None
    province, city, county = found[1] or "", found[2] or "", found[3] or ""
    if city and not province and not county and city.endswith("地区"):
        city = ""
    if not province and not city:
        # Without its city a 区 is known only from the name of its body: 望山区人民政府.
        named = county.endswith(("县", "旗")) or (county and is_organisation(name))
        return (county, Level.COUNTY) if named else ("", None)
    region = province + city + county
    if county:
        return region, Level.COUNTY
    return region, Level.CITY if city else Level.PROVINCE


def joined(names: Sequence[str]) -> str:
    """Return joint issuers as one text, each once, in their order."""
    return "、".join(dict.fromkeys(names))


def _part(piece: str) -> list[str]:
    place = _PLACE.match(piece)
    places = [start for start in (place[1], place[2]) if start] if place else []
    starts = (*_NATIONAL_STARTS, *places, *(f"中共{start}" for start in places))
    cuts = {
        found
        for start in starts
        for found in _occurrences(piece, start)
        if found and piece[found - 1] in _LAST_CHARACTERS
    }
    names: list[str] = []
    begin = 0
    for end in (*sorted(cuts), len(piece)):
        name, begin = piece[begin:end], end
        # The local office of a national body bears both names.
        if names and names[-1] in _WITH_LOCAL_OFFICES:
            names[-1] += name
        else:
            names.append(name)
    return names


def _occurrences(text: str, part: str) -> Iterator[int]:
    position = text.find(part)
    while position >= 0:
        yield position
        position = text.find(part, position + 1)
