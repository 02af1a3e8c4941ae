"""The pages that need no chat, and the gate before all of them."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html

from assistant.filtering import Filters
from assistant.services import open_services
from assistant.web.desk import Desk
from assistant.web.gate import Application
from assistant.web.limits import RateLimiter
from assistant.web.suggestions import suggest
from assistant.web.texts import Language
from corpus.documents import Access
from corpus.embedding import Embedder
from corpus.ingest import sync
from corpus.store import Store
from corpus.validity import Relation, RelationKind
from ui import web_application

PAGES = ["/search", "/search?q=加装电梯", "/terms"]
OPEN = ["/", "/en/", "/config", "/theme.css", "/gradio_api/queue/join", "/en/gradio_api/queue/data"]
SHUT = [
    "/gradio_api/upload", "/gradio_api/info", "/gradio_api/proxy=http://host", "/gradio_api/file=/etc/passwd",
    "/gradio_api/run/predict", "/gradio_api/call/x", "/gradio_api/runs", "/gradio_api/openapi.json",
    "/monitoring", "/docs", "/.git/config", "/en/gradio_api/upload", "/gradio_api/vibe-edit",
]  # fmt: skip


@pytest.fixture(scope="module")
def application(sample: Path) -> Application:
    desk = Desk(partial(open_services, sample), sample, limiter=RateLimiter(0))

    async def build() -> Application:
        # The chat framework makes event loops of its own, and leaves them open, where none runs.
        return web_application(desk)

    return asyncio.run(build())


@pytest.fixture
def whole(application: Application) -> TestClient:
    return TestClient(application)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", list(Language))
def test_a_page_stands_in_its_frame_and_loads_only_from_here(
    client: TestClient, path: str, language: Language
) -> None:
    reply = client.get(language.prefix + path)
    assert reply.status_code == 200
    tree: Any = html.document_fromstring(reply.text)
    assert tree.get("lang") == language.tag
    assert len(tree.xpath("//main")) == len(tree.xpath("//h1")) == 1
    assert tree.xpath("//title")[0].text
    for link in tree.xpath("//link/@href | //script/@src | //img/@src"):
        assert link.startswith("/")
        assert client.get(link).status_code == 200
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_every_document_has_its_page_with_the_passage_marked(
    client: TestClient, desk: Desk
) -> None:
    for document in desk.documents()[::5]:
        view = desk.view(document.id, date.today())
        chunk = view.chunks[len(view.chunks) // 2]
        page = client.get(f"/documents/{document.id}?start={chunk.start}&end={chunk.end}")
        tree: Any = html.document_fromstring(page.text)
        marked = "".join(node.text_content() for node in tree.find_class("cited"))
        assert marked == view.text[chunk.start : chunk.end].replace("\n", "")
        assert len(tree.xpath("//*[@id='passage']")) == 1
        drawer = client.get(f"/documents/{document.id}/passage?start={chunk.start}&end={chunk.end}")
        assert "".join(re.findall(r"<mark[^>]*>(.*?)</mark>", drawer.text))


@pytest.mark.parametrize(
    "span",
    ["start=-1&end=5", "start=9&end=3", "start=a&end=b", "start=0&end=999999999", "start=٣&end=٤"],
)
def test_a_wrong_span_marks_nothing(client: TestClient, desk: Desk, span: str) -> None:
    page = client.get(f"/documents/{desk.documents()[0].id}?{span}")
    assert page.status_code == 200 and "<mark" not in page.text


def test_filters_alone_list_documents_newest_first(client: TestClient, desk: Desk) -> None:
    for issuer in desk.choices().issuers[:4]:
        tree: Any = html.document_fromstring(client.get("/search", params={"issuer": issuer}).text)
        rows = [node.text_content() for node in tree.xpath("//ol[@class='results']/li")]
        assert rows and all(issuer in row for row in rows)
        days = [re.findall(r"\d{4}-\d\d-\d\d", row) for row in rows]
        assert sorted(days, reverse=True) == days


def test_a_narrow_filter_finds_what_the_whole_corpus_ranks_low(desk: Desk) -> None:
    for issuer in desk.choices().issuers:
        found = desk.search("高龄津贴发放标准", Filters(issuer=issuer), as_of=date.today(), limit=5)
        assert found and all(issuer in p.document.metadata.issuer for p in found), issuer


def test_a_search_is_for_the_day_that_the_form_names(client: TestClient) -> None:
    def badge(day: str) -> str:
        page = client.get("/search", params={"q": "清政发〔2017〕21号", "as_of": day}).text
        tree: Any = html.document_fromstring(page)
        assert tree.xpath("//input[@name='as_of']/@value") == [day]
        return str(tree.xpath("//ol[@class='results']/li//h2")[0].text_content())

    assert "现行有效" in badge("2024-06-01") and "现行有效" not in badge("2026-06-01")
    assert "筛选条件有误" in client.get("/search", params={"q": "养犬", "as_of": "去年"}).text


@pytest.mark.parametrize("path", OPEN)
def test_what_the_chat_needs_is_open(whole: TestClient, path: str) -> None:
    assert whole.get(path).status_code != 404


@pytest.mark.parametrize("path", SHUT)
def test_the_rest_of_the_framework_is_shut(whole: TestClient, path: str) -> None:
    assert whole.get(path).status_code == 404
    assert whole.post(path).status_code in (404, 405)


@pytest.mark.parametrize("path", ["/", "/en/"])
def test_the_chat_page_is_ours(whole: TestClient, path: str) -> None:
    page = whole.get(path).text
    tree: Any = html.document_fromstring(page)
    assert not re.search(r"https?://(?!127\.0\.0\.1|testserver|www\.w3\.org)", _markup(tree))
    assert "twitter" not in _markup(tree) and "og:" not in _markup(tree)
    assert tree.get("lang") == ("en" if path == "/en/" else "zh-CN")
    assert tree.xpath("//header") and tree.xpath("//footer") and tree.xpath("//gradio-app")
    assert tree.find_class("ask-this")


def _markup(tree: Any) -> str:
    for script in tree.xpath("//script[not(@src)]"):
        script.getparent().remove(script)
    return str(html.tostring(tree, encoding="unicode"))


def test_every_reply_carries_the_headers_that_protect_it(whole: TestClient) -> None:
    for path in ("/", "/search", "/health", "/missing"):
        headers = whole.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "http" not in headers["content-security-policy"]
    assert "unsafe-inline'; style" not in whole.get("/search").headers["content-security-policy"]


def test_a_body_that_is_too_large_is_cut_off(whole: TestClient) -> None:
    reply = whole.post("/api/ask", content=b'{"question": "' + b"x" * 400_000 + b'"}')
    assert reply.status_code == 413


def test_suggested_questions_are_answered_by_the_corpus(desk: Desk) -> None:
    topics = desk.topics()
    assert len(topics) >= 4
    for topic in topics:
        assert 1 <= len(topic.questions) <= 3
        for question in topic.questions:
            assert desk._status_of(question) == "answered"
    assert suggest([], lambda _id: [], desk._status_of) == []


def test_asking_on_the_command_line_loads_no_web_framework() -> None:
    code = (
        "import sys, assistant.commands.together, assistant.answer; "
        "print(sorted({'gradio', 'fastapi', 'uvicorn'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("package", ["assistant", "corpus", "eval"])
def test_numpy_keeps_to_one_thread_unless_told_otherwise(package: str) -> None:
    code = (
        f"import os, sys, {package}; "
        "print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules)"
    )
    others = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    for environment, threads in ((others, "1"), ({**others, "OPENBLAS_NUM_THREADS": "2"}, "2")):
        ran = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stdout.split() == [threads, "False"]


def test_what_another_process_imports_is_seen_within_seconds(
    whole: TestClient, sample: Path, embedder: Embedder, tmp_path: Path
) -> None:
    question = {"question": "飞行汽车停放许可的办理时限是几个工作日"}
    assert "37个工作日" not in whole.post("/api/ask", json=question).text
    file = tmp_path / "飞行汽车停放许可办事指南.txt"
    file.write_text(
        "飞行汽车停放许可办事指南\n一、办理时限\n飞行汽车停放许可的办理时限为37个工作日。\n",
        "utf-8",
    )
    store = Store(sample, embedder)
    sync(store, [file], Access.PUBLIC)
    assert "37个工作日" in whole.post("/api/ask", json=question).text
    shown = whole.get("/search", params={"q": "飞行汽车停放许可"}).text
    assert "37" in shown
    document = next(d for d in store.catalogue.documents() if d.source.endswith(file.name))
    page = f"/documents/{document.id}"
    assert whole.get(page).status_code == 200
    store.catalogue.relate(
        Relation(document.id, "", RelationKind.REPEALS, date(2020, 1, 1), "", by_hand=True)
    )
    assert "已废止" in whole.get(page).text  # without a question asked in between
    file.write_text("飞行汽车停放许可办事指南\n一、办理时限\n办理时限为38个工作日。\n", "utf-8")
    sync(store, [file], Access.PUBLIC)
    earlier, document = (
        document,
        next(d for d in store.catalogue.documents() if d.source.endswith(file.name)),
    )
    assert f"/documents/{document.id}" in whole.get(page).text  # the present version
    assert earlier.id != document.id
    page = f"/documents/{document.id}"
    store.catalogue.retire([document.id])
    assert whole.get(page).status_code == 404  # taken out is gone, also by its address
    store.close()
