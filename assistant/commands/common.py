"""What the commands share: the options that open the corpus."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from assistant.services import Services, open_services
from corpus.store import data_folder, parse_access

if TYPE_CHECKING:
    from corpus.command_line import CommandLine

    Commands = argparse._SubParsersAction[CommandLine]


def open_from(options: argparse.Namespace) -> Services:
    """Open the corpus that the options of a command name."""
    return open_services(
        data_folder(options.data_dir),
        access=parse_access(options.access),
        embeddings=options.embeddings,
        model=getattr(options, "model", "none"),
    )
