"""Commands in messages, as they are typed in this shell: with the environment activated or not."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

_COMMAND = re.compile(r"(?<![\w/.-])python -m (?=corpus|assistant|eval)")


def as_typed_here(message: str) -> str:
    """Return a message in which `python -m …` names this interpreter where `python` is another."""
    interpreter = _interpreter()
    return _COMMAND.sub(lambda _: f"{interpreter} -m ", message)


def _interpreter() -> str:
    folder = Path(sys.prefix, "bin")
    found = shutil.which("python")
    # Outside any environment `python` may be whatever the system calls it; nothing is better known.
    if sys.prefix == sys.base_prefix or (
        found and Path(found).parent.resolve() == folder.resolve()
    ):
        return "python"
    path = folder / "python"
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return shlex.quote(str(path))
