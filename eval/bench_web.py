"""Measure the HTTP interface and the chat page's queue: one person after another, then many at once.

    python -m eval.bench_web --data-dir DIR --questions FILE.jsonl [--users 20] [--rounds 10]

It serves the data directory on a free port of this machine, asks, prints p50 and p95 of the whole
request as a client sees it, and stops. Questions are the `text` (or `question`) of each line.
"""

from __future__ import annotations

import argparse
import json
import secrets
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from corpus.console import run_command, say
from corpus.errors import UsageError

WARM_UP = 10  # questions asked before the clock runs
STARTING = 120.0  # seconds a server may take until it is healthy


@dataclass(frozen=True, slots=True)
class Timing:
    """What a load took: milliseconds of each answered request, and how many were lost."""

    milliseconds: tuple[float, ...]
    lost: int
    seconds: float

    def percentile(self, share: int) -> float:
        """Return a percentile of the milliseconds."""
        cuts = statistics.quantiles(self.milliseconds, n=100, method="inclusive")
        return cuts[share - 1]

    def __str__(self) -> str:
        """Return one line a person can read."""
        rate = len(self.milliseconds) / self.seconds
        return (
            f"n={len(self.milliseconds)} lost={self.lost} p50={self.percentile(50):.0f} ms "
            f"p95={self.percentile(95):.0f} ms max={max(self.milliseconds):.0f} ms {rate:.1f}/s"
        )


Ask = Callable[[httpx.Client, str], bool]


def ask_interface(client: httpx.Client, question: str) -> bool:
    """Ask through the JSON interface; say whether an answer came."""
    reply = client.post("/api/ask", json={"question": question})
    return reply.status_code == 200 and bool(reply.json()["next_step"])


def ask_page(client: httpx.Client, question: str) -> bool:
    """Ask as the chat page does, through its queue; say whether its last update is the answer."""
    session = secrets.token_hex(8)
    number = next(
        place
        for place, one in enumerate(client.get("/config").json()["dependencies"])
        if len(one["inputs"]) == 3
    )
    joined = client.post(
        "/gradio_api/queue/join",
        json={"data": [question, [], ""], "fn_index": number, "session_hash": session},
    )
    if not joined.is_success:
        return False
    with client.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as events:
        for line in events.iter_lines():
            if not line.startswith("data:"):
                continue
            event = json.loads(line[5:])
            if event["msg"] == "process_completed":
                shown = event["output"].get("data") or [""]
                return bool(event["success"]) and '"state": "done"' in str(shown[0])
    return False


def measure(
    address: str, questions: Sequence[str], *, users: int, rounds: int, ask: Ask = ask_interface
) -> Timing:
    """Let users ask at once, each `rounds` questions one after another without a pause."""
    taken: list[float] = []
    lost: list[str] = []
    lock = threading.Lock()
    gate = threading.Barrier(users + 1)

    def one_user(number: int) -> None:
        with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
            gate.wait()
            for turn in range(rounds):
                question = questions[(number * rounds + turn) % len(questions)]
                started = time.perf_counter()
                try:
                    answered = ask(client, question)
                except (httpx.HTTPError, ValueError):
                    answered = False
                milliseconds = (time.perf_counter() - started) * 1000
                with lock:
                    if answered:
                        taken.append(milliseconds)
                    else:
                        lost.append(question)

    threads = [threading.Thread(target=one_user, args=(number,)) for number in range(users)]
    for thread in threads:
        thread.start()
    gate.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return Timing(tuple(taken), len(lost), time.perf_counter() - started)


def _read_questions(path: Path, limit: int) -> list[str]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    questions = [str(row.get("text") or row.get("question") or "")[:500] for row in rows]
    found = [question for question in questions if question.strip()][:limit]
    if not found:
        raise UsageError(f"{path} 里没有问题；每行应有 text 或 question")
    return found


def _run(options: argparse.Namespace) -> int:
    questions = _read_questions(options.questions, options.limit)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "assistant", "--data-dir", str(options.data_dir), "serve"]
    server = subprocess.Popen([*command, "--port", str(port), "--per-minute", "0"])
    try:
        wait_until_healthy(address, server)
        measure(address, questions, users=1, rounds=WARM_UP)
        say(f"1 user:   {measure(address, questions, users=1, rounds=options.rounds * 10)}")
        load = measure(address, questions, users=options.users, rounds=options.rounds)
        say(f"{options.users} users: {load}")
        queued = measure(
            address, questions, users=options.users, rounds=options.rounds, ask=ask_page
        )
        say(f"{options.users} users through the page's queue: {queued}")
    finally:
        server.terminate()
        server.wait(20)
    return 0


def wait_until_healthy(address: str, server: subprocess.Popen[bytes]) -> None:
    """Return when the server answers.

    Raises:
        UsageError: It ended or took too long.
    """
    until = time.monotonic() + STARTING
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx.get(f"{address}/health", trust_env=False, timeout=30).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise UsageError("服务没有启动；请先检查：python -m corpus stats")


def main() -> int:
    """Run the measurement."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench_web", description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=10)
    parser.set_defaults(run=_run)
    return run_command(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
