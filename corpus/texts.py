"""Documents that come as text rather than as files: benchmarks, training pools, other systems."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

from corpus.chunking import chunk
from corpus.documents import Access, Block, Document, Metadata, digest, document_id
from corpus.ingest import BATCH_CHUNKS, mend, write_batch
from corpus.rows import NewDocument
from corpus.store import Store


@dataclass(frozen=True, slots=True)
class TextDocument:
    """A document as a name of its own, a title (may be empty) and a text."""

    source: str
    title: str
    text: str


def add_texts(store: Store, texts: Iterable[TextDocument], access: Access = Access.PUBLIC) -> int:
    """Add documents to the corpus; return the number of chunks written."""
    written = 0
    with store.writing():
        mend(store)
        store.index(access)
        store.catalogue.set_state(dirty="1")
        store.remember_embedder(access)
        batch: list[NewDocument] = []
        waiting = 0
        for text in texts:
            new = _new_document(text, access)
            batch.append(new)
            waiting += len(new.chunks)
            if waiting >= BATCH_CHUNKS:
                write_batch(store, batch)
                written, batch, waiting = written + waiting, [], 0
        if batch:
            write_batch(store, batch)
        store.finish_writing()
        store.catalogue.refresh_relations()
        store.catalogue.set_state(dirty="0")
    return written + waiting


def _new_document(given: TextDocument, access: Access) -> NewDocument:
    lines = [line.strip() for line in given.text.splitlines()]
    text = "\n".join(line for line in lines if line)
    blocks: list[Block] = []
    start = 0
    for line in text.split("\n"):
        blocks.append(Block(start, start + len(line)))
        start += len(line) + 1
    title = given.title or _title_of(text)
    sha256 = digest(f"{given.title}\0{text}".encode())
    identity = document_id(given.source, sha256, access, "text")
    chunks = tuple(chunk(identity, text, blocks)) if text else ()
    document = Document(
        id=identity,
        source=given.source,
        version=1,
        current=True,
        access=access,
        sha256=sha256,
        media_type="text/plain",
        metadata=Metadata(title=title),
        added=time.time(),
        chunk_count=len(chunks),
    )
    return NewDocument(document, text, chunks, "text")


def _title_of(text: str) -> str:
    """Return the words before the first break of a text where they are short enough for a title."""
    opening = re.split(r"\s", text.strip(), maxsplit=1)[0]
    return opening if 6 <= len(opening) <= 80 and not re.search(r"[。；！？]", opening) else ""
