"""The texts of the interface in one language, read from `texts.yaml` and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).parent / "texts.yaml"


class Language(StrEnum):
    """A language of the interface; answers and documents stay in Chinese."""

    CHINESE = "zh"
    ENGLISH = "en"

    @property
    def tag(self) -> str:
        """The BCP 47 tag for the `lang` attribute."""
        return "zh-CN" if self is Language.CHINESE else "en"

    @property
    def prefix(self) -> str:
        """What the addresses of this language's pages start with."""
        return "" if self is Language.CHINESE else "/en"

    @property
    def other(self) -> Language:
        """The language that the switch leads to."""
        return Language.ENGLISH if self is Language.CHINESE else Language.CHINESE


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language by their key."""

    language: Language
    by_key: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        """Return a text as it stands.

        Raises:
            KeyError: There is no text of this key.
        """
        return self.by_key[key]

    def fill(self, key: str, **values: object) -> str:
        """Return a text with its {names} filled in."""
        return self.by_key[key].format(**values)

    def path(self, path: str) -> str:
        """Return the address of a page in this language."""
        return f"{self.language.prefix}{path}"


def language_of(path: str) -> Language:
    """Return the language that the address of a page names."""
    english = path == Language.ENGLISH.prefix or path.startswith(f"{Language.ENGLISH.prefix}/")
    return Language.ENGLISH if english else Language.CHINESE


@cache
def load_texts(language: Language) -> Texts:
    """Return the texts of a language.

    Raises:
        ValueError: A text is missing or empty in a language.
    """
    data = yaml.safe_load(FILE.read_text("utf-8"))
    broken = [key for key, entry in data.items() if set(entry) != set(Language) or "" in entry]
    if broken:
        raise ValueError(f"{FILE.name}: not in every language: {broken}")
    return Texts(language, {key: str(entry[language]) for key, entry in data.items()})
