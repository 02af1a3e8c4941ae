"""The embedding seam: texts to unit vectors, by the embedded model, a GGUF file or a server.

`open_embeddings` takes one word of configuration:

    static                            the model in this repository; no framework, no network
    models/bge-m3-q8_0.gguf           a GGUF embedder through llama.cpp (`pip install .[gguf]`)
    http://127.0.0.1:8080/v1#bge-m3   an OpenAI-compatible server and the name of its model
"""

from __future__ import annotations

import hashlib
import threading
import time
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import httpx
import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

from corpus.errors import EmbeddingError, UsageError
from corpus.static_model import StaticModel, load_model

Matrix = npt.NDArray[np.float32]

STATIC_MODEL = Path(__file__).parent / "models" / "static-zh-256" / "model.npz"


class Embedder(Embeddings):
    """An `Embeddings` that also says what it is and works on numpy batches.

    Every vector is float32 and of unit length, so a dot product is the cosine. All embedders may
    be called from several threads at once.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """The name of the model, for people."""

    @property
    @abstractmethod
    def dimension(self) -> int:
        """The length of a vector."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """What an index remembers of its embedder: another digest, other vectors."""

    @abstractmethod
    def embed_matrix(self, texts: Sequence[str]) -> Matrix:
        """Return one row a text, in order.

        Raises:
            EmbeddingError: The model cannot be reached or gave something else than vectors.
        """

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts to be found."""
        rows: list[list[float]] = self.embed_matrix(texts).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        """Embed a text to search with."""
        return self.embed_documents([text])[0]


class StaticEmbeddings(Embedder):
    """The embedded model: numpy alone, about 0.2 ms a clause on one core."""

    def __init__(self, model: StaticModel) -> None:
        """Wrap a loaded model."""
        self._model = model

    @property
    def name(self) -> str:
        """The name in the model file."""
        return self._model.name

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._model.dimension

    @property
    def digest(self) -> str:
        """The digest of the table, the vocabulary and the tokeniser."""
        return self._model.digest

    def weight(self, word: str) -> float:
        """Return how much a word weighs in the vector of a text; 0 for an unknown word."""
        return self._model.weight(word)

    def embed_matrix(self, texts: Sequence[str]) -> Matrix:
        """Return one row a text; never fails."""
        return self._model.encode(texts)


class GgufEmbeddings(Embedder):
    """A GGUF embedder through llama.cpp, pooled as the file says (mean if it says nothing)."""

    def __init__(
        self, path: Path, *, context_tokens: int = 512, threads: int | None = None
    ) -> None:
        """Load a model.

        Args:
            path: The GGUF file.
            context_tokens: What is longer is cut there; clauses are far shorter, and memory grows
                with it.
            threads: Threads of llama.cpp; by default its own choice.

        Raises:
            EmbeddingError: The file or the package is missing, or the file is no model.
        """
        if not path.is_file():
            raise EmbeddingError(f"找不到向量模型 {str(path)!r}；请核对设置中的路径")
        try:
            from llama_cpp import Llama
        except ImportError:
            raise EmbeddingError(
                f"向量模型 {path.name!r} 需要 llama-cpp-python；请运行：pip install '.[gguf]'"
            ) from None
        try:
            self._model = Llama(
                model_path=str(path),
                embedding=True,
                n_ctx=context_tokens,
                n_batch=context_tokens,
                n_ubatch=context_tokens,
                n_threads=threads,
                n_threads_batch=threads,
                verbose=False,
            )
        except (ValueError, RuntimeError, AssertionError) as error:
            raise EmbeddingError(
                f"llama.cpp 无法载入向量模型 {str(path)!r}（{error}）；请换用完好的 GGUF 向量模型"
            ) from error
        self._path = path
        self._context_tokens = context_tokens
        # One llama.cpp context serves one call at a time; a second one crashes or hangs.
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The file name without its ending."""
        return self._path.stem

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._model.n_embd())

    @cached_property
    def digest(self) -> str:
        """The sha256 over the file and the context length."""
        with self._path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        return hashlib.sha256(f"gguf\0{content}\0{self._context_tokens}".encode()).hexdigest()

    def embed_matrix(self, texts: Sequence[str]) -> Matrix:
        """Return one row a text, one call of llama.cpp each."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        with self._lock:
            for n, text in enumerate(texts):
                vectors[n] = self._embed(text)
        return _unit_rows(vectors, f"向量模型 {self.name!r}")

    def _embed(self, text: str) -> Matrix:
        try:
            found = self._model.embed(_sendable(text), truncate=True)
        except (RuntimeError, ValueError) as error:
            raise EmbeddingError(
                f"向量模型 {self.name!r} 运行出错（{error}）；请确认它是向量模型后重试"
            ) from error
        vector = np.asarray(found, dtype=np.float32)
        return vector if vector.ndim == 1 else np.asarray(vector.mean(axis=0), dtype=np.float32)


class ServedEmbeddings(Embedder):
    """A model behind an OpenAI-compatible `/v1/embeddings` (llama-server, vLLM, TEI…)."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        api_key: str = "",
        batch_size: int = 64,
        timeout_seconds: float = 60.0,
        attempts: int = 3,
        pause_seconds: float = 1.0,
    ) -> None:
        """Set up a client; nothing is sent yet.

        Args:
            url: The address up to and including `/v1`.
            model: The name of the model on that server.
            api_key: Sent as a bearer token where not empty.
            batch_size: Texts a request.
            timeout_seconds: How long one request may take.
            attempts: How often a request is tried when the server is unreachable, busy (429) or
                broken (5xx).
            pause_seconds: The pause before the second attempt; it doubles with each further one.
        """
        self._url = url.rstrip("/") + "/embeddings"
        self._model = model
        self._batch_size = batch_size
        self._attempts = attempts
        self._pause_seconds = pause_seconds
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        # No proxy of the environment: what is embedded may be internal.
        self._client = httpx.Client(headers=headers, timeout=timeout_seconds, trust_env=False)

    @property
    def name(self) -> str:
        """The name of the model on the server."""
        return self._model

    @cached_property
    def dimension(self) -> int:
        """The length of a vector; the first use asks the server."""
        return len(self._request(["政务服务"])[0])

    @property
    def digest(self) -> str:
        """The digest of the model's name and dimension.

        A server that changes the weights behind a name is not noticed: give new weights a new name.
        """
        return hashlib.sha256(f"served\0{self._model}\0{self.dimension}".encode()).hexdigest()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def embed_matrix(self, texts: Sequence[str]) -> Matrix:
        """Return one row a text, `batch_size` texts a request."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), self._batch_size):
            rows = self._request(texts[start : start + self._batch_size])
            if {len(row) for row in rows} != {self.dimension}:
                raise EmbeddingError(
                    f"向量服务 {self._url} 返回的向量长短不一；请确认它提供的是一个向量模型"
                )
            vectors[start : start + len(rows)] = rows
        return _unit_rows(vectors, f"向量服务 {self._url}")

    def _request(self, texts: Sequence[str]) -> list[list[float]]:
        body = {"model": self._model, "input": [_sendable(text) for text in texts]}
        response = self._post(body)
        try:
            items = sorted(response.json()["data"], key=lambda item: int(item["index"]))
            rows = [[float(value) for value in item["embedding"]] for item in items]
        except (ValueError, KeyError, TypeError) as error:
            raise EmbeddingError(
                f"向量服务 {self._url} 返回的不是向量（{response.text[:200]!r}）；请核对地址和模型名"
            ) from error
        if len(rows) != len(texts):
            raise EmbeddingError(
                f"向量服务 {self._url} 对 {len(texts)} 段文字返回了 {len(rows)} 个向量；"
                "请检查该服务后重试"
            )
        return rows

    def _post(self, body: Mapping[str, object]) -> httpx.Response:
        problem = ""
        for attempt in range(self._attempts):
            if attempt:
                time.sleep(self._pause_seconds * 2 ** (attempt - 1))
            try:
                response = self._client.post(self._url, json=body)
            except httpx.TimeoutException:
                problem = "没有按时答复"
            except httpx.HTTPError as error:
                problem = f"无法连接（{error}）"
            except httpx.InvalidURL as error:
                raise EmbeddingError(
                    f"向量服务的地址 {self._url!r} 不可用（{error}）；请写作 http://主机/v1#模型名"
                ) from error
            else:
                if response.is_success:
                    return response
                problem = f"答复 {response.status_code}（{response.text[:200]!r}）"
                if response.status_code != 429 and response.status_code < 500:
                    break
        raise EmbeddingError(
            f"向量服务 {self._url} {problem}；请确认服务在运行，且地址、模型名和密钥无误"
        )


def _sendable(text: str) -> str:
    """Return a text that others accept: whole characters only, and never empty.

    Half a surrogate pair has no UTF-8 form, and an input without tokens fails its whole batch.
    """
    return text.encode(errors="replace").decode() or " "


def _unit_rows(vectors: Matrix, source: str) -> Matrix:
    lengths = np.sqrt(np.square(vectors).sum(axis=1, keepdims=True))
    if not np.isfinite(lengths).all():
        raise EmbeddingError(f"{source} 给出的向量含有非数值；请检查或更换该模型")
    vectors[lengths[:, 0] == 0] = np.float32(1)
    lengths[lengths == 0] = np.sqrt(np.float32(vectors.shape[1]))
    return np.asarray(vectors / lengths, dtype=np.float32)


def open_embeddings(spec: str = "static", *, api_key: str = "") -> Embedder:
    """Open the embedder that a setting names; see the top of this file for the forms.

    Raises:
        UsageError: The setting has none of the three forms.
        EmbeddingError: The model cannot be loaded.
    """
    if spec == "static":
        return StaticEmbeddings(load_model(STATIC_MODEL))
    if spec.startswith(("http://", "https://")):
        url, _, model = spec.partition("#")
        if not model:
            raise UsageError(f"向量模型设置 {spec!r} 没有写明模型；请写作 {url}#模型名")
        return ServedEmbeddings(url, model, api_key=api_key)
    path = spec.removeprefix("gguf:")
    if path != spec or spec.lower().endswith(".gguf"):
        return GgufEmbeddings(Path(path))
    raise UsageError(
        f"不认识向量模型设置 {spec!r}；可用：static、.gguf 文件的路径，或 http://主机/v1#模型名"
    )
