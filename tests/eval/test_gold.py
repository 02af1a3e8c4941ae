"""The gold set holds what it promises: shape, counts, and key facts that stand in the documents."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from corpus.chunking import chunk
from corpus.parsing import parse

ROOT = Path(__file__).parent.parent.parent
QUESTIONS = ROOT / "eval" / "gold" / "questions.jsonl"
FILES = ROOT / "corpus" / "sample" / "files"

FIELDS = {
    "id",
    "question",
    "kind",
    "access",
    "as_of",
    "history",
    "relevant",
    "key_facts",
    "status",
}
MINIMUM = {
    "citizen": 55,
    "staff": 25,
    "follow_up": 12,
    "as_of": 12,
    "draft_or_repealed": 8,
    "level_conflict": 8,
    "table": 25,
    "internal": 12,
    "unanswerable": 30,
    "near_miss": 30,
    "greeting": 4,
    "personal_case": 4,
    "emergency": 4,
    "injection": 4,
}
TYPING_SLIPS = 15  # kinds typo and pinyin together
STATUSES = {
    "answered",
    "partial",
    "no_evidence",
    "clarify",
    "out_of_scope",
    "personal_case",
    "emergency",
    "blocked",
    "superseded_only",
}
WITH_TEXT = {"answered", "partial", "superseded_only"}
EXPECTED = {
    "staff": {"answered"},
    "typo": {"answered"},
    "pinyin": {"answered"},
    "follow_up": {"answered"},
    "as_of": {"answered"},
    "level_conflict": {"answered"},
    "table": {"answered"},
    "citizen": {"answered", "partial", "clarify"},
    "internal": {"answered", "no_evidence"},
    "draft_or_repealed": {"superseded_only"},
    "near_miss": {"no_evidence"},
    "unanswerable": {"no_evidence", "out_of_scope"},
    "greeting": {"out_of_scope"},
    "personal_case": {"personal_case"},
    "emergency": {"emergency"},
    "injection": {"blocked"},
}
# Pairs of questions above this share of common two-character pieces read as the same question.
NEAR_DUPLICATE = 0.6
# A citizen does not quote: the longest run of characters shared with the document that answers.
# Names of things (最低生活保障, 高新技术企业) are the longest words people use as the text does.
LONGEST_COMMON_RUN = 7

Sample = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """A sample document as the product reads it."""

    text: str
    locators: tuple[str, ...]


@pytest.fixture(scope="session")
def samples() -> list[Sample]:
    """Every line of the gold set."""
    return [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]


@pytest.fixture(scope="session")
def read() -> Callable[[str], Read]:
    """Read one sample document, once a session."""

    @cache
    def reading(file: str) -> Read:
        parsed = parse(FILES / file)
        clauses = chunk("gold", parsed.text, parsed.blocks)
        return Read(parsed.text, tuple(clause.locator for clause in clauses))

    return reading


def test_every_line_has_the_fields_and_their_types(samples: list[Sample]) -> None:
    for sample in samples:
        assert set(sample) == FIELDS, sample
        assert sample["question"].strip() == sample["question"] != "", sample["id"]
        assert sample["kind"] in EXPECTED, sample["id"]
        assert sample["access"] in {"public", "internal"}, sample["id"]
        assert sample["status"] in STATUSES, sample["id"]
        assert sample["as_of"] is None or date.fromisoformat(sample["as_of"]), sample["id"]
        assert all(isinstance(turn, str) and turn for turn in sample["history"]), sample["id"]
        assert all(set(place) == {"file", "locator"} for place in sample["relevant"]), sample["id"]


def test_ids_run_on_without_gaps(samples: list[Sample]) -> None:
    expected = [f"g{number:03d}" for number in range(1, len(samples) + 1)]
    assert [sample["id"] for sample in samples] == expected


def test_every_kind_has_its_share(samples: list[Sample]) -> None:
    counts = Counter(sample["kind"] for sample in samples)
    short = {kind: counts[kind] for kind, least in MINIMUM.items() if counts[kind] < least}
    assert not short
    assert counts["typo"] + counts["pinyin"] >= TYPING_SLIPS
    assert len(samples) >= 210


def test_status_fits_the_kind(samples: list[Sample]) -> None:
    for sample in samples:
        assert sample["status"] in EXPECTED[sample["kind"]], sample["id"]
        assert bool(sample["history"]) == (sample["kind"] == "follow_up"), sample["id"]
        assert (sample["as_of"] is not None) == (sample["kind"] == "as_of"), sample["id"]


def test_only_what_is_quoted_has_documents_and_facts(samples: list[Sample]) -> None:
    for sample in samples:
        quotes = sample["status"] in WITH_TEXT
        assert bool(sample["relevant"]) == quotes, sample["id"]
        assert bool(sample["key_facts"]) == quotes, sample["id"]


def test_a_citizen_is_never_owed_internal_text(samples: list[Sample]) -> None:
    for sample in samples:
        owed = {place["file"].split("/")[0] for place in sample["relevant"]}
        assert sample["access"] == "internal" or "internal" not in owed, sample["id"]


def test_internal_questions_are_asked_from_both_sides(samples: list[Sample]) -> None:
    sides: dict[str, set[tuple[str, str]]] = {}
    for sample in samples:
        if sample["kind"] == "internal":
            asked = sides.setdefault(sample["question"], set())
            asked.add((sample["access"], sample["status"]))
    assert len(sides) * 2 >= MINIMUM["internal"]
    expected = {("public", "no_evidence"), ("internal", "answered")}
    assert all(asked == expected for asked in sides.values()), sides


def test_relevant_files_exist_and_every_document_is_asked_about(samples: list[Sample]) -> None:
    asked = {place["file"] for sample in samples for place in sample["relevant"]}
    documents = {
        str(path.relative_to(FILES)) for path in FILES.glob("*/*") if path.name != "manifest.yaml"
    }
    assert asked == documents


def test_key_facts_stand_in_the_relevant_documents(
    samples: list[Sample], read: Callable[[str], Read]
) -> None:
    missing = [
        (sample["id"], fact)
        for sample in samples
        for fact in sample["key_facts"]
        if not any(re.search(fact, read(place["file"]).text) for place in sample["relevant"])
    ]
    assert not missing


def test_key_facts_can_be_missed(samples: list[Sample]) -> None:
    for sample in samples:
        for fact in sample["key_facts"]:
            assert not re.search(fact, ""), (sample["id"], fact)
            assert not re.search(fact, sample["question"]), (sample["id"], fact)


def test_locators_name_a_place_of_the_document(
    samples: list[Sample], read: Callable[[str], Read]
) -> None:
    lost = [
        (sample["id"], place)
        for sample in samples
        for place in sample["relevant"]
        if not _stands(place["locator"], read(place["file"]))
    ]
    assert not lost


def test_no_two_questions_are_nearly_the_same(samples: list[Sample]) -> None:
    pieces = {sample["id"]: _pieces(sample) for sample in samples}
    same = [
        (one["question"], other["question"])
        for one, other in combinations(samples, 2)
        if (one["access"], one["as_of"]) == (other["access"], other["as_of"])
        and _overlap(pieces[one["id"]], pieces[other["id"]]) > NEAR_DUPLICATE
    ]
    assert not same


def test_citizens_do_not_quote_the_document(
    samples: list[Sample], read: Callable[[str], Read]
) -> None:
    quoted = [
        (sample["id"], run)
        for sample in samples
        if sample["kind"] == "citizen"
        for place in sample["relevant"]
        if len(run := _longest_run(sample["question"], read(place["file"]).text))
        > LONGEST_COMMON_RUN
    ]
    assert not quoted


def _stands(locator: str, document: Read) -> bool:
    """Say whether a clause has the locator, alone, behind a title or above its own items.

    A short document is one clause without a locator: there the place opens a line.
    """
    place = re.compile(r"(?<![十\d])" + re.escape(locator))
    if document.locators == ("",):
        return re.search(r"(?m)^" + re.escape(locator), document.text) is not None
    return any(place.search(found) for found in document.locators)


def _pieces(sample: Sample) -> set[str]:
    """Return the two-character pieces of a question with the turns before it."""
    text = re.sub(r"\W", "", "".join([*sample["history"], sample["question"]]))
    return {text[start : start + 2] for start in range(max(1, len(text) - 1))}


def _overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


def _longest_run(question: str, text: str) -> str:
    """Return the longest run of characters that both hold."""
    longest = ""
    for start in range(len(question)):
        while question[start : start + len(longest) + 1] in text:
            grown = question[start : start + len(longest) + 1]
            if len(grown) == len(longest):
                break
            longest = grown
    return longest
