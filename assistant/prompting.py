"""Load and render the prompts in `prompts/*.yaml`: checked data with a version and a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

import yaml

from assistant.replies import PROMPTS

_KEYS = {"version", "notes", "variables", "system", "user", "passage"}
_PASSAGE_VARIABLES = {"number", "title", "locator", "text"}


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt: fixed words with $variables that are filled once, never expanded again."""

    name: str
    version: int
    digest: str
    system: str
    user: str
    passage: str

    @property
    def label(self) -> str:
        """The name and version, as a trace keeps them."""
        return f"{self.name}@{self.version}"

    def render(self, **values: str) -> str:
        """Return the user's message."""
        return Template(self.user).substitute(values)

    def render_passage(self, **values: str) -> str:
        """Return one numbered passage."""
        return Template(self.passage).substitute(values)


def load_prompt(name: str, folder: Path = PROMPTS) -> Prompt:
    """Read and check one prompt.

    Raises:
        ValueError: An entry is unknown or missing, or the variables are not those declared.
    """
    path = folder / f"{name}.yaml"
    text = path.read_text("utf-8")
    data = yaml.safe_load(text)
    wrong = set(data) - _KEYS | ({"version", "variables", "user"} - set(data))
    if wrong:
        raise ValueError(f"{path.name}: unknown or missing entries {sorted(wrong)}")
    used = set(Template(data["user"]).get_identifiers())
    if used != set(data["variables"]):
        raise ValueError(f"{path.name}: user names {sorted(used)}, not {data['variables']}")
    passage = data.get("passage", "")
    if set(Template(passage).get_identifiers()) - _PASSAGE_VARIABLES:
        raise ValueError(f"{path.name}: passage may name {sorted(_PASSAGE_VARIABLES)} only")
    return Prompt(
        name=name,
        version=int(data["version"]),
        digest=prompt_digest(data),
        system=data.get("system", ""),
        user=data["user"],
        passage=passage,
    )


def prompt_digest(data: Mapping[str, object]) -> str:
    """Return the digest of what a prompt says; notes and the version do not count."""
    said = [str(data.get(key, "")) for key in ("system", "user", "passage")]
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:16]
