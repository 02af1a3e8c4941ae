"""Model files: which to recommend, where they lie, fetching one from a hub, taking one from a disk.

A hub speaks the usual protocol: `GET {hub}/{repository}/resolve/main/{file}`, where `HEAD` tells the
size and the sha256 of the content (`X-Linked-Size`, `X-Linked-ETag`). No address is built in.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml

from assistant.errors import DownloadError, ModelError
from corpus.folders import make_private

CATALOGUE = Path(__file__).parent / "model_catalogue.yaml"
HUB_VARIABLE = "ASSISTANT_MODEL_HUB"
ATTEMPTS = 5
PAUSE_SECONDS = 1.0
TIMEOUT_SECONDS = 30.0
_MAGIC = b"GGUF"

Progress = Callable[[int, int], None]  # bytes there, bytes in all (0: not known)


@dataclass(frozen=True, slots=True)
class CataloguedModel:
    """A recommended model: where a hub keeps it, what it needs, what it is good for."""

    name: str
    repository: str
    file: str
    languages: str
    licence: str
    size_gb: float
    memory_gb: float
    hardware: str
    advice: str


def load_catalogue(path: Path = CATALOGUE) -> tuple[CataloguedModel, ...]:
    """Read the recommended models."""
    data = yaml.safe_load(path.read_text("utf-8"))
    return tuple(CataloguedModel(**entry) for entry in data["models"])


def find(name: str, models: tuple[CataloguedModel, ...]) -> CataloguedModel:
    """Return the model of a name, or `repository:file` as given.

    Raises:
        ModelError: It is neither.
    """
    for model in models:
        if name in (model.name, model.file):
            return model
    repository, _, file = name.partition(":")
    if re.fullmatch(r"[\w.-]+/[\w.-]+", repository) and re.fullmatch(r"[\w.-]+\.gguf", file):
        return CataloguedModel(name, repository, file, "", "", 0, 0, "", "")
    raise ModelError(
        f"没有推荐模型 {name!r}；查看：python -m assistant models，或写作 仓库:文件名.gguf"
    )


def pull(
    model: CataloguedModel,
    folder: Path,
    hub: str,
    *,
    sha256: str = "",
    progress: Progress | None = None,
    pause_seconds: float = PAUSE_SECONDS,
) -> Path:
    """Fetch a model into a folder; what an earlier try left is gone on with.

    Args:
        model: What to fetch.
        folder: Where to; `FILE.part` holds what is not complete.
        hub: The address of the hub or mirror.
        sha256: The digest that the file must have; empty takes the one that the hub states.
        progress: Told how far it is.
        pause_seconds: The pause before a second try; it doubles with each further one.

    Raises:
        DownloadError: The hub cannot be reached, or what came is not the file.
    """
    if not hub:
        raise DownloadError(
            f"没有设置模型站点；设置 {HUB_VARIABLE}=https://站点地址，"
            "或在能上网的机器下载后用：python -m assistant models add 文件"
        )
    target = folder / model.file
    part = folder / f"{model.file}.part"
    _make(folder)
    url = f"{hub.rstrip('/')}/{model.repository}/resolve/main/{model.file}"
    problem = ""
    with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=True) as client:
        wanted, size = _described(client, url, sha256.lower())
        if target.exists() and digest_of(target) == wanted:
            return target
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(pause_seconds * 2 ** (attempt - 1))
            try:
                _go_on(client, url, part, size, progress)
            except httpx.HTTPStatusError as error:
                problem = f"答复 {error.response.status_code}"
                if error.response.status_code < 500:
                    raise DownloadError(
                        f"下载 {url} 失败：{problem}；请核对站点地址和模型名，已下载的部分保留"
                    ) from error
            except httpx.HTTPError as error:
                problem = f"连接中断（{type(error).__name__}）"
            except OSError as error:
                raise DownloadError(
                    f"写不进 {str(part)!r}：{error.strerror}；请清理空间或改目录"
                ) from error
            else:
                if part.exists() and (not size or part.stat().st_size >= size):
                    break
                problem = "提前断开"
        else:
            raise DownloadError(
                f"下载 {model.file} 失败：{problem}；已下载的部分保留，再运行一次即可续传"
            )
    found = digest_of(part)
    if found != wanted:
        part.unlink()
        raise DownloadError(
            f"{model.file} 的 sha256 是 {found[:16]}…，应为 {wanted[:16]}…；已删除，请重新下载或换站点"
        )
    part.replace(target)
    return target


def take_in(file: Path, folder: Path) -> Path:
    """Copy a model file from anywhere (a disk, a share) into the folder; return its place there.

    Raises:
        ModelError: It is no GGUF file or cannot be copied.
    """
    check_gguf(file)
    target = folder / file.name
    if target.exists() and target.samefile(file):
        return target
    _make(folder)
    part = folder / f"{file.name}.part"
    try:
        shutil.copyfile(file, part)
        part.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise ModelError(f"复制 {str(file)!r} 失败：{error.strerror}；请检查空间和权限") from error
    return target


def check_gguf(file: Path) -> None:
    """Refuse what is no GGUF file.

    Raises:
        ModelError: naming the file.
    """
    try:
        with file.open("rb") as content:
            magic = content.read(len(_MAGIC))
    except OSError as error:
        raise ModelError(f"读不出模型文件 {str(file)!r}：{error.strerror}") from error
    if magic != _MAGIC:
        raise ModelError(f"{str(file)!r} 不是 GGUF 模型文件；请下载 .gguf 格式")


def installed(folder: Path) -> list[Path]:
    """Return the model files in a folder, in order of name."""
    return sorted(folder.glob("*.gguf"))


def digest_of(file: Path) -> str:
    """Return the sha256 of a file as lower-case hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def hub_address(given: str | None) -> str:
    """Return the hub that an argument or the environment names, or ""."""
    return given or os.environ.get(HUB_VARIABLE, "")


def _described(client: httpx.Client, url: str, sha256: str) -> tuple[str, int]:
    """Return the digest a file must have and its size (0: not told)."""
    try:
        # Not followed: the hub tells the digest, the store that it points to may not.
        head = client.head(url, follow_redirects=False)
        if head.status_code >= 400:
            raise DownloadError(f"模型站点答复 {head.status_code}：{url}；请核对站点地址和模型名")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DownloadError(
            f"连不上模型站点（{type(error).__name__}）：{url}；请核对 {HUB_VARIABLE}"
        ) from error
    stated = head.headers.get("x-linked-etag", head.headers.get("etag", ""))
    stated = stated.removeprefix("W/").strip('"').lower()
    size = head.headers.get("x-linked-size") or (
        head.headers.get("content-length", "0") if head.is_success else "0"
    )
    wanted = sha256 or (stated if re.fullmatch(r"[0-9a-f]{64}", stated) else "")
    if not wanted:
        raise DownloadError(f"站点没有给出 {url} 的 sha256；请用 --sha256 写明后再下载")
    return wanted, int(size) if size.isdecimal() else 0


def _go_on(
    client: httpx.Client, url: str, part: Path, size: int, progress: Progress | None
) -> None:
    there = part.stat().st_size if part.exists() else 0
    if size and there >= size:
        return
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={there}-"} if there else {})
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == 416:  # more there than the file has: begin again
            part.unlink()
            return
        response.raise_for_status()
        continues = response.status_code == 206 and response.headers.get(
            "content-range", ""
        ).startswith(f"bytes {there}-")
        if there and not continues:
            there = 0
        with part.open("ab" if there else "wb") as out:
            for block in response.iter_raw():  # as it comes: what a broken line left is kept
                out.write(block)
                there += len(block)
                if progress:
                    progress(there, size)


def _make(folder: Path) -> None:
    try:
        make_private(folder)
    except OSError as error:
        raise ModelError(f"建不了模型目录 {str(folder)!r}：{error.strerror}") from error
