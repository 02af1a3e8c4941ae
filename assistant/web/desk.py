"""The service behind the pages: its corpus opened when there is one, its health, its documents."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from assistant.answer import stream
from assistant.conversation import Extracted, Finished
from assistant.filtering import Filters, admitted_documents
from assistant.replies import AnswerStatus
from assistant.retrieval import Passage, retrieve
from assistant.services import Services
from assistant.web.documents import View
from assistant.web.limits import Pending, RateLimiter
from assistant.web.results import Choices, find_choices
from assistant.web.suggestions import Topic, suggest
from corpus.documents import Document, Status
from corpus.errors import CorpusError, UsageError
from corpus.reading import original_path
from corpus.validity import status_on

TRY_AGAIN = 2.0  # seconds between two tries to open a corpus that is not there


@dataclass(frozen=True, slots=True)
class Health:
    """Whether questions can be answered, and from what."""

    ok: bool
    reason: str = ""
    documents: int = 0
    revision: int = 0


@dataclass(slots=True)
class _Derived:
    """What is worked out of one revision of the corpus."""

    revision: int
    choices: Choices | None = None
    topics: list[Topic] | None = None


@dataclass(slots=True)
class Desk:
    """What every page and route works with; open it once a process.

    The corpus may be missing when the server starts: pages then say so, and work as soon as it is
    there. `folder` is the data directory; `internal` says that internal documents are shown.
    """

    opener: Callable[[], Services]
    folder: Path
    internal: bool = False
    limiter: RateLimiter = field(default_factory=RateLimiter)
    pending: Pending = field(default_factory=Pending)
    _services: Services | None = None
    _failure: CorpusError | None = None
    _tried: float = -TRY_AGAIN
    _derived: _Derived | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _suggesting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def services(self) -> Services:
        """What answers need.

        Raises:
            CorpusError: There is no corpus, or it cannot be used.
        """
        with self._lock:
            if self._services is not None:
                return self._services
            if self._failure and time.monotonic() - self._tried < TRY_AGAIN:
                # A new one each time: an error that is raised again grows with every raise.
                raise type(self._failure)(str(self._failure))
            self._tried = time.monotonic()
            try:
                services = self.opener()
                # Open the indexes now: the first question must not pay for it.
                _ = services.indexes
            except CorpusError as error:
                self._failure = type(error)(str(error))
                raise
            self._services, self._failure = services, None
            return services

    @property
    def generated(self) -> bool:
        """Say whether a language model writes here."""
        return self._services is not None and self._services.model is not None

    def health(self) -> Health:
        """Say whether questions can be answered now."""
        try:
            services = self.services
            stats = services.store.catalogue.stats()
            revision = services.store.catalogue.revision()
        except CorpusError as error:
            return Health(False, str(error))
        documents = sum(stats[level]["documents"] for level in services.levels)
        if not documents:
            return Health(False, "还没有导入文件；先运行：python -m corpus sync 文件夹")
        return Health(True, documents=documents, revision=revision)

    def documents(self) -> list[Document]:
        """Return the current documents that may be seen."""
        services = self.services
        return [
            document
            for level in services.levels
            for document in services.store.catalogue.documents(access=level)
        ]

    def document(self, document_id: str) -> Document:
        """Return a document that may be seen, also one of an earlier version.

        Raises:
            UsageError: There is none, or it is not for these eyes; the two look the same.
        """
        services = self.services
        services.store.catalogue.refresh()  # a repeal that another process wrote holds at once
        found = services.store.catalogue.documents_by_id([document_id]).get(document_id)
        # An earlier version stays readable for the citations already given, but only while a
        # current one may be seen: what was taken out or made internal is gone.
        if found is None or found.access not in services.levels or self._current(found) is None:
            raise UsageError("没有这份文件。")
        return found

    def _current(self, document: Document) -> Document | None:
        """Return the version of a document that may be seen now."""
        services = self.services
        versions = services.store.catalogue.versions_of([document.source])
        return next(
            (
                version
                for version in versions.get(document.source, [])
                if version.current and version.access in services.levels
            ),
            None,
        )

    def search(self, query: str, filters: Filters, *, as_of: date, limit: int) -> list[Passage]:
        """Return passages for a query, from one finished state of the corpus."""
        services = self.services
        narrowed = filters if filters != Filters() else None
        with services.reading():
            return retrieve(query, services, as_of=as_of, filters=narrowed, limit=limit)

    def listed(
        self, filters: Filters, *, as_of: date, limit: int
    ) -> tuple[list[tuple[Document, Status]], int]:
        """Return the newest documents that pass, each with its validity, and how many pass."""
        services = self.services
        with services.reading():
            found = admitted_documents(filters, services, as_of)
        found.sort(key=lambda one: _day_of(one[0]), reverse=True)
        return found[:limit], len(found)

    def view(self, document_id: str, day: date) -> View:
        """Return a document as it is on a day.

        Raises:
            UsageError: There is none, or it is not for these eyes.
        """
        document = self.document(document_id)
        services = self.services
        relations = services.relations([document.id]).get(document.id, [])
        newer = services.documents(r.newer for r in relations if r.newer)
        return View(
            document=document,
            text=services.store.catalogue.text(document.id),
            chunks=tuple(services.store.catalogue.chunks_of(document.id)),
            status=status_on(document, relations, day),
            successor=next(iter(newer.values()), None),
            current=None if document.current else self._current(document),
        )

    def original(self, document_id: str) -> tuple[Document, Path]:
        """Return a document and the untouched file it was read from.

        Raises:
            UsageError: There is no such document, or its file is not kept.
        """
        document = self.document(document_id)
        suffix = Path(document.source).suffix
        path = original_path(self.services.store.originals, document.sha256, suffix)
        if not path.is_file():
            raise UsageError("这份文件没有保存原件。")
        return document, path

    def choices(self) -> Choices:
        """Return what a search can be narrowed to."""
        derived = self._of_this_revision()
        if derived.choices is None:
            derived.choices = find_choices(self.documents())
        return derived.choices

    def topics(self) -> Sequence[Topic]:
        """Return questions to suggest, each answered by this corpus."""
        derived = self._of_this_revision()
        with self._suggesting:
            if derived.topics is None:
                chunks_of = self.services.store.catalogue.chunks_of
                derived.topics = suggest(self.documents(), chunks_of, self._status_of)
            return derived.topics

    def _of_this_revision(self) -> _Derived:
        revision = self.services.store.catalogue.revision()
        with self._lock:
            if self._derived is None or self._derived.revision != revision:
                self._derived = _Derived(revision)
            return self._derived

    def _status_of(self, question: str) -> AnswerStatus:
        """Return how a question ends by the documents alone; a model is not troubled for it."""
        for event in stream(question, self.services, as_of=date.today()):
            if isinstance(event, Extracted | Finished):
                return event.answer.status
        raise AssertionError("a stream without an answer")

    def close(self) -> None:
        """Let go of every file."""
        with self._lock:
            if self._services is not None:
                self._services.close()
                self._services = None


def _day_of(document: Document) -> date:
    """Return the day by which documents are listed."""
    metadata = document.metadata
    return metadata.published or metadata.written or metadata.effective or date.min
