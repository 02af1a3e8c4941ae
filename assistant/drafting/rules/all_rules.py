"""Every rule that judges a text by itself, in one tuple, and the ids that a kind may name."""

from __future__ import annotations

from assistant.drafting.rules import (
    format_rules,
    kind_rules,
    number_rules,
    punctuation_rules,
    safety_rules,
)
from assistant.drafting.rules.engine import Rule

ALL_RULES: tuple[Rule, ...] = tuple(
    rule
    for family in (format_rules, kind_rules, punctuation_rules, number_rules, safety_rules)
    for rule in family.RULES.rules
)
CITATIONS = "C"  # the family that needs a corpus; it is named whole
NAMES = frozenset(
    {CITATIONS} | {rule.id for rule in ALL_RULES} | {rule.id[0] for rule in ALL_RULES}
)
"""What `checks` of a kind file may hold: a family (F), or one rule (G05)."""
