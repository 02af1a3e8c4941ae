"""Documents that differ: none is passed over in silence, and each pair is told once."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.citations import Citation
from assistant.precedence import differences
from corpus.documents import Access, Document, Level, Metadata, Status

TITLES = ("清河市高龄津贴发放办法", "清河市高龄津贴实施细则")


def documents(*metadata: Metadata) -> dict[str, Document]:
    return {
        f"d{n}": Document(
            f"d{n}", one.title, 1, True, Access.PUBLIC, "0" * 64, "text/plain", one, 0.0, 1
        )
        for n, one in enumerate(metadata)
    }


def quoted(number: int, document: Document, quote: str) -> Citation:
    metadata = document.metadata
    return Citation(
        number, document.id, metadata.title, "", metadata.issuer, Status.IN_FORCE, "第三条", quote,
        0, len(quote), "",
    )  # fmt: skip


def said(one: Metadata, other: Metadata) -> tuple[str, ...]:
    known = documents(one, other)
    first, second = known["d0"], known["d1"]
    citations = [
        quoted(1, first, "每人每月100元。"),
        quoted(2, second, "每人每月200元。"),
        quoted(3, first, "每人每月300元。"),
    ]
    return differences(citations, known)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            Metadata(TITLES[0], "清河市民政局", level=Level.CITY, effective=date(2024, 1, 1)),
            Metadata(TITLES[1], "清河市财政局", level=Level.CITY, effective=date(2025, 1, 1)),
        ),
        (
            Metadata(TITLES[0], "清河市民政局", level=Level.CITY),
            Metadata(TITLES[1], "清河市财政局"),
        ),
        (Metadata(TITLES[0], "清河市民政局"), Metadata(TITLES[1], "清河市民政局")),
    ],
    ids=["two issuers of one level", "level unknown", "date unknown"],
)
def test_where_no_rule_decides_both_are_named_once(one: Metadata, other: Metadata) -> None:
    told = said(one, other)
    assert told == said(other, one)
    assert len(told) == 1 and all(f"《{title}》" in told[0] for title in TITLES)
    assert "数额或期限不同" in told[0] and "向发文机关核实" in told[0]


def test_the_newer_of_one_issuer_prevails() -> None:
    one = Metadata(TITLES[0], "清河市民政局", effective=date(2024, 1, 1))
    other = Metadata(TITLES[1], "清河市民政局", effective=date(2025, 1, 1))
    assert said(one, other) == (
        f"《{TITLES[1]}》比《{TITLES[0]}》新，两者数额或期限不同的，以新的规定为准。",
    )


def test_what_is_the_same_is_not_said_to_differ() -> None:
    known = documents(Metadata(TITLES[0]), Metadata(TITLES[1]))
    citations = [quoted(n, document, "每月100元。") for n, document in enumerate(known.values(), 1)]
    assert differences(citations, known) == ()
