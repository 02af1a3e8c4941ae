"""`python -m assistant`: ask with citations, search, draft, or serve the pages."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from corpus.interrupting import leaving_at_once


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0 done, 1 nothing could be done, 130 interrupted."""
    # Loaded here: it takes two seconds, in which Ctrl-C is answered already.
    with leaving_at_once():
        from assistant.commands.together import run
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
