"""What is missing on this machine and what to do about it: the checks behind `doctor`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import httpx

from assistant import model_files
from assistant.drafting.errors import ExportError
from assistant.drafting.labels import PRODUCER_VARIABLE, UNSET_PRODUCER, Label
from assistant.errors import ModelError
from assistant.settings import MODEL_VARIABLE, ModelSettings
from corpus.documents import Access
from corpus.errors import CorpusError
from corpus.store import Store, has_catalogue, open_store

LEAST_FREE_GB = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it is well, what was seen, and what to do where it is not.

    `needed` is False where the program works without it.
    """

    name: str
    well: bool
    seen: str
    advice: str = ""
    needed: bool = True


def examine(folder: Path, embeddings: str | None, model: str | None) -> Iterator[Check]:
    """Yield the checks, one after the other."""
    yield _disk(folder)
    yield from _corpus(folder, embeddings)
    yield _memory()
    yield _llama()
    yield _model(model or os.environ.get(MODEL_VARIABLE) or "none", folder)
    yield _libreoffice()
    yield _producer()


def _disk(folder: Path) -> Check:
    place = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free / 1e9
    if not os.access(place, os.W_OK):
        return Check("数据目录", False, f"{folder} 不可写", "请检查权限，或设置 ASSISTANT_DATA_DIR")
    return Check(
        "数据目录",
        free >= LEAST_FREE_GB,
        f"{folder}，剩余 {free:.0f} GB",
        f"请留出至少 {LEAST_FREE_GB:.0f} GB",
    )


def _corpus(folder: Path, embeddings: str | None) -> Iterator[Check]:
    if not has_catalogue(folder):
        yield Check("文件库", False, "还没有文件", "python -m corpus sync 你的文件夹")
        return
    store: Store | None = None
    try:
        store = open_store(folder, embeddings)
        stats = store.catalogue.stats()
        for access in Access:
            if stats[access]["documents"]:
                store.index(access)
        counts = "，".join(f"{access} {stats[access]['documents']} 份" for access in Access)
        yield Check(
            "文件库", bool(stats[Access.PUBLIC]["documents"]), counts, "python -m corpus sync"
        )
        halted = store.catalogue.get_state("dirty") == "1"
        yield Check(
            "导入",
            not halted,
            "上次导入没有结束（或正在进行）" if halted else "上次导入已完成",
            "等它结束；若已中断，再运行一次 python -m corpus sync",
        )
    except CorpusError as error:
        yield Check("文件库", False, str(error), "python -m corpus verify")
    finally:
        if store is not None:
            store.close()


def _memory() -> Check:
    free = free_memory_gb()
    cores = len(os.sched_getaffinity(0))
    seen = f"{cores} 核" + (f"，可用内存 {free:.1f} GB" if free is not None else "")
    return Check("机器", free is None or free >= 1, seen, "可用内存不足 1 GB，请关闭其他程序")


def free_memory_gb() -> float | None:
    """Return the memory that is free for use, where the system tells."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        return next(int(x.split()[1]) for x in lines if x.startswith("MemAvailable")) / 1e6
    except (OSError, ValueError, StopIteration):
        return None


def _llama() -> Check:
    if find_spec("llama_cpp") is None:
        return Check(
            "llama.cpp",
            False,
            "没有安装",
            "要在本机运行语言模型：pip install '.[gguf]'",
            needed=False,
        )
    from assistant.runtime import offloads

    return Check("llama.cpp", True, "已安装，" + ("可用显卡" if offloads() else "只用 CPU"))


def _model(spec: str, folder: Path) -> Check:
    if spec == "none":
        there = ", ".join(path.name for path in model_files.installed(folder / "models"))
        return Check(
            "语言模型",
            True,
            "未设置，回答为原文摘录" + (f"；模型目录里有 {there}" if there else ""),
        )
    if spec.startswith(("http://", "https://")):
        return _server(spec)
    path = Path(spec)
    try:
        model_files.check_gguf(path)
    except ModelError as error:
        return Check("语言模型", False, str(error), "python -m assistant models")
    size, free = path.stat().st_size / 1e9, free_memory_gb()
    enough = free is None or free > size * 1.2
    return Check(
        "语言模型",
        enough,
        f"{path.name}，{size:.1f} GB",
        f"可用内存 {free or 0:.1f} GB 不够，请换小一些的模型：python -m assistant models",
    )


def _libreoffice() -> Check:
    from assistant.drafting.pdf import find_libreoffice  # python-docx takes a moment to import

    there = find_libreoffice() is not None
    return Check(
        "LibreOffice",
        there,
        "已安装" if there else "没有安装",
        "读 .doc、.wps 等旧格式、导出 PDF、预览打印效果、把版记放到末尾的双数页都要用它；"
        "请安装 libreoffice-writer",
        needed=False,
    )


def _producer() -> Check:
    code = os.environ.get(PRODUCER_VARIABLE, UNSET_PRODUCER)
    advice = (
        f"请设置 {PRODUCER_VARIABLE}：27 位编码，例如把 {UNSET_PRODUCER} 中连续的 18 个零"
        "换成本单位的统一社会信用代码"
    )
    try:
        Label("doctor", code).as_json()
    except ExportError as error:
        return Check("AIGC 标识", False, str(error), advice, needed=False)
    unset = code == UNSET_PRODUCER
    seen = "没有设置生成者编码，每份 AIGC 标识里的信用代码都是零" if unset else f"生成者编码 {code}"
    return Check("AIGC 标识", not unset, seen, advice, needed=False)


def _server(spec: str) -> Check:
    url, _, name = spec.partition("#")
    settings = ModelSettings.from_environment()
    headers = {"Authorization": f"Bearer {settings.api_key}"} if settings.api_key else {}
    try:
        reply = httpx.get(f"{url.rstrip('/')}/models", headers=headers, timeout=5, trust_env=False)
        names = [str(entry.get("id")) for entry in reply.json()["data"]]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, AttributeError):
        return Check("语言模型", False, f"服务 {url} 没有应答", "请确认服务在运行、地址无误")
    return Check(
        "语言模型",
        name in names,
        f"服务 {url} 提供 {'、'.join(names) or '零个模型'}",
        f"没有名为 {name!r} 的模型；请改正 #模型名",
    )
