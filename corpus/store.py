"""The data directory: where everything is kept, who may write to it, and how its parts open."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.catalogue import Catalogue
from corpus.documents import Access
from corpus.embedding import Embedder, open_embeddings
from corpus.errors import IndexMismatchError, StorageError, UsageError
from corpus.everyday import load_lexicon
from corpus.folders import make_private
from corpus.index import Index, remove_index
from corpus.spelling import Spelling
from corpus.tokens import without_asking, words

DATA_DIR_VARIABLE = "ASSISTANT_DATA_DIR"
CATALOGUE_URL_VARIABLE = "ASSISTANT_CATALOGUE_URL"
EMBEDDINGS_VARIABLE = "ASSISTANT_EMBEDDINGS"
EMBEDDINGS_KEY_VARIABLE = "ASSISTANT_EMBEDDINGS_API_KEY"
CATALOGUE_FILE = "catalogue.db"
LAYOUT_VERSION = "1"  # raise it when what is embedded or indexed for a chunk changes


class Store:
    """One data directory: `catalogue.db`, `index/<access>/`, `originals/`."""

    def __init__(
        self, folder: Path, embedder: Embedder, *, catalogue_url: str | None = None
    ) -> None:
        """Open a data directory, creating it where there is none.

        Raises:
            StorageError: The folder cannot be created or its database cannot be used.
        """
        self.folder = folder
        self.embedder = embedder
        try:
            # Internal documents lie here: no other account of the machine reads them.
            make_private(folder)
        except OSError as error:
            raise StorageError(
                f"数据目录 {str(folder)!r} 无法建立：{error.strerror}；"
                f"请检查权限，或用 {DATA_DIR_VARIABLE} 另指定目录"
            ) from error
        self.catalogue = Catalogue(catalogue_url or folder / CATALOGUE_FILE)
        self._indexes: dict[Access, Index] = {}
        self._spelling: dict[tuple[Access, ...], tuple[int, Spelling]] = {}

    @property
    def originals(self) -> Path:
        """Where the untouched files are kept, by digest."""
        return self.folder / "originals"

    def index_folder(self, access: Access) -> Path:
        """Return the folder of an access level's index; the citizens' process opens only its own."""
        return self.folder / "index" / access

    def index(self, access: Access) -> Index:
        """Return the index of an access level, opened once.

        Raises:
            IndexMismatchError: It was built by another embedder or program version.
        """
        if access not in self._indexes:
            self._check_embedder(access)
            self._indexes[access] = Index(self.index_folder(access), self.embedder)
        return self._indexes[access]

    def drop_index(self, access: Access) -> None:
        """Delete the index of an access level; it is made again from the catalogue."""
        self._indexes.pop(access, None)
        remove_index(self.index_folder(access))

    def spelling(self, levels: tuple[Access, ...]) -> Spelling:
        """Return the words of titles and of everyday speech by their sound, for the present corpus.

        Only titles of the levels given: a correction must not tell what an internal document is on.
        """
        revision = self.catalogue.revision()
        if revision not in (known[0] for known in self._spelling.values()):
            self._spelling.clear()
        if levels not in self._spelling:
            everyday = [w for word, forms in load_lexicon().items() for w in (word, *forms)]
            vocabulary = dict.fromkeys(word for word in everyday if without_asking(word) == word)
            for document in self.catalogue.documents():
                if document.access in levels:
                    vocabulary |= dict.fromkeys(words(document.metadata.title))
            self._spelling[levels] = revision, Spelling(vocabulary)
        return self._spelling[levels][1]

    def index_signature(self) -> str:
        """Return what an index remembers of how it was built."""
        return f"{LAYOUT_VERSION}:{self.embedder.dimension}:{self.embedder.digest}"

    def remember_embedder(self, access: Access) -> None:
        """Note that the index of an access level is built by this embedder."""
        self.catalogue.set_state(
            **{f"index:{access}": self.index_signature(), f"embedder:{access}": self.embedder.name}
        )

    def _check_embedder(self, access: Access) -> None:
        built = self.catalogue.get_state(f"index:{access}")
        if built is not None and built != self.index_signature():
            name = self.catalogue.get_state(f"embedder:{access}") or "?"
            now = self.embedder.name
            raise IndexMismatchError(
                f"{access} 索引由向量模型 {name!r} 建立，"
                f"与现在的{'同名模型版本' if name == now else f' {now!r} '}不一致；"
                "请运行：python -m corpus rebuild"
            )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the right to write; a second writer is told to wait.

        The lock lies on an open file, so it ends with the process, however that ends.
        """
        path = self.folder / "write.lock"
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StorageError(f"数据目录 {str(self.folder)!r} 不可写：{error.strerror}") from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise StorageError(
                    f"数据目录 {str(self.folder)!r} 正被另一个导入进程使用；请等它结束后重试"
                ) from error
            yield
        finally:
            os.close(handle)

    def finish_writing(self) -> None:
        """Commit every open index, settle its graph and give its write lock back."""
        for index in self._indexes.values():
            index.words.close()
            index.vectors.settle()

    def close(self) -> None:
        """Let go of every file."""
        for index in self._indexes.values():
            index.close()
        self._indexes.clear()
        self.catalogue.close()


def open_store(folder: Path, embeddings: str | None = None) -> Store:
    """Open a data directory with the embedder and the database that the settings name."""
    spec = embeddings or os.environ.get(EMBEDDINGS_VARIABLE) or "static"
    url = os.environ.get(CATALOGUE_URL_VARIABLE) or None
    key = os.environ.get(EMBEDDINGS_KEY_VARIABLE, "")
    return Store(folder, open_embeddings(spec, api_key=key), catalogue_url=url)


def has_catalogue(folder: Path) -> bool:
    """Say whether something was ever put into a data directory, without opening it."""
    return bool(os.environ.get(CATALOGUE_URL_VARIABLE)) or (folder / CATALOGUE_FILE).exists()


def data_folder(given: Path | None) -> Path:
    """Return the data directory: the argument, else ASSISTANT_DATA_DIR, else ./data."""
    return given or Path(os.environ.get(DATA_DIR_VARIABLE) or "data")


def parse_access(word: str) -> Access:
    """Return the access level of a word.

    Raises:
        UsageError: There is no such level.
    """
    try:
        return Access(word)
    except ValueError:
        raise UsageError(f"没有公开级别 {word!r}；可用：public internal") from None
