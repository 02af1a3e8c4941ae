"""What an answer needs, opened once: the corpus of one access level, the ranker, the replies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assistant.chat_model import ChatModel
from assistant.replies import Replies, load_replies
from corpus.documents import Access, Chunk, Document
from corpus.errors import UsageError
from corpus.index import Index
from corpus.ranking import Ranker
from corpus.store import Store, open_store
from corpus.validity import Relation


@dataclass(slots=True)
class Services:
    """Everything the steps of an answer may use.

    `levels` are the access levels this process may see: a citizens' process holds the public one
    alone and never opens the other's index. Without a `model`, answers are verbatim quotes.
    """

    store: Store
    levels: tuple[Access, ...]
    ranker: Ranker
    replies: Replies
    model: ChatModel | None = None

    @property
    def indexes(self) -> tuple[Index, ...]:
        """The indexes of the levels that may be seen."""
        return tuple(self.store.index(level) for level in self.levels)

    def chunks(self, ids: Iterable[str]) -> dict[str, Chunk]:
        """Return chunks by id."""
        return self.store.catalogue.chunks(ids)

    def documents(self, ids: Iterable[str]) -> dict[str, Document]:
        """Return documents by id, those outside the allowed levels left out."""
        found = self.store.catalogue.documents_by_id(ids)
        return {key: document for key, document in found.items() if document.access in self.levels}

    def relations(self, ids: Iterable[str]) -> dict[str, list[Relation]]:
        """Return what ends each document."""
        return self.store.catalogue.relations_of(ids)

    def close(self) -> None:
        """Let go of every file."""
        self.store.close()


def open_services(
    folder: Path,
    *,
    access: Access = Access.PUBLIC,
    embeddings: str | None = None,
    model: str | None = None,
) -> Services:
    """Open the corpus for people of an access level; staff (internal) also see what is public.

    Raises:
        UsageError: The data directory holds no documents yet, or the model has no known form.
        CorpusError: It cannot be used.
    """
    if not (folder / "catalogue.db").exists():
        raise UsageError(
            f"数据目录 {str(folder)!r} 里还没有文件；先导入：python -m corpus sync corpus/sample/files/public"
        )
    if model not in (None, "none"):
        raise UsageError(f"不认识语言模型设置 {model!r}；可用：none")
    levels = (Access.PUBLIC,) if access is Access.PUBLIC else (Access.PUBLIC, Access.INTERNAL)
    return Services(open_store(folder, embeddings), levels, Ranker(), load_replies())
