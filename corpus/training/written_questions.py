"""Questions written for training, each with the clause of a public text that answers it.

`questions/*.jsonl` name the text by its file below a folder of public documents (laws, regulations,
pages of a city; not kept here), the clause by its locator, and where in it the answer stands. A near
miss is a question about the subject of a text that the text does not answer.

`python -m corpus.training.written_questions --documents DIR --out FILE` writes them as pairs for
the embedder.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.console import say
from corpus.documents import Access, Chunk, digest
from corpus.errors import UsageError
from corpus.index import index_text
from corpus.reading import read_file

FOLDER = Path(__file__).parent / "questions"
SOURCE = "written_questions"  # the name of these pairs among the data sets of the embedder
# Questions about one clause in pairs: one that it answers, one that nothing in its text does. They came
# last; what was trained before them names the others.
CONTRASTS = "contrasts"
BEFORE_CONTRASTS = ("city_documents", "laws", "regulations")
PARTS = 4  # the questions about one text in so many are held out


@dataclass(frozen=True, slots=True)
class WrittenQuestion:
    """A question about a text: the locators of the clauses that answer, none for a near miss.

    `occurrence` counts the clauses that share the first locator (an annex counts anew); `answer` is
    where in the first clause the answer stands (start, end), (0, 0) where it was not noted.
    """

    question: str
    file: str
    locators: tuple[str, ...] = ()
    occurrence: int = 0
    answer: tuple[int, int] = (0, 0)


def read_questions(*names: str, folder: Path = FOLDER) -> list[WrittenQuestion]:
    """Read the questions of some files, named without their ending, in that order."""
    found = []
    for name in names:
        for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            start, end = row.get("answer", (0, 0))
            found.append(
                WrittenQuestion(
                    row["question"],
                    row["file"],
                    tuple(row.get("locators", ())),
                    row.get("occurrence", 0),
                    (start, end),
                )
            )
    return found


def held_out(asked: WrittenQuestion) -> bool:
    """Say whether a question is kept from the sentence encoder: all questions about some texts are.

    What is fitted on top of a model must be fitted to questions that the model has not seen.
    """
    return zlib.crc32(asked.file.encode()) % PARTS == 0


def right_clauses(asked: WrittenQuestion, clauses: Iterable[Chunk]) -> list[Chunk]:
    """Return the clauses of its text that answer a question, the one that holds the answer first.

    Empty for a near miss, and where the text is read otherwise than when the question was written.
    """
    if not asked.locators:
        return []
    by_locator: dict[str, list[Chunk]] = defaultdict(list)
    for clause in clauses:
        by_locator[clause.locator].append(clause)
    first, *others = asked.locators
    right = by_locator[first][asked.occurrence : asked.occurrence + 1]
    return right + [clause for locator in others for clause in by_locator[locator][:1]]


def by_file(questions: Iterable[WrittenQuestion]) -> dict[str, list[WrittenQuestion]]:
    """Group questions by their text."""
    grouped: dict[str, list[WrittenQuestion]] = defaultdict(list)
    for asked in questions:
        grouped[asked.file].append(asked)
    return dict(grouped)


def written_pairs(
    documents: Path, grouped: Mapping[str, Sequence[WrittenQuestion]]
) -> Iterator[tuple[str, str]]:
    """Yield (question, the clause as it is embedded) for every question that a text answers.

    Raises:
        UsageError: A text is not below `documents`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        for file, questions in grouped.items():
            path = documents / file
            if not path.is_file():
                raise UsageError(f"{path}: the questions are about this text, and it is not there")
            read = read_file(path, digest(path.read_bytes()), Access.PUBLIC, None, Path(scratch))
            for asked in questions:
                for clause in right_clauses(asked, read.chunks):
                    yield asked.question, index_text(clause, read.metadata.title)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pairs as gzipped JSON lines."""
    parser = argparse.ArgumentParser(prog="python -m corpus.training.written_questions")
    parser.add_argument("--documents", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    count = 0
    with gzip.open(options.out, "wt", encoding="utf-8") as lines:
        for question, clause in written_pairs(
            options.documents, by_file(read_questions(*BEFORE_CONTRASTS))
        ):
            row = {"query": question, "positive": clause, "source": SOURCE}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    say(f"{count} pairs in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
