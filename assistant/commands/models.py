"""`models`: which language models fit, fetch one, take one in, try one."""

from __future__ import annotations

import argparse
import threading
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import model_files
from corpus.console import advise, say
from corpus.errors import CorpusError
from corpus.store import data_folder

if TYPE_CHECKING:
    from assistant.chat_model import ChatModel
    from assistant.commands.common import Commands

QUESTION = "老人满80岁能领多少高龄津贴？"
SPEED_TOKENS = 64


def add(commands: Commands) -> None:
    """Add the command and its options."""
    command = commands.add_parser("models", help="推荐的语言模型；下载、加入、试用")
    command.set_defaults(run=_list)
    actions = command.add_subparsers(metavar="动作")
    pull = actions.add_parser("pull", help="从站点下载（断点续传，核对 sha256）")
    pull.add_argument("name", metavar="名称", help="推荐模型的名称，或 仓库:文件名.gguf")
    pull.add_argument("--hub", metavar="网址", help=f"站点地址（默认 ${model_files.HUB_VARIABLE}）")
    pull.add_argument(
        "--sha256", default="", metavar="摘要", help="文件应有的 sha256；不写则用站点给出的"
    )
    pull.set_defaults(run=_pull)
    take = actions.add_parser("add", help="把已有的 GGUF 文件放进模型目录（不联网）")
    take.add_argument("file", type=Path, metavar="文件", help=".gguf 文件")
    take.set_defaults(run=_add)
    test = actions.add_parser("test", help="载入模型，给出速度和一个带出处的回答")
    test.add_argument("file", metavar="文件", help=".gguf 文件，或 http://主机/v1#模型名")
    test.add_argument("--question", default=QUESTION, metavar="问题", help=f"默认：{QUESTION}")
    test.set_defaults(run=_test)


def _folder(options: argparse.Namespace) -> Path:
    return data_folder(options.data_dir) / "models"


def _list(options: argparse.Namespace) -> int:
    there = {path.name for path in model_files.installed(_folder(options))}
    for model in model_files.load_catalogue():
        mark = "已下载" if model.file in there else ""
        say(f"{model.name:<12} {model.size_gb:>4} GB  内存约 {model.memory_gb} GB  {mark}")
        say(f"    {model.languages} · {model.licence} · {model.hardware} · {model.advice}")
        say(f"    {model.repository} {model.file}")
    others = there - {model.file for model in model_files.load_catalogue()}
    for name in sorted(others):
        say(f"{name}  （自行加入）")
    advise(
        f"\n模型目录：{_folder(options)}\n下载：python -m assistant models pull 名称；"
        "使用：设置 ASSISTANT_MODEL=文件路径，或 ask --model 文件路径"
    )
    return 0


def _pull(options: argparse.Namespace) -> int:
    model = model_files.find(options.name, model_files.load_catalogue())
    shown = -1

    def progress(there: int, size: int) -> None:
        nonlocal shown
        percent = there * 100 // size if size else 0
        if percent // 5 != shown // 5:
            shown = percent
            say(f"{model.file}：{percent}%（{there / 1e6:.0f} MB）", error=True)

    path = model_files.pull(
        model,
        _folder(options),
        model_files.hub_address(options.hub),
        sha256=options.sha256,
        progress=progress,
    )
    advise(f"已下载并核对：{path}\n试用：python -m assistant models test {path}")
    return 0


def _add(options: argparse.Namespace) -> int:
    path = model_files.take_in(options.file, _folder(options))
    say(f"已加入：{path}\nsha256 {model_files.digest_of(path)}")
    advise(f"试用：python -m assistant models test {path}")
    return 0


def _test(options: argparse.Namespace) -> int:
    from assistant.answer import answer
    from assistant.conversation import Basis
    from assistant.runtime import open_model  # LangChain takes a second to import
    from assistant.services import open_services

    started = time.perf_counter()
    model = open_model(options.file)
    if model is None:
        raise CorpusError("没有指定模型文件；查看：python -m assistant models")
    say(f"载入 {model.name}：{time.perf_counter() - started:.1f} 秒")
    first, speed = _speed(model)
    say(f"首字 {first:.2f} 秒，之后每秒 {speed:.1f} 个词元")
    services = open_services(data_folder(options.data_dir), embeddings=options.embeddings)
    services.model = model
    started = time.perf_counter()
    given = answer(options.question, services, as_of=date.today())
    say(f"\n问：{options.question}（{time.perf_counter() - started:.1f} 秒）\n{given.text}")
    for citation in given.citations:
        say(f"  [{citation.number}]《{citation.title}》{citation.locator}")
    written = given.basis is Basis.MODEL
    dropped = f"，{len(given.trace.dropped)} 句未通过核对" if given.trace.dropped else ""
    say(
        "\n"
        + ("模型的文字通过了核对" if written else "模型的文字没有采用，以上是原文摘录")
        + dropped
    )
    services.close()
    return 0


def _speed(model: ChatModel) -> tuple[float, float]:
    """Return seconds to the first token and tokens a second after it."""
    from langchain_core.messages import HumanMessage

    started = time.perf_counter()
    first = 0.0
    count = 0
    for piece in model.stream(
        [HumanMessage("请介绍一下政务服务中心能办理哪些事项。")],
        max_tokens=SPEED_TOKENS,
        cancelled=threading.Event(),
    ):
        if not piece and not count:
            continue
        count += 1
        first = first or time.perf_counter() - started
    writing = time.perf_counter() - started - first
    return first, (count - 1) / writing if writing > 0 and count > 1 else 0.0
