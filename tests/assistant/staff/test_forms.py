"""A form gives back the facts it was shown, for every kind, and opens no files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.drafting.errors import FactsError
from assistant.drafting.facts import facts_from, read_facts
from assistant.drafting.kinds import FieldType, Kind, find_kind, load_kinds
from assistant.staff.accounts import User
from assistant.staff.form_page import form_values, render_form
from assistant.staff.forms import read_form, show_fact
from assistant.staff.sessions import Session
from assistant.staff.workflow import Role

KINDS = load_kinds()
EXAMPLES = Path(__file__).parents[3] / "prompts" / "draft" / "examples"
SESSION = Session(User("甲", Role.DRAFTER), "t")
words = st.text(st.sampled_from("甲乙丙丁第一条，。1a"), min_size=1, max_size=8)
items = st.lists(
    st.one_of(
        words,
        st.fixed_dictionaries({"标题": words, "内容": words}),
        st.fixed_dictionaries({"标题": words, "内容": st.lists(words, min_size=2, max_size=3)}),
    ),
    min_size=1,
    max_size=5,
)
rows = st.lists(st.lists(words, min_size=2, max_size=3), min_size=1, max_size=3)
attachments = st.lists(
    st.one_of(
        words,
        st.fixed_dictionaries({"名称": words, "内容": st.lists(words, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"名称": words, "表格": rows}),
    ),
    min_size=1,
    max_size=3,
)


@settings(deadline=None)  # a busy machine is no fault of the form
@given(items, attachments, st.booleans())
def test_a_form_gives_back_what_it_was_shown(
    given_items: list[Any], given_attachments: list[Any], sealed: bool
) -> None:
    kind = find_kind("通知")
    raw = {"事项": given_items, "附件": given_attachments, "加盖印章": sealed}
    facts = facts_from(raw, kind)
    again = read_form(form_values(kind, raw), kind)
    assert again.values == facts.values and again.attachments == facts.attachments


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_survives_the_form(path: Path) -> None:
    kind = find_kind(path.stem)
    facts = read_facts(path, kind)
    again = read_form(form_values(kind, facts.raw), kind)
    assert again.attachments == facts.attachments
    assert {k: str(v).split() for k, v in again.values.items()} == {
        k: str(v).split() for k, v in facts.values.items()
    }


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_field_has_its_label_help_and_example(kind: Kind) -> None:
    page = render_form(kind, {}, SESSION, action="/x", heading="新建")
    for entry in kind.fields:
        assert page.count(f'id="field-{entry.name}"') == 1
        assert f'for="field-{entry.name}"' in page
        assert f'aria-describedby="help-{entry.name}"' in page
        assert f'id="help-{entry.name}"' in page
    required = [entry for entry in kind.fields if entry.required]
    assert page.count('class="required"') == len(required) > 0


def test_a_proposal_is_pasted_and_never_read_from_this_machine(tmp_path: Path) -> None:
    kind = find_kind("提案答复")
    (field,) = (entry for entry in kind.fields if entry.type is FieldType.PROPOSAL)
    secret = tmp_path / "secret.txt"
    secret.write_text("不得外泄", "utf-8")
    for name in (str(secret), f"  {secret}\r\n", str(secret).replace(".txt", ".TXT")):
        with pytest.raises(FactsError, match="粘贴全文"):
            read_form({field.name: name}, kind)
    text = "建议一：修路。\n建议二：种树。"
    assert read_form({field.name: text}, kind).proposal == text


def test_what_is_typed_stays_text() -> None:
    hostile = '"><script>alert(1)</script></textarea>'
    kind = find_kind("通知")
    values = {entry.name: hostile for entry in kind.fields}
    page = render_form(kind, values, SESSION, action="/x", heading=hostile, message=hostile)
    assert "<script>alert" not in page and "</textarea></textarea>" not in page
    assert show_fact(kind.fields[0], None) == ""
