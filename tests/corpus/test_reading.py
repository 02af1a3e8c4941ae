"""A file that makes no progress is given up, by computing time; one that only waits for its turn is not."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpus import reading
from corpus.errors import ParseError

ROOT = Path(__file__).parent.parent.parent


def spin(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_computing_without_a_page_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SILENCE_SECONDS", 0.1)
    with pytest.raises(ParseError, match="没有进展"), reading._alarm("文件.txt"):
        spin(5)


def test_an_alarm_that_a_library_wrapped_is_still_told_as_what_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "SILENCE_SECONDS", 0.1)
    with pytest.raises(ParseError, match="没有进展"), reading._alarm("文件.txt"):
        try:
            spin(5)
        except ParseError as error:
            raise ParseError("文件已损坏") from error


def test_pages_done_and_waiting_are_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SILENCE_SECONDS", 0.3)
    with reading._alarm("文件.txt") as beat:
        for page in range(3):
            spin(0.15)
            beat(page + 1, 3)
        time.sleep(0.5)


def test_waiting_for_ever_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WAITING_SECONDS", 0.1)
    with pytest.raises(ParseError, match="没有进展"), reading._alarm("文件.txt"):
        time.sleep(5)


def test_a_library_that_never_hears_the_alarm_is_ended_by_the_system() -> None:
    script = (
        "import hashlib; from corpus import reading; reading.SILENCE_SECONDS = 1\n"
        "reading.DEAF_SECONDS = 1\n"
        "with reading._alarm('文件.pdf'):\n"
        "    hashlib.pbkdf2_hmac('sha256', b'x', b'y', 2_000_000_000)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=120, check=False)
    assert done.returncode == -signal.SIGVTALRM


def test_a_file_that_was_read_leaves_no_alarm_behind() -> None:
    timers = (signal.ITIMER_PROF, signal.ITIMER_REAL, signal.ITIMER_VIRTUAL)
    with reading._alarm("文件.txt"):
        assert all(signal.getitimer(timer)[0] for timer in timers)
    assert not any(signal.getitimer(timer)[0] for timer in timers)


def test_an_error_of_the_file_itself_passes_through() -> None:
    with pytest.raises(ParseError, match="空文件"), reading._alarm("文件.txt"):
        raise ParseError("空文件")
