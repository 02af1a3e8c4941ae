"""Staff and citizens in one process: what staff may see never reaches the citizens' pages."""

from __future__ import annotations

import asyncio
import io
import os
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import docx
import pytest
from fastapi.testclient import TestClient

from assistant.services import open_services
from assistant.staff.desk import StaffDesk
from assistant.web.desk import Desk
from assistant.web.gate import Application
from assistant.web.limits import RateLimiter
from corpus.documents import Access
from tests.assistant.staff.conftest import Person
from ui import web_application


@pytest.fixture
def citizens(sample: Path) -> Iterator[Desk]:
    desk = Desk(partial(open_services, sample), sample, limiter=RateLimiter(0))
    yield desk
    desk.close()


@pytest.fixture
def client(citizens: Desk, desk: StaffDesk) -> Iterator[TestClient]:
    async def build() -> Application:
        # The chat framework makes event loops of its own, and leaves them open, where none runs.
        return web_application(citizens, desk)

    yield TestClient(asyncio.run(build()), raise_server_exceptions=False, follow_redirects=False)


def test_internal_documents_are_open_to_staff_alone(
    client: TestClient, citizens: Desk, desk: StaffDesk
) -> None:
    assert client.get("/staff").status_code == 303
    assert not (desk.folder / "index").exists() and desk.corpus._services is None
    person = Person(client)
    assert person.log_in("起草人甲").status_code == 303
    store = desk.corpus.services.store
    (document, *_) = store.catalogue.documents(access=Access.INTERNAL)
    title = document.metadata.title
    assert title in person.get(f"/staff/api/basis?q={title}").json()["html"]
    page = person.get(f"/staff/documents/{document.id}")
    assert (
        page.status_code == 200 and "script-src 'self'" in page.headers["content-security-policy"]
    )
    # With the very same cookies: the citizens' side neither shows nor opens it.
    for path in (f"/documents/{document.id}", f"/api/documents/{document.id}"):
        assert person.get(path).status_code == 404
    assert title not in person.get(f"/search?q={title}").text.replace(f'value="{title}"', "")
    assert title not in person.get(f"/api/search?q={title}").text
    assert citizens.services.levels == (Access.PUBLIC,)
    assert set(citizens.services.store._indexes) == {Access.PUBLIC}


def test_the_gate_lets_large_files_in_only_where_a_form_takes_one(client: TestClient) -> None:
    person = Person(client)
    person.log_in("起草人甲")
    text = ("关于放假的通知\n" + "请注意安全。\n" * 60_000).encode()
    sent = {"file": ("大.txt", text)}
    assert len(text) > 1024 * 1024
    checked = client.post("/staff/check", data={"token": person.token}, files=sent)
    assert checked.status_code == 200
    for path in ("/staff/drafts/x/sections", "/api/ask", "/staff/login"):
        refused = client.post(path, data={"token": person.token}, files=sent)
        assert refused.status_code == 413
    # A form without a file is as small as everywhere: its fields are no way around the limit.
    for path in ("/staff/check", "/staff/drafts/new?kind=通知"):
        refused = client.post(path, data={"token": person.token, "缘由": "长" * 200_000})
        assert refused.status_code == 413
    huge = {"file": ("大.txt", b"x" * (11 * 1024 * 1024))}
    answer = client.post("/staff/check", data={"token": person.token}, files=huge)
    assert answer.status_code == 413
    assert answer.headers["content-type"].startswith("text/html")
    assert "不能超过 10 MB" in answer.text
    form = client.get("/staff/check").text
    assert 'data-largest="10485760"' in form and "文件超过 10 MB" in form


def test_a_proposal_with_pictures_is_answered_and_its_draft_changed(client: TestClient) -> None:
    person = Person(client)
    person.log_in("起草人甲")
    word = docx.Document()
    for line in ("一、关于“降低用算成本”的建议", "建议发放算力券。"):
        word.add_paragraph(line)
    buffer = io.BytesIO()
    word.save(buffer)
    with zipfile.ZipFile(buffer, "a") as archive:  # as large as one with scans in it
        archive.writestr("word/media/scan.png", os.urandom(1024 * 1024))
    sent = {"upload": ("提案.docx", buffer.getvalue())}
    made = client.post("/staff/drafts/new?kind=提案答复", data={"token": person.token}, files=sent)
    assert made.status_code == 303, made.text
    draft = made.headers["location"]
    assert "关于“降低用算成本”的建议" in client.get(draft).text
    changed = client.post(
        f"{draft}/edit", data={"token": person.token, "based_on": "1"}, files=sent
    )
    assert changed.status_code == 303, changed.text
