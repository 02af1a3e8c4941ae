"""Every route without a login, with an expired, forged or ended session: refused, and nothing told."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from assistant.staff.accounts import MOST_FAILURES
from assistant.staff.desk import StaffDesk
from assistant.staff.guard import COOKIE
from assistant.staff.routes import staff_pages
from assistant.staff.sessions import IDLE_SECONDS, Sessions
from assistant.web.limits import RateLimiter
from tests.assistant.staff.conftest import FACTS, PASSWORD, Clock, Person

Browser = Callable[[], Person]
AsPerson = Callable[[str], Person]
OPEN = {("GET", "/staff/login"), ("POST", "/staff/login")}


def routes(desk: StaffDesk, key: str) -> Iterator[tuple[str, str]]:
    """Yield method and path of every route that the router has."""
    for route in staff_pages(desk).routes:
        assert isinstance(route, APIRoute)
        for method in sorted(route.methods or ()):
            path = re.sub(r"\{key\}", key, route.path)
            path = re.sub(r"\{[\w:]+\}", "x", path)
            yield method, path


def test_every_route_is_shut_without_a_session(
    desk: StaffDesk, browser: Browser, as_person: AsPerson, clock: Clock
) -> None:
    inside = as_person("起草人甲")
    draft = inside.new_draft()
    key = draft.rpartition("/")[2]
    left = as_person("审核人")
    ended = left.client.cookies[COOKIE]
    left.post("/staff/logout")
    clock.now = time.time() - IDLE_SECONDS - 1
    expired = Sessions(desk.database, clock=clock).open(desk.accounts.find("起草人乙"))
    cookies = {"none": "", "forged": "A" * 43, "ended": ended, "expired": expired}
    every = list(routes(desk, key))
    assert len(every) > 20 and ("POST", f"{draft}/state") in every
    before = desk.drafts.find(key), len(desk.drafts.log())
    for name, cookie in cookies.items():
        for method, path in [*every, ("GET", "/staff/api/anything"), ("GET", "/staff/")]:
            if (method, path) in OPEN:
                continue
            person = browser()
            if cookie:
                person.client.cookies.set(COOKIE, cookie)
            sent = {**FACTS, "token": inside.token, "step": "送审", "version": "1"}
            data = sent if method not in ("GET", "HEAD") else None
            response = person.client.request(method, f"{path}?q=高龄津贴&kind=通知", data=data)
            if path.startswith("/staff/api/"):
                assert response.status_code == 401, (name, method, path)
                assert response.json() == {"error": "请先登录。"}
            else:
                assert response.status_code == 303, (name, method, path)
                assert response.headers["location"] == "/staff/login"
                assert not response.content
            assert response.headers["cache-control"] == "no-store"
    assert (desk.drafts.find(key), len(desk.drafts.log())) == before


def test_every_route_is_open_to_somebody_so_that_the_walk_proves_something(
    desk: StaffDesk, as_person: AsPerson
) -> None:
    inside = as_person("起草人甲")
    key = inside.new_draft().rpartition("/")[2]
    for method, path in routes(desk, key):
        if method == "GET" and not path.endswith("/x"):
            response = inside.get(f"{path}?q=津贴&older=1&newer=1")
            assert response.status_code == (403 if path == "/staff/log" else 200), path


def test_every_post_needs_the_token_of_its_own_session(
    desk: StaffDesk, as_person: AsPerson
) -> None:
    inside, other = as_person("起草人甲"), as_person("起草人乙")
    draft = inside.new_draft()
    for method, path in routes(desk, draft.rpartition("/")[2]):
        if method in ("GET", "HEAD") or (method, path) in OPEN:
            continue
        for token in ("", other.token, inside.token[:-1]):
            data = {**FACTS, "token": token, "step": "送审", "version": "1"}
            response = inside.client.request(method, f"{path}?kind=通知", data=data)
            assert response.status_code == 403, (method, path)
    assert inside.get("/staff").status_code == 200, "the token, not the session, was refused"
    assert len(desk.drafts.all()) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_what_another_site_sends_is_refused_even_at_the_login(
    headers: dict[str, str], browser: Browser, as_person: AsPerson
) -> None:
    login = {"name": "起草人甲", "password": PASSWORD}
    response = browser().client.post("/staff/login", data=login, headers=headers)
    assert response.status_code == 403 and COOKIE not in response.cookies
    inside = as_person("起草人甲")
    sent = {"token": inside.token}
    assert inside.client.post("/staff/logout", data=sent, headers=headers).status_code == 403
    good = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert inside.client.post("/staff/logout", data=sent, headers=good).status_code == 303


def test_the_cookie_is_hidden_from_scripts_and_other_sites(
    application: FastAPI, browser: Browser
) -> None:
    set_by = browser().log_in("起草人甲").headers["set-cookie"].lower()
    assert "httponly" in set_by and "samesite=strict" in set_by and "path=/staff" in set_by
    assert "secure" not in set_by  # plain http on one machine
    https = Person(TestClient(application, base_url="https://testserver", follow_redirects=False))
    answer = https.client.post("/staff/login", data={"name": "起草人甲", "password": PASSWORD})
    assert "secure" in answer.headers["set-cookie"].lower()


def test_a_login_gives_a_new_session_and_ends_the_one_before(browser: Browser) -> None:
    person = browser()
    person.log_in("起草人甲")
    first = person.client.cookies[COOKIE]
    person.log_in("起草人甲")
    assert person.client.cookies[COOKIE] != first
    old = browser()
    old.client.cookies.set(COOKIE, first)
    assert old.get("/staff").status_code == 303


def test_nothing_tells_which_names_exist(desk: StaffDesk, browser: Browser) -> None:
    desk.accounts.disable("起草人乙")
    person = browser()
    for _ in range(MOST_FAILURES):
        person.log_in("审核人", "wrong wrong wrong")
    pages = [
        person.log_in(name, password)
        for name, password in (
            ("起草人甲", "wrong wrong wrong"),
            ("无此人", "wrong wrong wrong"),
            ("起草人乙", PASSWORD),
            ("审核人", PASSWORD),
        )
    ]
    assert {page.status_code for page in pages} == {401}
    told = {re.sub(r'value="[^"]*"', "", page.text) for page in pages}
    assert len(told) == 1
    assert all(COOKIE not in page.cookies for page in pages)


def test_an_address_that_tries_too_often_waits(desk: StaffDesk, browser: Browser) -> None:
    desk.logins = RateLimiter(1, 3)
    person = browser()
    codes = [person.log_in("无此人", "wrong wrong wrong").status_code for _ in range(5)]
    assert codes == [401, 401, 401, 429, 429]
    assert person.log_in("起草人甲").status_code == 429


def test_what_fails_inside_shows_no_trace(
    desk: StaffDesk, as_person: AsPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = as_person("起草人甲")

    def fail() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(desk.drafts.__class__, "all", lambda self: fail())
    response = inside.get("/staff")
    assert response.status_code == 500
    assert "secret" not in response.text and "Traceback" not in response.text


def test_a_broken_database_lets_nobody_in_and_tells_no_path(
    desk: StaffDesk, browser: Browser
) -> None:
    desk.close()
    desk.database.path.write_bytes(b"not a database " * 100)
    desk.close()
    person = browser()
    person.client.cookies.set(COOKIE, "x")
    for response in (person.get("/staff"), person.get("/staff/api/basis"), person.log_in("审核人")):
        assert response.status_code == 503
        assert str(desk.folder) not in response.text and "staff.db" not in response.text


def test_too_much_is_refused_before_it_is_read(as_person: AsPerson) -> None:
    inside = as_person("起草人甲")
    response = inside.post("/staff/drafts/new?kind=通知", 缘由="长" * 200_000)
    assert response.status_code == 413
    large = {"file": ("a.txt", b"x" * (11 * 1024 * 1024))}
    answer = inside.client.post("/staff/check", data={"token": inside.token}, files=large)
    assert answer.status_code == 413
