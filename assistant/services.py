"""What an answer needs, opened once: the corpus of one access level, the ranker, rules and words."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from assistant.chat_model import ChatModel
from assistant.prompting import Prompt, load_prompt
from assistant.regions import Places, load_places
from assistant.replies import PROMPTS, Replies, load_replies
from assistant.rules import Rules, load_rules
from assistant.settings import MODEL_VARIABLE
from assistant.snapshot import Snapshot
from corpus.documents import Access, Chunk, Document
from corpus.errors import UsageError
from corpus.index import Index
from corpus.ranking import Ranker
from corpus.sentence_encoder import SentenceEncoder
from corpus.store import Store, has_catalogue, open_store
from corpus.validity import Relation


@dataclass(frozen=True, slots=True)
class Guides:
    """What is kept as data in `prompts/`: rules of screening and routing, places, replies, prompts."""

    screening: Rules
    routing: Rules
    places: Places
    replies: Replies
    prompts: Mapping[str, Prompt]


@dataclass(slots=True)
class Services:
    """Everything the steps of an answer may use.

    `levels` are the access levels this process may see: a citizens' process holds the public one
    alone and never opens the other's index. Without a `model`, answers are verbatim quotes.
    """

    store: Store
    levels: tuple[Access, ...]
    ranker: Ranker
    reader: SentenceEncoder
    guides: Guides
    model: ChatModel | None = None
    _snapshot: Snapshot = field(init=False)
    _regions: tuple[int, frozenset[str]] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Open the state of the corpus that is finished now."""
        for level in self.levels:
            self.store.index(level)  # opened here: two threads that both do it later would collide
        self._snapshot = Snapshot(self._finished_revision, self._reopen)

    @property
    def replies(self) -> Replies:
        """What is said for each ending."""
        return self.guides.replies

    @property
    def indexes(self) -> tuple[Index, ...]:
        """The indexes of the levels that may be seen."""
        return tuple(self.store.index(level) for level in self.levels)

    @contextmanager
    def reading(self) -> Iterator[int]:
        """Hold one finished state of the corpus and yield its revision; not to be nested.

        What another process finished since the last question is opened first. While a sync runs,
        the state before it stays open; documents that it has already replaced are not seen at all.
        """
        with self._snapshot.reading() as revision:
            yield revision

    def regions(self, revision: int) -> frozenset[str]:
        """Return the regions of the documents that may be seen, for a state of the corpus."""
        if self._regions is None or self._regions[0] != revision:
            documents = self.store.catalogue.documents()
            held = {d.metadata.region for d in documents if d.access in self.levels}
            self._regions = (revision, frozenset(held - {""}))
        return self._regions[1]

    def chunks(self, ids: Iterable[str]) -> dict[str, Chunk]:
        """Return chunks by id."""
        return self.store.catalogue.chunks(ids)

    def documents(self, ids: Iterable[str]) -> dict[str, Document]:
        """Return current documents by id, those outside the allowed levels left out."""
        found = self.store.catalogue.documents_by_id(ids)
        return {
            key: document
            for key, document in found.items()
            if document.current and document.access in self.levels
        }

    def relations(self, ids: Iterable[str]) -> dict[str, list[Relation]]:
        """Return what ends each document."""
        return self.store.catalogue.relations_of(ids)

    def close(self) -> None:
        """Let go of every file."""
        self.store.close()

    def _finished_revision(self, open_now: int) -> int:
        """Return the newest revision, or the open one while another process is writing."""
        if self.store.catalogue.get_state("dirty") == "1":
            return open_now
        return self.store.catalogue.revision()

    def _reopen(self) -> None:
        for index in self.indexes:
            index.reload()


def load_guides() -> Guides:
    """Read and check everything kept as data in `prompts/`.

    Raises:
        ValueError: A file has a hole, an unknown entry or a broken pattern.
    """
    guides = Guides(
        screening=load_rules(PROMPTS / "screening.yaml"),
        routing=load_rules(PROMPTS / "routing.yaml"),
        places=load_places(PROMPTS / "places.yaml"),
        replies=load_replies(),
        prompts={name: load_prompt(name) for name in ("answer", "rewrite")},
    )
    for rule in (*guides.screening.rules, *guides.routing.rules):
        guides.replies.named(rule.name)
    return guides


def open_services(
    folder: Path,
    *,
    access: Access = Access.PUBLIC,
    embeddings: str | None = None,
    model: str | None = None,
) -> Services:
    """Open the corpus for people of an access level; staff (internal) also see what is public.

    Args:
        folder: The data directory.
        access: Who asks.
        embeddings: The embedder the index was built with; None takes ASSISTANT_EMBEDDINGS.
        model: `none`, a .gguf file or `http://host/v1#name`; None takes ASSISTANT_MODEL.

    Raises:
        UsageError: The data directory holds no documents yet.
        ModelError: The model has no known form or cannot be loaded.
        CorpusError: It cannot be used.
    """
    if not has_catalogue(folder):
        raise UsageError(
            f"数据目录 {str(folder)!r} 里还没有文件；先导入：python -m corpus sync corpus/sample/files/public"
        )
    levels = (Access.PUBLIC,) if access is Access.PUBLIC else (Access.PUBLIC, Access.INTERNAL)
    return Services(
        open_store(folder, embeddings),
        levels,
        Ranker(),
        SentenceEncoder(),
        _guides(),
        _open_model(model),
    )


def _guides() -> Guides:
    try:
        return load_guides()
    except (ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{str(PROMPTS)!r} 里的文件有误：{reason}；请改正后重试") from error


def _open_model(spec: str | None) -> ChatModel | None:
    chosen = spec or os.environ.get(MODEL_VARIABLE) or "none"
    if chosen == "none":
        return None
    from assistant.runtime import open_model  # LangChain takes a second to import

    return open_model(chosen)
