"""What the staff pages work with: accounts, sessions, drafts, and the corpus with internal documents."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.drafting import labels
from assistant.drafting.assemble import assemble
from assistant.drafting.checking import check_document, check_read
from assistant.drafting.document import OfficialDocument
from assistant.drafting.draft import Draft, History, QuotedSpan, Section, replace_section
from assistant.drafting.export import Exported, export, lay_out
from assistant.drafting.facts import Facts, facts_from, missing_fields
from assistant.drafting.kinds import Kind, find_kind
from assistant.drafting.pages import draw_pages
from assistant.drafting.pdf import find_libreoffice
from assistant.drafting.reading import ReadDocument
from assistant.drafting.rules.engine import Finding
from assistant.drafting.workbench import Drafted, sources, write_draft
from assistant.services import Services
from assistant.staff.accounts import Accounts, User
from assistant.staff.database import StaffDatabase
from assistant.staff.drafts import Case, Drafts
from assistant.staff.errors import RefusedError
from assistant.staff.sessions import Sessions
from assistant.staff.workflow import REGISTERED_LATER, State
from assistant.web.desk import Desk
from assistant.web.limits import RateLimiter
from corpus.documents import Access
from corpus.errors import CorpusError
from corpus.store import has_catalogue

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from assistant.chat_model import ChatModel

LOGINS_PER_MINUTE = 10  # of one address; a hall of staff behind one address still gets in
LOGINS_AT_ONCE = 20
BY_HAND = "手工："  # how the author of a section is named where a person wrote it
PAGES_KEPT = 8  # drafts whose pages are kept as pictures, about 60 KB a page
LONGEST_WAIT = 120.0  # seconds for a turn at the language model


def by_hand(draft: Draft) -> tuple[Section, ...]:
    """Return the sections that a person wrote."""
    return tuple(s for s in draft.sections if s.written_by.startswith(BY_HAND))


class StaffDesk:
    """Everything the staff pages use; `corpus` is opened with internal documents, once needed.

    The corpus of the citizens' pages is another object, which never opens the internal index.
    """

    def __init__(
        self,
        folder: Path,
        opener: Callable[[], Services],
        *,
        model: Callable[[], ChatModel | None] = lambda: None,
        logins: RateLimiter | None = None,
    ) -> None:
        """Work on a data directory.

        Args:
            folder: The data directory.
            opener: Opens the corpus with internal documents and without a model.
            model: Returns the language model that the process holds already, if any.
            logins: How many tries to log in an address has.
        """
        self.folder = folder
        self.corpus = Desk(opener, folder, internal=True)
        self.logins = logins or RateLimiter(LOGINS_PER_MINUTE, LOGINS_AT_ONCE)
        self._model = model
        self._lock = threading.Lock()
        self._database: StaffDatabase | None = None
        self._accounts: Accounts | None = None
        self._drawing = threading.Lock()
        self._pages: dict[tuple[str, int], tuple[bytes, ...]] = {}

    @property
    def database(self) -> StaffDatabase:
        """The staff database, opened on first use."""
        with self._lock:
            if self._database is None:
                self._database = StaffDatabase(self.folder)
            return self._database

    @property
    def accounts(self) -> Accounts:
        """The accounts; one object, because it holds how many hashes run at once."""
        database = self.database
        with self._lock:
            if self._accounts is None:
                self._accounts = Accounts(database)
            return self._accounts

    @property
    def sessions(self) -> Sessions:
        """The open sessions."""
        return Sessions(self.database)

    @property
    def drafts(self) -> Drafts:
        """The drafts and their log."""
        return Drafts(self.database)

    def services(self) -> Services | None:
        """Return the corpus, or None where nothing has been put in yet: a draft needs none."""
        if not has_catalogue(self.folder):
            return None
        return self.corpus.services

    def write(
        self, kind: Kind, facts: Facts, history: History | None = None, section: str = ""
    ) -> Drafted:
        """Draft a new version, whole or one section of the latest."""
        services = self.services()
        state = services.reading() if services else nullcontext()
        with self._turn() as model, state:
            return write_draft(
                kind,
                facts,
                history or History(),
                services=services,
                as_of=date.today(),
                model=model,
                section=section,
            )

    def revise(self, case: Case, kind: Kind, facts: Facts, *, keep_by_hand: bool) -> Draft:
        """Return the draft that changed facts make of the latest version.

        Where only what registration fills in has changed, every word stays. Sections written by
        hand stay where `keep_by_hand` says so, since a template or a model would overwrite them.
        """
        latest = case.latest
        names = {*latest.facts, *facts.raw}
        changed = {n for n in names if latest.facts.get(n) != facts.raw.get(n)}
        if changed and changed <= REGISTERED_LATER:
            missing = tuple(entry.name for entry in missing_fields(kind, facts))
            return replace(latest, facts=dict(facts.raw), missing=missing, changed="登记事项")
        draft = self.write(kind, facts, case.history).draft
        if not keep_by_hand:
            return draft
        present = {section.name for section in draft.sections}
        for section in by_hand(latest):
            if section.name in present:
                # Its quotes are numbered by the old basis; the new basis does not know them.
                draft = replace_section(draft, section, [])
        return replace(draft, changed="")

    def rewrite_by_hand(self, case: Case, name: str, text: str, user: User) -> Draft:
        """Return the latest version with the text of one section as a person wrote it.

        Raises:
            RefusedError: The draft has no such section, or the text is empty.
        """
        draft = case.latest
        paragraphs = tuple(line.strip() for line in text.splitlines() if line.strip())
        if all(section.name != name for section in draft.sections) or not paragraphs:
            raise RefusedError(f"没有部分 {name!r}，或文字是空的；本稿没有改动")
        joined = "\n".join(paragraphs)
        spans = [
            QuotedSpan(name, span.shown, span.basis)
            for span in draft.quoted
            if span.section == name and span.shown in joined
        ]
        return replace_section(draft, Section(name, paragraphs, f"{BY_HAND}{user.name}"), spans)

    def read(self, case: Case) -> tuple[Kind, Facts, OfficialDocument]:
        """Return the kind, the facts and the document of the latest version."""
        kind = find_kind(case.kind)
        facts = facts_from(case.latest.facts, kind)
        return kind, facts, assemble(case.latest, kind, facts)

    def findings(self, case: Case) -> tuple[Finding, ...]:
        """Return what the checker finds in the latest version."""
        kind, facts, document = self.read(case)
        known = sources(case.latest, facts)
        with self._readable() as services:
            return tuple(
                check_document(document, kind, services=services, as_of=date.today(), sources=known)
            )

    def check(self, document: ReadDocument) -> tuple[tuple[Finding, ...], bool]:
        """Return what is found in a file, and whether what it quotes was held against the corpus."""
        with self._readable() as services:
            findings = check_read(document, services=services, as_of=date.today())
            return tuple(findings), services is not None

    def title(self, draft: Draft, kind: Kind, facts: Facts) -> str:
        """Return the title that a draft prints."""
        return assemble(draft, kind, facts).title

    def internal_basis(self, draft: Draft) -> frozenset[str]:
        """Return the ids of the documents of a draft's basis that are internal.

        Where the corpus cannot be asked, none is called public: all are returned.
        """
        ids = {basis.document_id for basis in draft.basis}
        try:
            services = self.services()
        except CorpusError:
            return frozenset(ids)
        if services is None or not ids:
            return frozenset(ids)
        known = services.store.catalogue.documents_by_id(ids)
        public = {key for key, document in known.items() if document.access is Access.PUBLIC}
        return frozenset(ids - public)

    def export(self, case: Case, suffix: str, user: User, *, final: bool) -> Exported:
        """Return the latest version in a format; every export is logged before it leaves.

        Raises:
            RefusedError: A final copy is asked for before the draft is signed.
            ExportError: It cannot be made, or the log cannot be written.
        """
        if final and case.progress.state is not State.SIGNED:
            raise RefusedError("签发以后才能导出不带显式标识的定稿；现在可以导出草稿")
        document = self.read(case)[2]
        producer = os.environ.get(labels.PRODUCER_VARIABLE, labels.UNSET_PRODUCER)
        label = labels.Label(case.latest.produce_id, producer)
        exported = export(document, suffix, label, final=final)
        action = "导出定稿（去除显式标识）" if final else "导出草稿"
        labels.log_action(
            self.folder,
            action,
            user.name,
            {
                "produce_id": case.latest.produce_id,
                "kind": case.kind,
                "version": case.progress.version,
                "draft": case.id,
                "format": suffix,
            },
        )
        self.drafts.note(case.id, user, action, case.progress.version, suffix)
        return exported

    def pages(self, case: Case) -> tuple[bytes, ...]:
        """Return the pages of the latest version as they print, as PNG; none where LibreOffice lacks.

        Raises:
            ExportError: LibreOffice failed.
        """
        if find_libreoffice() is None:
            return ()
        # One at a time: two starts of LibreOffice on two cores take longer than one after another.
        with self._drawing:
            key = (case.id, case.progress.version)
            if key not in self._pages:
                document = self.read(case)[2]
                laid_out = lay_out(document, label=labels.VISIBLE, pdf=True)
                while len(self._pages) >= PAGES_KEPT:
                    del self._pages[next(iter(self._pages))]
                self._pages[key] = draw_pages(laid_out.pdf)
            return self._pages[key]

    def close(self) -> None:
        """Let go of every file."""
        self.corpus.close()
        with self._lock:
            if self._database is not None:
                self._database.close()
            self._database = self._accounts = None

    @contextmanager
    def _readable(self) -> Iterator[Services | None]:
        """Hold one state of the corpus, None where it is out: a text can be checked without."""
        try:
            services = self.services()
        except CorpusError:
            services = None
        with services.reading() if services else nullcontext():
            yield services

    @contextmanager
    def _turn(self) -> Iterator[BaseChatModel | None]:
        """Hold the model while nobody else uses it."""
        held = self._model()
        if held is None:
            yield None
        elif held.queue is None:
            yield held.model
        else:
            with held.queue.enter() as ticket:
                if not ticket.wait(LONGEST_WAIT):
                    raise RefusedError("语言模型正忙，没有起草；请过几分钟再试")
                yield held.model
