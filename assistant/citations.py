"""Quotes → citations that code resolved: document, place, span, validity; never text of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.extractive import Quote
from assistant.services import Services
from corpus.documents import Status


@dataclass(frozen=True, slots=True)
class Citation:
    """A span of a stored document: `quote == text[start:end]` of the document's text.

    `locator` is the place as a person would write it; `source` is the address it was published at,
    else the name of its file;
    `page` is its page in a paged format; `ended_by` is the title of the document that took its
    place, if one did; `heading` is what stands above the clause, empty where nothing does.
    """

    number: int
    document_id: str
    title: str
    document_number: str
    issuer: str
    status: Status
    locator: str
    quote: str
    start: int
    end: int
    source: str
    page: int | None = None
    effective: str = ""
    published: str = ""
    ended_by: str = ""
    heading: str = ""


def cite(quotes: Sequence[Quote], services: Services) -> list[Citation]:
    """Resolve each quote against the stored text, in order; one that is not there is left out."""
    citations: list[Citation] = []
    for quote in quotes:
        document = quote.passage.document
        text = services.store.catalogue.text(document.id)
        if text[quote.start : quote.end] != quote.text or not quote.text:
            continue
        metadata = document.metadata
        citations.append(
            Citation(
                number=len(citations) + 1,
                document_id=document.id,
                title=metadata.title,
                document_number=metadata.document_number,
                issuer=metadata.issuer,
                status=quote.passage.status,
                locator=quote.passage.chunk.locator,
                quote=quote.text,
                start=quote.start,
                end=quote.end,
                # No path of this machine: an answer goes to anyone.
                source=metadata.source_url or Path(document.source).name,
                page=quote.passage.chunk.page,
                effective=str(metadata.effective or ""),
                published=str(metadata.published or metadata.written or ""),
                ended_by=_successor(quote, services),
                heading=quote.passage.chunk.heading_path[-1]
                if quote.passage.chunk.heading_path
                else "",
            )
        )
    return citations


def _successor(quote: Quote, services: Services) -> str:
    newer = services.documents(r.newer for r in quote.passage.ended_by if r.newer)
    return next((document.metadata.title for document in newer.values()), "")
