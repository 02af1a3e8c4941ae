"""What a search may be narrowed to, and which documents and clauses that leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assistant.services import Services
from corpus.documents import Document, Status
from corpus.validity import status_on

# Clauses up to which a narrowed search looks through exactly these. More are no narrow part of any
# corpus this program is made for: among the usual candidates, a few times as many, enough remain.
FEW_CLAUSES = 20_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search may be narrowed to; an empty field narrows nothing."""

    issuer: str = ""
    year: int | None = None
    status: Status | None = None
    kind: str = ""
    region: str = ""

    def admit(self, document: Document, status: Status) -> bool:
        """Say whether a document with this validity passes."""
        metadata = document.metadata
        day = metadata.written or metadata.published or metadata.effective
        return (
            (not self.issuer or self.issuer in metadata.issuer)
            and (self.year is None or (day is not None and day.year == self.year))
            and (self.status is None or status is self.status)
            and (not self.kind or self.kind == metadata.kind)
            and (not self.region or self.region in metadata.region)
        )


def admitted_documents(
    filters: Filters, services: Services, as_of: date
) -> list[tuple[Document, Status]]:
    """Return the current documents that pass and may be seen, each with its validity on a day."""
    seen = [d for d in services.store.catalogue.documents() if d.access in services.levels]
    relations = services.relations(document.id for document in seen)
    found = [(d, status_on(d, relations.get(d.id, []), as_of)) for d in seen]
    return [(document, status) for document, status in found if filters.admit(document, status)]


def admitted_clauses(filters: Filters, services: Services, as_of: date) -> frozenset[str] | None:
    """Return the ids of the clauses of what passes; None where they are more than FEW_CLAUSES."""
    documents = [document for document, _ in admitted_documents(filters, services, as_of)]
    if sum(document.chunk_count for document in documents) > FEW_CLAUSES:
        return None
    return frozenset(services.store.catalogue.chunk_ids_of(d.id for d in documents))
