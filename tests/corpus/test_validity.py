"""Validity: what ends what, and what a document is worth on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from corpus.documents import Access, Document, Level, Metadata, Status
from corpus.validity import (
    Relation,
    RelationKind,
    find_relations,
    status_on,
    subject_key,
    title_key,
)


def document(name: str, **metadata: object) -> Document:
    return Document(
        id=name,
        source=name,
        version=1,
        current=True,
        access=Access.PUBLIC,
        sha256="",
        media_type="text/plain",
        metadata=Metadata(**metadata),  # type: ignore[arg-type]
        added=0.0,
        chunk_count=1,
    )


OLD = document(
    "old",
    title="清河市城市养犬管理暂行办法",
    document_number="清政发〔2017〕21号",
    effective=date(2017, 6, 1),
)
NEW = document(
    "new",
    title="清河市养犬管理办法",
    document_number="清政发〔2025〕3号",
    effective=date(2025, 5, 1),
    replaces=("清河市城市养犬管理暂行办法", "清政发〔2017〕21号"),
)


def test_a_repeal_counts_from_the_day_the_successor_takes_effect() -> None:
    (relation,) = find_relations([OLD, NEW])
    assert (relation.older, relation.newer, relation.since) == ("old", "new", date(2025, 5, 1))
    assert status_on(OLD, [relation], date(2025, 4, 30)) is Status.IN_FORCE
    assert status_on(OLD, [relation], date(2025, 5, 1)) is Status.REPEALED
    assert status_on(NEW, [], date(2025, 4, 30)) is Status.NOT_YET_IN_FORCE


def test_a_later_version_of_a_law_takes_the_place_of_the_earlier() -> None:
    versions = [
        document(str(year), title="中华人民共和国行政诉讼法", effective=date(year, 7, 1))
        for year in (1990, 2015, 2017)
    ]
    relations = find_relations(versions)
    assert {(r.older, r.newer) for r in relations} == {("1990", "2015"), ("2015", "2017")}
    first = [r for r in relations if r.older == "1990"]
    assert status_on(versions[0], first, date(2000, 1, 1)) is Status.IN_FORCE
    assert status_on(versions[0], first, date(2016, 1, 1)) is Status.AMENDED


def pairs(*documents: Document) -> set[tuple[str, str]]:
    return {(relation.older, relation.newer) for relation in find_relations(documents)}


def test_a_later_version_takes_the_place_of_every_copy_of_the_earlier() -> None:
    title = "清河市养犬管理办法"
    copies = [document(name, title=title, effective=date(2015, 7, 1)) for name in ("html", "pdf")]
    new = document("new", title=title, effective=date(2023, 7, 1))
    assert pairs(*copies, new) == {("html", "new"), ("pdf", "new")}


def test_an_internal_version_between_two_public_ones_hides_nothing() -> None:
    title = "清河市养犬管理办法"
    public = [document(str(y), title=title, effective=date(y, 7, 1)) for y in (2015, 2023)]
    between = replace(
        document("2019", title=title, effective=date(2019, 7, 1)), access=Access.INTERNAL
    )
    assert pairs(*public, between) == {("2015", "2023")}


@pytest.mark.parametrize(
    ("region", "other_region", "one"),
    [
        ("临溪县", "望山县", False),
        ("临溪县", "临溪县", True),
        ("临溪县", "清河市临溪县", True),
        ("临溪县", "", True),  # where it is from is not known
    ],
)
def test_only_texts_of_one_place_are_versions(region: str, other_region: str, one: bool) -> None:
    title = "农村低保实施细则"
    old = document("old", title=title, region=region, written=date(2019, 1, 1))
    new = document("new", title=title, region=other_region, written=date(2022, 1, 1))
    assert bool(find_relations([old, new])) is one


def test_a_national_text_is_no_version_of_a_local_one() -> None:
    title = "城乡医疗救助办法"
    old = document("old", title=title, region="临溪县", written=date(2019, 1, 1))
    new = document("new", title=title, level=Level.NATIONAL, written=date(2022, 1, 1))
    assert find_relations([old, new]) == []


def test_a_decision_that_changes_other_texts_ends_no_earlier_one() -> None:
    title = "国务院关于修改和废止部分行政法规的决定"
    decisions = [document(str(y), title=title, written=date(y, 4, 1)) for y in (2020, 2023)]
    assert find_relations(decisions) == []


def test_a_repeal_by_title_is_one_of_the_same_place() -> None:
    title, number = "城乡医疗救助办法", "清政发〔2018〕3号"
    city = document("city", title=title, region="清河市", document_number=number)
    county = document("county", title=title, region="临溪县", document_number="临政发〔2017〕8号")
    new = document("new", title="清河市医疗救助办法", region="清河市", replaces=(title, number))
    assert pairs(city, county, new) == {("city", "new")}


def test_no_office_ends_what_a_higher_one_issued() -> None:
    number = "清政发〔2018〕3号"
    city = document("city", document_number=number, level=Level.CITY, region="清河市")
    county = document("county", level=Level.COUNTY, region="临溪县", replaces=(number,))
    province = document("province", level=Level.PROVINCE, region="云江省", replaces=(number,))
    assert pairs(city, county, province) == {("city", "province")}


def test_annual_notices_do_not_end_each_other() -> None:
    notices = [
        document(str(year), title="关于做好招生工作的通知", written=date(year, 4, 1))
        for year in (2025, 2026)
    ]
    assert find_relations(notices) == []


def test_a_draft_meets_its_issued_form() -> None:
    draft = document(
        "draft", title="吉林省加快推进人工智能创新发展实施意见（征求意见稿）", status=Status.DRAFT
    )
    final = document(
        "final",
        title="吉林省人民政府关于加快推进人工智能创新发展的实施意见",
        written=date(2025, 9, 12),
    )
    (relation,) = find_relations([draft, final])
    assert (relation.older, relation.newer, relation.kind) == (
        "draft",
        "final",
        RelationKind.ISSUES,
    )
    assert status_on(draft, [relation], date(2026, 1, 1)) is Status.DRAFT


def test_a_draft_repeals_nothing() -> None:
    draft = document(
        "draft", title="新办法（征求意见稿）", status=Status.DRAFT, replaces=(OLD.metadata.title,)
    )
    assert find_relations([OLD, draft]) == []


def test_a_public_document_is_not_ended_by_an_internal_one() -> None:
    internal = Document(**{f: getattr(NEW, f) for f in NEW.__slots__} | {"access": Access.INTERNAL})
    assert find_relations([OLD, internal]) == []


def test_a_person_may_repeal_without_naming_a_successor() -> None:
    relation = Relation("old", "", RelationKind.REPEALS, None, by_hand=True)
    assert status_on(OLD, [relation], date(2018, 1, 1)) is Status.REPEALED


def test_an_end_date_ends() -> None:
    short = document(
        "short", title="试行办法", effective=date(2023, 1, 1), expires=date(2025, 12, 31)
    )
    assert status_on(short, [], date(2025, 12, 31)) is Status.IN_FORCE
    assert status_on(short, [], date(2026, 1, 1)) is Status.EXPIRED


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (
            "清河市公共租赁住房保障办法（征求意见稿）",
            "清河市人民政府办公室关于印发清河市公共租赁住房保障办法的通知",
        ),
        ("《清河市养犬管理办法》", "清河市养犬管理办法"),
        ("中华人民共和国立法法（2023年修正）", "中华人民共和国立法法"),
    ],
)
def test_titles_of_one_regulation_share_a_subject(left: str, right: str) -> None:
    assert subject_key(left) == subject_key(right)


def test_different_regulations_do_not() -> None:
    assert title_key("清河市养犬管理办法") != title_key("清河市养犬管理实施细则")
    assert subject_key("云江省高龄津贴办法") != subject_key("清河市高龄津贴办法")
