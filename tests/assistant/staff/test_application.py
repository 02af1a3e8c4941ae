"""Staff and citizens in one process: what staff may see never reaches the citizens' pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path

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


def test_the_gate_lets_large_files_in_only_to_be_checked(client: TestClient) -> None:
    person = Person(client)
    person.log_in("起草人甲")
    text = ("关于放假的通知\n" + "请注意安全。\n" * 40_000).encode()
    sent = {"file": ("大.txt", text)}
    assert len(text) > 700_000
    checked = client.post("/staff/check", data={"token": person.token}, files=sent)
    assert checked.status_code == 200
    for path in ("/staff/drafts/new?kind=通知", "/api/ask", "/staff/login"):
        refused = client.post(path, data={"token": person.token}, files=sent)
        assert refused.status_code == 413
    huge = {"file": ("大.txt", b"x" * (11 * 1024 * 1024))}
    answer = client.post("/staff/check", data={"token": person.token}, files=huge)
    assert answer.status_code == 413
