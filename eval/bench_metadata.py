"""Measure the metadata read from web pages against a list of records: title, number and date.

`python -m eval.bench_metadata --data DIR`, where DIR holds `documents.jsonl` (objects with `title`,
`doc_no`, `publish_date`, `source_url`, `original_text`) and the saved pages (`*.html`).

A record belongs to the page whose own address has the number of the record's address
(…/post_7231742.html); failing that, to the page that holds the largest share of the lines of
`original_text`, at least three in ten. Nothing that is measured takes part in the matching.

- Title, strict: equal but for spaces, the width of punctuation and the form of quotation marks.
  Trimmed: equal after unwrapping “关于印发《某办法》的通知” to the 办法, and dropping the issuer in
  front of 关于, （试行） and the like, and remarks in brackets at the end.
- Number: a record whose `doc_no` is a number and nothing else has one of its own; others
  (“（依据…）”, “（年度通告）”, “…为依据”) have none, and there nothing must be found.
- Date: equal to the publication date; or to the day of writing, or to either, each counted.

Records are notes by a person: a title or number that does not stand in the page at all cannot be
read from it. Such records stay in the totals and are counted apart as “in the page”.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.documents import Metadata
from corpus.metadata import read_metadata
from corpus.metadata.document_numbers import normalise_number, whole_number
from corpus.parsing import parse

_LEAST_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Page:
    """A saved page: its file name, its text and the metadata read from it."""

    name: str
    text: str
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Pair:
    """A record beside its page."""

    record: dict[str, str]
    page: Page


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table: what was counted, on how many records, and what missed."""

    name: str
    hits: int
    total: int
    misses: tuple[str, ...] = ()


def measure(folder: Path) -> list[Measure]:
    """Return the measures for a folder of records and pages."""
    records = [
        json.loads(line)
        for line in (folder / "documents.jsonl").read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    pages = [_read_page(path) for path in sorted(folder.glob("*.html"))]
    pairs = [Pair(record, page) for record in records if (page := _page_of(record, pages))]
    numbered = [pair for pair in pairs if whole_number(pair.record["doc_no"])]
    others = [pair for pair in pairs if not whole_number(pair.record["doc_no"])]
    return [
        Measure("records with a page", len(pairs), len(records)),
        _count("title, strict", pairs, _title_equal),
        _count("title, trimmed", pairs, _title_equal_trimmed),
        _count("title, trimmed, in the page", filter(_title_in_page, pairs), _title_equal_trimmed),
        _count("number", numbered, _number_equal),
        _count("number, in the page", filter(_number_in_page, numbered), _number_equal),
        _count("no number where there is none", others, lambda pair: not _number(pair)),
        _count("date = published", pairs, lambda pair: _day(pair) == str(_of(pair).published)),
        _count("date = written", pairs, lambda pair: _day(pair) == str(_of(pair).written)),
        _count("date = published or written", pairs, _date_equal),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, then every miss with what was read."""
    parser = argparse.ArgumentParser(description="Measure the metadata of saved pages.")
    parser.add_argument("--data", type=Path, required=True, help="folder of records and pages")
    folder = parser.parse_args(arguments).data
    if not (folder / "documents.jsonl").is_file():
        sys.stderr.write(f"{folder}: no documents.jsonl there; name the folder that holds it\n")
        return 1
    measures = measure(folder)
    for line in measures:
        share = line.hits / line.total if line.total else 0.0
        sys.stdout.write(f"{line.name:<32}{line.hits:>4} / {line.total:<4}{share:>7.1%}\n")
    for line in measures:
        for miss in line.misses:
            sys.stdout.write(f"missed, {line.name}: {miss}\n")
    return 0


def _read_page(path: Path) -> Page:
    parsed = parse(path)
    return Page(path.name, parsed.text, read_metadata(parsed, file_name=path.name))


def _page_of(record: dict[str, str], pages: Sequence[Page]) -> Page | None:
    address = _address_number(record["source_url"])
    for page in pages:
        if address and _address_number(page.metadata.source_url) == address:
            return page
    lines = [line.strip() for line in record["original_text"].split("\n")]
    lines = [_plain(line) for line in lines if len(line) >= 12]
    shares = [
        (sum(line in plain for line in lines) / len(lines) if lines else 0.0, page)
        for page in pages
        for plain in [_plain(page.text)]
    ]
    share, page = max(shares, key=lambda pair: pair[0])
    return page if share >= _LEAST_SHARE else None


def _count(name: str, pairs: Iterable[Pair], hit: Callable[[Pair], bool]) -> Measure:
    chosen = list(pairs)
    misses = tuple(
        f"{pair.record['id']} {pair.record['title']!r} {pair.record['doc_no']!r} {_day(pair)} → "
        f"{_of(pair).title!r} {_of(pair).document_number!r} "
        f"{_of(pair).published} {_of(pair).written} ({pair.page.name})"
        for pair in chosen
        if not hit(pair)
    )
    return Measure(name, len(chosen) - len(misses), len(chosen), misses)


def _of(pair: Pair) -> Metadata:
    return pair.page.metadata


def _number(pair: Pair) -> str:
    return pair.page.metadata.document_number


def _day(pair: Pair) -> str:
    return pair.record["publish_date"]


def _title_equal(pair: Pair) -> bool:
    return _plain(pair.record["title"]) == _plain(_of(pair).title)


def _title_equal_trimmed(pair: Pair) -> bool:
    return _trimmed(pair.record["title"]) == _trimmed(_of(pair).title)


def _title_in_page(pair: Pair) -> bool:
    return _trimmed(pair.record["title"]) in _plain(_of(pair).title + pair.page.text)


def _number_equal(pair: Pair) -> bool:
    return normalise_number(pair.record["doc_no"]) == _number(pair)


def _number_in_page(pair: Pair) -> bool:
    return _plain(pair.record["doc_no"]) in _plain(_number(pair) + pair.page.text)


def _date_equal(pair: Pair) -> bool:
    return _day(pair) in (str(_of(pair).published), str(_of(pair).written))


def _address_number(address: str) -> str:
    found = re.search(r"(\d{5,})\.s?html?$", address)
    return found[1] if found else ""


def _plain(text: str) -> str:
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    return text.translate(str.maketrans("“”‘’〈〉[]", "\"\"''<>〔〕"))


def _trimmed(title: str) -> str:
    plain = re.sub(r"\([^()]*\)$", "", _plain(title))
    plain = re.sub(r"^.{2,80}?关于(?=印发|转发|.)", "关于", plain)
    wrapped = re.fullmatch(r"关于(?:印发|公布|发布)(.+)的(?:通知|通告|公告)", plain)
    return re.sub(r"\([^()]*\)$", "", (wrapped[1] if wrapped else plain).strip("《》"))


if __name__ == "__main__":
    raise SystemExit(main())
