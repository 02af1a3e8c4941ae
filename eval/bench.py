"""A data set with its documents opened for asking: services by access level, names, withholding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.services import Services, open_services
from corpus.documents import Access, Document
from eval.indexes import name_of
from eval.normalise import characters
from eval.samples import DataSet, Sample
from eval.scorers.places import Found
from eval.withholding import MANY, withhold

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

NO_MODEL = "none"
TELLING = 8  # characters from which on an answer is not found by chance
PIECE = 12  # characters; a run this long that only internal documents hold is a leak when shown


class Bench:
    """What a task asks; each process has its own."""

    def __init__(
        self, data: DataSet, folder: Path, *, model: str = NO_MODEL, judge: str = NO_MODEL
    ) -> None:
        """Name the data set, the data directory of its index and models; nothing is opened yet.

        `model` writes the answers and `judge` grades them: `none`, a .gguf file, or
        `http://host/v1#name`.
        """
        self.data = data
        self.folder = folder
        self._model = model
        self._judge = judge
        self._opened: dict[Access, Services] = {}

    def services(self, access: Access) -> Services:
        """Return what people of an access level are answered with, opened once."""
        if access not in self._opened:
            # One model for all levels: a second copy would take its memory again.
            other = next(iter(self._opened.values()), None)
            spec = self._model if other is None else NO_MODEL
            services = open_services(self.folder, access=access, model=spec)
            self._opened[access] = replace(services, model=other.model) if other else services
        return self._opened[access]

    def without_answers(self, sample: Sample) -> Services:
        """Return what would answer if the documents that answer a sample had never been there."""
        ids = {key for name in sample.relevant for key in self._ids_by_name.get(name, ())}
        return withhold(self.services(sample.access), ids)

    def name(self, document: Document) -> str:
        """Return how the data set names a document."""
        return name_of(document.source, self.data)

    def document(self, document_id: str) -> Document:
        """Return the document of an id, whatever its access level."""
        return self._documents[document_id]

    def clauses(self, sample: Sample) -> list[Found]:
        """Return every clause of the documents that answer a sample."""
        ids = [key for name in sample.relevant for key in self._ids_by_name.get(name, ())]
        catalogue = self.services(sample.access).store.catalogue
        return [
            Found(self.name(self._documents[key]), chunk.locator, chunk.text)
            for key in ids
            for chunk in catalogue.chunks_of(key)
        ]

    def answered_elsewhere(self, sample: Sample) -> bool:
        """Say whether a right answer stands word for word in a document that is not noted as relevant.

        Short answers (“可以”, a lone number) are left out: they stand anywhere. So are large corpora.
        """
        answers = [a for a in map(characters, sample.answers) if len(a) >= TELLING]
        return any(
            answer in text
            for name, text in self._plain_texts.items()
            if name not in sample.relevant
            for answer in answers
        )

    def shows_internal(self, text: str) -> bool:
        """Say whether a text has a run of PIECE characters that only internal documents hold."""
        return not self._internal_pieces.isdisjoint(_pieces(text))

    @cached_property
    def judge(self) -> BaseChatModel | None:
        """What grades the answers; None unless a model was named."""
        if self._judge == NO_MODEL:
            return None
        from assistant.runtime import open_model  # LangChain takes a second to import

        opened = open_model(self._judge)
        return opened.model if opened else None

    def close(self) -> None:
        """Let go of every file."""
        for services in self._opened.values():
            services.close()
        self._opened.clear()

    @cached_property
    def _documents(self) -> dict[str, Document]:
        catalogue = self.services(Access.PUBLIC).store.catalogue
        return {document.id: document for document in catalogue.documents(current=None)}

    @cached_property
    def _plain_texts(self) -> dict[str, str]:
        if len(self._documents) > MANY:
            return {}
        catalogue = self.services(Access.PUBLIC).store.catalogue
        current = [d for d in self._documents.values() if d.current]
        return {self.name(d): characters(catalogue.text(d.id)) for d in current}

    @cached_property
    def _ids_by_name(self) -> dict[str, list[str]]:
        by_name: dict[str, list[str]] = defaultdict(list)
        for document in self._documents.values():
            by_name[self.name(document)].append(document.id)
        return by_name

    @cached_property
    def _internal_pieces(self) -> frozenset[str]:
        internal = [d.id for d in self._documents.values() if d.access is Access.INTERNAL]
        if not internal:
            return frozenset()
        others = [d.id for d in self._documents.values() if d.access is Access.PUBLIC]
        return self._pieces_of(internal) - self._pieces_of(others)

    def _pieces_of(self, ids: Iterable[str]) -> frozenset[str]:
        catalogue = self.services(Access.PUBLIC).store.catalogue
        return frozenset(piece for key in ids for piece in _pieces(catalogue.text(key)))


def _pieces(text: str) -> set[str]:
    plain = "".join(text.split())
    return {plain[start : start + PIECE] for start in range(len(plain) - PIECE + 1)}
