"""A server sees what another process synced, at once and whole; nothing half-made is answered from."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from assistant.answer import answer, stream
from assistant.chat_model import ChatModel
from assistant.conversation import Answer
from assistant.replies import AnswerStatus
from assistant.services import Services, open_services
from assistant.snapshot import Snapshot

ROOT = Path(__file__).parent.parent.parent
TODAY = date(2026, 11, 22)
QUESTION = "蓝莓种植补贴标准是每亩多少元"
RULE = (
    "东山市人民政府关于蓝莓种植补贴的通知\n东山政发〔2025〕{number}号\n\n各县人民政府：\n"
    "一、补贴标准。蓝莓种植补贴标准为每亩{amount}元。\n"
    "二、申请条件。连片种植蓝莓十亩以上的农户可以申请蓝莓种植补贴。\n\n"
    "东山市人民政府\n2025年{number}月1日\n"
)


def write(folder: Path, amount: int, number: int) -> None:
    text = RULE.format(amount=amount, number=number)
    (folder / "蓝莓种植补贴.txt").write_text(text, "utf-8")


def sync(data: Path, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "corpus", "--data-dir", str(data), "sync", str(folder), "--json"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "files"
    path.mkdir()
    write(path, 111, 1)
    for n in range(12):
        (path / f"其他{n}.txt").write_text(
            f"东山市公园管理办法之{n}\n\n第一条 公园每日开放。\n", "utf-8"
        )
    return path


@pytest.fixture
def served(tmp_path: Path, folder: Path) -> Iterator[Services]:
    assert sync(tmp_path / "data", folder).wait() == 0
    services = open_services(tmp_path / "data")
    yield services
    services.close()


def ask(services: Services) -> Answer:
    return answer(QUESTION, services, as_of=TODAY)


def test_a_sync_in_another_process_is_seen_and_never_half(
    served: Services, folder: Path, tmp_path: Path
) -> None:
    assert "111元" in ask(served).text
    ending = threading.Event()
    given: list[tuple[float, Answer]] = []
    wrong: list[BaseException] = []

    def person() -> None:
        try:
            while not ending.is_set():
                given.append((time.monotonic(), ask(served)))
        except BaseException as error:
            wrong.append(error)

    people = [threading.Thread(target=person) for _ in range(3)]
    for one in people:
        one.start()
    write(folder, 222, 2)
    assert sync(tmp_path / "data", folder).wait() == 0
    ended = time.monotonic()
    while "222元" not in ask(served).text and time.monotonic() < ended + 5:
        time.sleep(0.05)
    seen = time.monotonic() - ended
    ending.set()
    for one in people:
        one.join()
    assert not wrong
    assert "222元" in ask(served).text and seen < 5
    for _, one_answer in given:
        # One version or the other, or (while the one replaces the other) honestly none.
        amounts = [amount for amount in ("111元", "222元") if amount in one_answer.text]
        assert len(amounts) == 1 or one_answer.status is AnswerStatus.NO_EVIDENCE
        for citation in one_answer.citations:
            text = served.store.catalogue.text(citation.document_id)
            assert text[citation.start : citation.end] == citation.quote
    after = [one_answer for at, one_answer in given if at > ended + seen]
    assert not any("111元" in one_answer.text for one_answer in after)


def test_a_text_replaced_while_the_model_writes_is_not_quoted(
    served: Services, folder: Path, tmp_path: Path, script: Callable[..., ChatModel]
) -> None:
    def slow(_message: str) -> Iterator[str]:
        write(folder, 333, 3)
        assert sync(tmp_path / "data", folder).wait() == 0
        yield "蓝莓种植补贴标准为每亩111元。[1]"

    served.model = script(slow)
    *_, last = stream(QUESTION, served, as_of=TODAY)
    assert "333元" in last.answer.text and "111元" not in last.answer.text  # type: ignore[union-attr]


def test_a_sync_that_was_killed_leaves_the_state_before_it(
    served: Services, folder: Path, tmp_path: Path
) -> None:
    write(folder, 444, 4)
    running = sync(tmp_path / "data", folder)
    while served.store.catalogue.get_state("dirty") != "1" and running.poll() is None:
        time.sleep(0.01)
    running.kill()
    running.wait()
    text = ask(served).text
    assert ("111元" in text) != ("444元" in text) or "没有" in text
    assert sync(tmp_path / "data", folder).wait() == 0
    assert "444元" in ask(served).text


def test_the_places_held_are_known_also_where_a_sync_was_killed(
    served: Services, tmp_path: Path
) -> None:
    served.store.catalogue.set_state(dirty="1")
    opened = open_services(tmp_path / "data")
    with opened.reading() as revision, served.reading() as finished:
        assert opened.regions(revision) == served.regions(finished) != frozenset()
    opened.close()


def test_readers_wait_for_a_new_state_and_never_overlap_it() -> None:
    newest, reading, overlaps = [0], [0], []

    def reopen() -> None:
        overlaps.append(reading[0])
        time.sleep(0.02)

    snapshot = Snapshot(lambda _open: newest[0], reopen)

    def reader() -> None:
        for n in range(20):
            with snapshot.reading() as revision:
                reading[0] += 1
                time.sleep(0.001)
                assert revision <= newest[0]
                reading[0] -= 1
            if n % 5 == 0:
                newest[0] += 1

    threads = [threading.Thread(target=reader) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps and not any(overlaps)


def test_a_long_reader_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.snapshot.PATIENCE", 0.05)
    monkeypatch.setattr("assistant.snapshot.PAUSE", 0.0)
    newest = [1]
    state = Snapshot(lambda _open: newest[0], lambda: None)
    with state.reading() as long:
        newest[0] = 2
        with state.reading() as other:
            assert other == long == 1
    with state.reading() as later:
        assert later == 2


def test_a_state_that_cannot_be_opened_is_tried_again() -> None:
    fails = [True]

    def reopen() -> None:
        if fails.pop():
            fails.append(False)
            raise OSError("busy")

    newest = iter([0, 1, 1, 1])
    snapshot = Snapshot(lambda _open: next(newest), reopen)
    with pytest.raises(OSError, match="busy"), snapshot.reading():
        pass
    with snapshot.reading() as revision:
        assert revision == 1
