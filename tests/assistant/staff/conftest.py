"""What the tests of the staff pages share: a clock to turn, accounts of every role, a way in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from assistant.services import open_services
from assistant.staff import accounts
from assistant.staff.database import StaffDatabase
from assistant.staff.desk import StaffDesk
from assistant.staff.routes import staff_pages
from assistant.staff.workflow import Role
from assistant.web.limits import RateLimiter
from corpus.documents import Access

PASSWORD = "蓝色 的 河 流过 山"
PEOPLE = {
    "起草人甲": Role.DRAFTER,
    "起草人乙": Role.DRAFTER,
    "审核人": Role.REVIEWER,
    "签发人": Role.SIGNER,
    "管理人": Role.MANAGER,
}
TOKEN = re.compile(r'name="token" value="(\w+)"')
FACTS = {
    "发文机关": "清河市民政局",
    "事由": "做好2027年度高龄津贴发放工作",
    "主送机关": "各县（市、区）民政局",
    "缘由": "为保障高龄老年人基本生活",
    "依据": "云民规〔2025〕2号",
    "事项": "明确发放对象\n  具有本市户籍、年满80周岁的老年人。\n规范发放流程",
}


@dataclass
class Clock:
    """Seconds since 1970 that a test moves on."""

    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash in a millisecond: what a hash costs is its vendor's matter, not these tests'."""
    cheap = partial(PasswordHasher, time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(accounts, "PasswordHasher", cheap)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[StaffDatabase]:
    database = StaffDatabase(tmp_path / "staff")
    yield database
    database.close()


@dataclass
class Person:
    """A browser of somebody: its cookies, and the token that its forms carry."""

    client: TestClient
    token: str = field(default="")

    def log_in(self, name: str, password: str = PASSWORD) -> Response:
        response = self.client.post("/staff/login", data={"name": name, "password": password})
        if response.status_code == 303:
            found = TOKEN.search(self.client.get("/staff").text)
            assert found
            self.token = found[1]
        return response

    def get(self, path: str) -> Response:
        return self.client.get(path)

    def post(self, path: str, **data: str) -> Response:
        return self.client.post(path, data={"token": self.token, **data})

    def new_draft(self, kind: str = "通知", **facts: str) -> str:
        """Return the path of a new draft."""
        response = self.post(f"/staff/drafts/new?kind={kind}", **{**FACTS, **facts})
        assert response.status_code == 303, response.text
        return str(response.headers["location"])


@pytest.fixture
def desk(sample: Path, tmp_path: Path, cheap_hashes: None) -> Iterator[StaffDesk]:
    # Accounts and logs of a test stay its own; the corpus is shared.
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(sample / "catalogue.db", folder / "catalogue.db")
    opener = partial(open_services, sample, access=Access.INTERNAL)
    desk = StaffDesk(folder, opener, logins=RateLimiter(0))
    for name, role in PEOPLE.items():
        desk.accounts.add(name, role, PASSWORD)
    yield desk
    desk.close()


@pytest.fixture
def application(desk: StaffDesk) -> FastAPI:
    app = FastAPI()
    app.include_router(staff_pages(desk))
    return app


@pytest.fixture
def browser(application: FastAPI) -> Callable[[], Person]:
    """Open browsers that know nothing of each other."""

    def open_one() -> Person:
        return Person(
            TestClient(application, raise_server_exceptions=False, follow_redirects=False)
        )

    return open_one


@pytest.fixture
def as_person(browser: Callable[[], Person]) -> Callable[[str], Person]:
    """Open a browser in which somebody is logged in."""

    def enter(name: str) -> Person:
        person = browser()
        assert person.log_in(name).status_code == 303
        return person

    return enter
