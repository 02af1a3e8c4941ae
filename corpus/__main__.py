"""`python -m corpus`: put documents in, look at them, repeal, check and rebuild."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from corpus.interrupting import leaving_at_once


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0 done, 1 nothing could be done, 130 interrupted."""
    # Loaded here: it takes a second, in which Ctrl-C is answered already. The processes that read
    # files load this module too, and need none of it.
    with leaving_at_once():
        from corpus.commands import run
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
