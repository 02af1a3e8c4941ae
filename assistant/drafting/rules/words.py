"""The word lists of the rules, read once from words.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def words(name: str) -> list[str]:
    """Return a list of words."""
    return [str(word) for word in _all()[name]]


@cache
def replacements(name: str) -> dict[str, str]:
    """Return words with what should stand in their place, empty where a person must decide."""
    return {str(key): str(value or "") for key, value in _all()[name].items()}


@cache
def _all() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text("utf-8"))
    return data
