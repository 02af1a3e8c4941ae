"""The HTTP interface over the sample corpus: same answers, no leak, no traceback, honest errors."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.answer import answer
from assistant.api import create_app
from assistant.chat_model import ChatModel
from assistant.services import Services, open_services
from assistant.web.desk import Desk
from assistant.web.limits import RateLimiter
from corpus.documents import Access, Document
from corpus.embedding import Embedder
from corpus.ingest import sync
from corpus.store import Store

QUESTION = "老人满80岁能领多少高龄津贴？"
ID_NUMBER = "11010519491231002X"  # the worked example of GB 11643


def events(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        yield name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def without_trace(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != "trace"}


def hidden(desk: Desk) -> list[Document]:
    documents = desk.services.store.catalogue.documents(access=Access.INTERNAL)
    assert documents
    return documents


def test_an_answer_is_the_one_that_the_command_line_gives(client: TestClient, desk: Desk) -> None:
    reply = client.post("/api/ask", json={"question": QUESTION})
    assert reply.status_code == 200
    expected = json.loads(
        json.dumps(asdict(answer(QUESTION, desk.services, as_of=date.today())), default=str)
    )
    assert without_trace(reply.json()) == without_trace(expected)
    assert reply.json()["citations"]


def test_a_stream_shows_excerpts_first_and_ends_once(client: TestClient) -> None:
    reply = client.post("/api/ask/stream", json={"question": QUESTION})
    assert reply.headers["content-type"].startswith("text/event-stream")
    names = [name for name, _data in events(reply.text)]
    assert names[0] == "extracted" and names[-1] == "finished" and names.count("finished") == 1
    last = list(events(reply.text))[-1][1]["answer"]
    asked = client.post("/api/ask", json={"question": QUESTION}).json()
    assert without_trace(last) == without_trace(asked)


def test_a_streamed_sentence_brings_its_citations(
    client: TestClient, desk: Desk, script: Callable[..., ChatModel]
) -> None:
    def first_sum(message: str) -> str:
        found = re.search(
            r"^\[(\d+)\]《.+?》.*?：\D*?([^。\n]{8,}\d元[^。\n]*。)", message, re.M | re.S
        )
        assert found
        return f"{found[2]}[{found[1]}]\n"

    desk.services.model = script(first_sum)
    reply = client.post("/api/ask/stream", json={"question": "一次性创业补贴标准是多少"})
    told = list(events(reply.text))
    sentences = [data for name, data in told if name == "sentence"]
    final = told[-1][1]["answer"]
    assert sentences and final["basis"] == "model"
    assert [one for sentence in sentences for one in sentence["citations"]] == final["citations"]
    assert [data for name, data in told if name == "queued"][-1] == {"position": 0}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"question": ""},
        {"question": "问" * 501},
        {"question": "问", "model": "x"},
        {"question": "问", "history": [{"role": "system", "text": "x"}]},
        {"question": "问", "history": [{"role": "user", "text": "x"}] * 21},
        {"question": "问", "as_of": "昨天"},
    ],
    ids=["nothing", "empty", "long", "unknown field", "role", "long history", "day"],
)
def test_a_wrong_request_is_told_in_one_sentence(client: TestClient, body: dict[str, Any]) -> None:
    reply = client.post("/api/ask", json=body)
    assert reply.status_code == 422
    assert set(reply.json()) == {"error"} and "Traceback" not in reply.text


def test_a_search_finds_clauses_that_stand_in_their_documents(client: TestClient) -> None:
    found = client.get("/api/search", params={"q": "加装电梯 补贴", "limit": 5}).json()["results"]
    assert 0 < len(found) <= 5
    for row in found:
        document = client.get(f"/api/documents/{row['document_id']}").json()
        assert document["text"][row["start"] : row["end"]] == row["text"]


def test_filters_narrow_a_search(client: TestClient) -> None:
    found = client.get("/api/search", params={"q": "高龄津贴", "region": "临溪县"}).json()[
        "results"
    ]
    assert found and {row["region"] for row in found} == {"临溪县"}
    assert client.get("/api/search", params={"q": "津贴", "status": "有效"}).status_code == 422


def test_an_original_is_the_file_that_was_read_and_only_a_download(
    client: TestClient, desk: Desk
) -> None:
    for document in desk.documents()[::7]:
        reply = client.get(f"/api/documents/{document.id}/original")
        assert hashlib.sha256(reply.content).hexdigest() == document.sha256
        assert reply.headers["content-disposition"].startswith("attachment")
        assert reply.headers["content-type"] == "application/octet-stream"


def test_internal_documents_look_like_none_to_the_public(client: TestClient, desk: Desk) -> None:
    for document in hidden(desk):
        for path in ("/api/documents/{}", "/api/documents/{}/original", "/documents/{}",
                     "/documents/{}/passage", "/en/documents/{}"):  # fmt: skip
            real = client.get(path.format(document.id))
            none = client.get(path.format("f" * 24))
            assert real.status_code == none.status_code == 404
            assert real.text.replace(document.id, "f" * 24) == none.text


def test_nothing_internal_is_found_or_quoted(client: TestClient, desk: Desk) -> None:
    ids = {document.id for document in hidden(desk)}
    for document in hidden(desk):
        title = document.metadata.title
        found = client.get("/api/search", params={"q": title, "limit": 50}).json()["results"]
        given = client.post("/api/ask", json={"question": f"《{title}》是怎么规定的"}).json()
        shown = client.get("/search", params={"q": title}).text
        assert not ids & {row["document_id"] for row in found}
        assert not ids & {citation["document_id"] for citation in given["citations"]}
        assert not any(one in shown for one in ids)


def test_feedback_is_kept_masked_and_without_address(client: TestClient, desk: Desk) -> None:
    path = desk.folder / "feedback.jsonl"
    before = path.read_text("utf-8").count("\n") if path.exists() else 0
    reply = client.post(
        "/api/feedback",
        json={
            "verdict": "unhelpful",
            "question": f"我的身份证{ID_NUMBER}能查低保吗",
            "reasons": ["wrong", "<script>"],
            "comment": "请回电13800138000",
        },
    )
    assert reply.status_code == 201
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) == before + 1
    kept = json.loads(lines[-1])
    assert kept["reasons"] == ["wrong"]
    assert ID_NUMBER not in lines[-1] and "13800138000" not in lines[-1]
    assert not {"client", "address", "ip"} & set(kept)
    assert path.stat().st_mode & 0o077 == 0


def test_a_client_that_asks_too_fast_is_slowed_down(sample: Path) -> None:
    desk = Desk(partial(open_services, sample), sample, limiter=RateLimiter(60, burst=2))
    with TestClient(create_app(desk)) as client:
        codes = [client.get("/api/search", params={"q": "低保"}).status_code for _ in range(4)]
        assert codes[:2] == [200, 200] and codes[-1] == 429
        assert client.get("/health").status_code == 200


def test_a_service_without_a_corpus_says_so_and_wakes_up(
    tmp_path: Path, embedder: Embedder
) -> None:
    folder = tmp_path / "empty"
    desk = Desk(partial(open_services, folder), folder)
    with TestClient(create_app(desk), raise_server_exceptions=False) as client:
        assert client.get("/health").status_code == 503
        for reply in (
            client.post("/api/ask", json={"question": QUESTION}),
            client.get("/api/search", params={"q": "低保"}),
            client.get("/search", params={"q": "低保"}),
            client.get("/documents/x", headers={"accept": "text/html"}),
        ):
            assert reply.status_code in (404, 503)
            assert str(folder) not in reply.text and "Traceback" not in reply.text
        store = Store(folder, embedder)
        file = tmp_path / "通知.txt"
        file.write_text("关于高龄津贴的通知\n年满80周岁的老人每月发放高龄津贴100元。\n", "utf-8")
        sync(store, [file], Access.PUBLIC)
        store.close()
        desk._tried = -1e9  # do not wait for the next try
        assert client.get("/health").json()["documents"] == 1
        assert client.post("/api/ask", json={"question": QUESTION}).status_code == 200


def broken() -> Services:
    raise RuntimeError("秘密：/srv/secret")


def test_a_broken_part_never_shows_its_inside(tmp_path: Path) -> None:
    with TestClient(create_app(Desk(broken, tmp_path)), raise_server_exceptions=False) as client:
        reply = client.post("/api/ask", json={"question": QUESTION})
        assert reply.status_code == 500
        assert set(reply.json()) == {"error"} and "秘密" not in reply.text


def test_the_interface_describes_itself(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()["paths"]
    assert set(described) == {
        "/api/ask", "/api/ask/stream", "/api/feedback", "/api/search",
        "/api/documents/{document_id}", "/api/documents/{document_id}/original", "/health",
    }  # fmt: skip
    assert all(one["summary"] for path in described.values() for one in path.values())
    assert client.get("/docs").status_code == client.get("/redoc").status_code == 404
