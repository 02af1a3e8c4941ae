"""Ask a server without pause while it is killed and while its corpus is replaced; check every reply.

    python -m eval.serving --data-dir DIR [--users 12] [--seconds 60] [--kills 2] [--syncs 3]

DIR must be empty: a corpus of the sample's texts and two files of our own is made there. The two
change together from version to version; `corpus sync` runs in a process of its own, the server is
ended by SIGKILL and started again on the same port of this machine. At the end it is checked that

- every complete answer quotes the stored text of a version that was finished, word for word;
- no answer mixes two versions, or quotes one that was replaced more than five seconds before;
- a stream that was cut off never ended as if it were complete;
- every question was answered in the end.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from corpus.console import run_command, say
from corpus.errors import UsageError
from corpus.store import open_store
from eval.bench_web import wait_until_healthy

SAMPLE = Path(__file__).parent.parent / "corpus" / "sample" / "files" / "public"
SEEN_WITHIN = 5.0  # seconds in which a server must see what a sync finished
PATIENCE = 90.0  # seconds in which a question must be answered, restarts included
OURS = ("试验区夜间值守津贴办法.txt", "试验区夜间值守津贴实施细则.txt")
QUESTIONS = (
    "试验区夜间值守津贴每人每晚多少元",
    "试验区夜间值守津贴的标准和发放时间",
    "老人满80岁能领多少高龄津贴",
    "养犬登记要交多少钱",
    "结婚登记要预约吗",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer: when it was asked and came (monotonic seconds), and its citations."""

    question: str
    asked: float
    came: float
    streamed: bool
    citations: tuple[dict[str, Any], ...]


@dataclass(slots=True)
class Record:
    """What happened, written by many threads."""

    replies: list[Reply] = field(default_factory=list)
    cut: int = 0
    refused: int = 0
    unanswered: list[str] = field(default_factory=list)
    finished: list[tuple[int, float]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def write_version(folder: Path, version: int) -> None:
    """Write both files of our own in a version; every amount in them names it."""
    amount = 100 + version
    first, second = OURS
    (folder / first).write_text(
        f"试验区夜间值守津贴办法\n\n第一条 试验区夜间值守津贴标准为每人每晚{amount}元。\n\n"
        f"第二条 本办法为第{version}版。\n",
        "utf-8",
    )
    (folder / second).write_text(
        f"试验区夜间值守津贴实施细则\n\n第一条 试验区夜间值守津贴按每人每晚{amount}元发放，"
        f"次月{version % 28 + 1}日前到账。\n",
        "utf-8",
    )


def ask_without_pause(address: str, number: int, until: float, record: Record) -> None:
    """Be one person: ask, and where the server is away, ask the same again until it answers."""
    chance = random.Random(number)
    while time.monotonic() < until:
        question = chance.choice(QUESTIONS)
        given_up = time.monotonic() + PATIENCE
        while not _ask(address, question, streamed=number % 2 == 0, record=record):
            if time.monotonic() > given_up:
                with record.lock:
                    record.unanswered.append(question)
                break
            time.sleep(0.2)


def _ask(address: str, question: str, *, streamed: bool, record: Record) -> bool:
    """Ask once; return whether a complete answer came."""
    asked = time.monotonic()
    try:
        with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
            if streamed:
                with client.stream("POST", "/api/ask/stream", json={"question": question}) as body:
                    given = _finished("".join(body.iter_text())) if body.is_success else None
            else:
                reply = client.post("/api/ask", json={"question": question})
                given = reply.json() if reply.is_success else None
    except httpx.ConnectError:
        with record.lock:
            record.refused += 1
        return False
    except httpx.HTTPError:
        given = None
    with record.lock:
        if given is None or given["status"] == "error":
            record.cut += 1
            return False
        citations = tuple(given["citations"])
        record.replies.append(Reply(question, asked, time.monotonic(), streamed, citations))
    return True


def _finished(text: str) -> dict[str, Any] | None:
    """Return the answer of a stream's last event, None where the stream has no such end."""
    for event in text.split("\n\n"):
        if event.startswith("event: finished\ndata: "):
            answer: dict[str, Any] = json.loads(event.split("data: ", 1)[1])["answer"]
            return answer
    return None


class Server:
    """The server under test, on one port, killed and started again."""

    def __init__(self, folder: Path) -> None:
        """Choose a free port; nothing runs yet."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.command = [sys.executable, "-m", "assistant", "--data-dir", str(folder), "serve"]
        self.command += ["--port", str(self.port), "--per-minute", "0"]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it and return the seconds until it was healthy."""
        began = time.monotonic()
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        wait_until_healthy(self.address, self.process)
        return time.monotonic() - began

    def kill(self) -> None:
        """End it as a failing machine would: nothing is finished or written."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)


def sync(folder: Path, files: Path) -> None:
    """Run `corpus sync` in a process of its own.

    Raises:
        UsageError: It failed.
    """
    command = [sys.executable, "-m", "corpus", "--data-dir", str(folder), "sync", str(files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UsageError(f"导入失败：{done.stderr.strip() or done.stdout.strip()}")


def check(folder: Path, record: Record) -> list[str]:
    """Return what is wrong with the replies; nothing if all is as promised."""
    store = open_store(folder, None)
    wrong: list[str] = []
    try:
        ids = {c["document_id"] for reply in record.replies for c in reply.citations}
        documents = store.catalogue.documents_by_id(ids)
        texts = {one: store.catalogue.text(one) for one in documents}
    finally:
        store.close()
    for reply in record.replies:
        versions = set()
        for citation in reply.citations:
            one = citation["document_id"]
            if one not in documents:
                wrong.append(f"引用了未入库的文件：{reply.question}")
            elif texts[one][citation["start"] : citation["end"]] != citation["quote"]:
                wrong.append(f"引文与入库原文不一致：{reply.question}")
            elif Path(documents[one].source).name in OURS:
                versions.add(documents[one].version)
        if len(versions) > 1:
            wrong.append(f"一个答复混用了两个版本 {sorted(versions)}：{reply.question}")
        due = [v for v, at in record.finished if at < reply.asked - SEEN_WITHIN]
        if versions and due and min(versions) < max(due):
            wrong.append(f"第{max(due)}版已生效，仍引用第{min(versions)}版：{reply.question}")
    wrong += [f"没有得到答复：{question}" for question in record.unanswered]
    return wrong


def run(options: argparse.Namespace) -> int:
    """Do it all; return 0 where nothing was wrong."""
    folder: Path = options.data_dir
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} 不是空目录；请换一个，例如：--data-dir /tmp/serving")
    files = folder / "files"
    files.mkdir(parents=True)
    for file in sorted(SAMPLE.glob("*.md")):
        shutil.copy(file, files)
    data, record, server = folder / "data", Record(), Server(folder / "data")
    write_version(files, 1)
    sync(data, files)
    record.finished.append((1, time.monotonic()))
    try:
        say(f"started in {server.start():.1f} s")
        until = time.monotonic() + options.seconds
        people = [
            threading.Thread(target=ask_without_pause, args=(server.address, n, until, record))
            for n in range(options.users)
        ]
        for person in people:
            person.start()
        _disturb(options, server, data, files, record)
        for person in people:
            person.join()
    finally:
        server.stop()
    wrong = check(data, record)
    ours = sum(any("值守津贴" in c["title"] for c in r.citations) for r in record.replies)
    say(
        f"{len(record.replies)} complete answers ({sum(r.streamed for r in record.replies)} streamed, "
        f"{ours} quoting a file that changed), {record.cut} cut off, {record.refused} while it was "
        f"away, {len(record.unanswered)} never answered; {len(record.finished)} versions"
    )
    for sentence in dict.fromkeys(wrong):
        say(sentence, error=True)
    say("nothing wrong" if not wrong else f"{len(wrong)} replies wrong")
    return 1 if wrong else 0


def _disturb(
    options: argparse.Namespace, server: Server, data: Path, files: Path, record: Record
) -> None:
    """Kill and replace in turn, spread over the time; the last kill falls into a sync."""
    steps = ["sync", "kill"] * max(options.kills, options.syncs)
    wanted = {"sync": options.syncs, "kill": options.kills}
    order = [step for n, step in enumerate(steps) if steps[:n].count(step) < wanted[step]]
    pause = options.seconds / (len(order) + 1) / 2
    version = 1
    for place, step in enumerate(order):
        time.sleep(pause)
        if step == "kill":
            server.kill()
            say(f"killed, back after {server.start():.1f} s")
            continue
        version += 1
        write_version(files, version)
        last = place == len(order) - 1
        if last:
            threading.Timer(0.8, server.kill).start()
        sync(data, files)
        record.finished.append((version, time.monotonic()))
        say(f"version {version} in place")
        if last:
            say(f"killed in the middle of it, back after {server.start():.1f} s")


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(prog="python -m eval.serving", description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--users", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--syncs", type=int, default=3)
    parser.set_defaults(run=run)
    return run_command(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
