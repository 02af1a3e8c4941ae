"""One file → text, metadata and clauses; runs in a worker process that may be killed."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.synchronize import Semaphore
from pathlib import Path
from types import FrameType

from corpus.chunking import chunk
from corpus.documents import Access, Chunk, Metadata, digest, document_id
from corpus.errors import ParseError
from corpus.manifest import Override, apply_override
from corpus.metadata import check_unclassified, read_metadata
from corpus.parsing import parse

# Raise it when parsing, metadata or chunking read the same bytes differently: files are then read
# again at the next sync.
READER_VERSION = "3"

SILENCE_SECONDS = 18  # of computing without a page done, after which a file is given up
DEAF_SECONDS = 2  # of computing more, after which the process is ended
WAITING_SECONDS = 90  # the same by the clock: for what hangs without computing
MEMORY_BYTES = 4 << 30  # address space of a worker; OCR needs about 2 GiB of it


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What one file became."""

    document_id: str
    text: str
    metadata: Metadata
    chunks: tuple[Chunk, ...]
    media_type: str


def settings_digest(override: Override | None) -> str:
    """Return what, beside its bytes, decides how a file is read."""
    return digest(f"{READER_VERSION}\0{override!r}".encode())


def read_file(
    path: Path, sha256: str, access: Access, override: Override | None, originals: Path
) -> ReadFile:
    """Parse a file, read its metadata, split it into clauses, keep a copy of the original.

    Raises:
        ParseError: The file cannot be read, is empty, or carries a state-secret mark.
    """
    identity = document_id(str(path), sha256, access, settings_digest(override))
    with _alarm(path.name) as beat:
        parsed = parse(path, on_page=beat)
        check_unclassified(parsed, file_name=path.name)
        metadata = read_metadata(parsed, file_name=path.name)
        chunks = chunk(identity, parsed.text, parsed.blocks)
    if override is not None:
        metadata = apply_override(metadata, override)
    if not chunks:
        raise ParseError(f"{path.name}：没有读到文字；请确认文件内容后重试")
    keep_original(path, original_path(originals, sha256, path.suffix))
    return ReadFile(identity, parsed.text, metadata, tuple(chunks), parsed.media_type)


def original_path(originals: Path, sha256: str, suffix: str) -> Path:
    """Return where the untouched copy of a file is kept."""
    return originals / sha256[:2] / f"{sha256}{suffix.lower()}"


def keep_original(path: Path, target: Path) -> None:
    """Copy a file into the store of originals, whole or not at all."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent)
    os.close(handle)
    try:
        shutil.copyfile(path, name)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def prepare_worker(started: Semaphore) -> None:
    """Limit a worker process's memory, leave Ctrl-C to the parent, and say that it started."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    started.release()


@contextlib.contextmanager
def _alarm(name: str) -> Iterator[Callable[[int, int], None]]:
    """Give up on a file when no page was finished for too long; yields what a finished page calls.

    Time spent computing counts: on a busy machine a good scan may wait long for its turn. What only
    waits is given up by the clock, later. A library that never comes back to hear the alarm is
    ended by the system, and the process with it.
    """
    rang = False

    def beat(_done: int, _total: int) -> None:
        signal.setitimer(signal.ITIMER_PROF, SILENCE_SECONDS)
        signal.setitimer(signal.ITIMER_REAL, WAITING_SECONDS)
        # Nobody handles this one's signal, so the system ends the process.
        signal.setitimer(signal.ITIMER_VIRTUAL, SILENCE_SECONDS + DEAF_SECONDS)

    def ring(_signal: int, _frame: FrameType | None) -> None:
        nonlocal rang
        rang = True
        raise _too_long(name)

    previous = {number: signal.signal(number, ring) for number in (signal.SIGPROF, signal.SIGALRM)}
    beat(0, 0)
    try:
        yield beat
    except ParseError as error:
        # A library that was interrupted may have turned the alarm into an error of its own.
        raise _too_long(name) if rang else error from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        for number, handler in previous.items():
            signal.signal(number, handler)


def _too_long(name: str) -> ParseError:
    return ParseError(
        f"{name}：读取超过 {SILENCE_SECONDS} 秒没有进展，已放弃；文件可能已损坏或过大，"
        "请核对后拆分或另存再导入。"
    )
