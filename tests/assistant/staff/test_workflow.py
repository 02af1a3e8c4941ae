"""Laws of the way to signature: nothing is signed unseen, and nobody reviews their own words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.drafting.draft import Draft, Section
from assistant.staff.errors import RefusedError
from assistant.staff.workflow import (
    Progress,
    Role,
    State,
    Step,
    after_edit,
    differs_in_substance,
    may_take,
    steps_for,
    take,
)

PEOPLE = {"甲": Role.DRAFTER, "乙": Role.REVIEWER, "丙": Role.SIGNER, "丁": Role.MANAGER}
moves = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(sorted(PEOPLE)), st.sampled_from(Step)),
        st.tuples(st.sampled_from(["甲", "乙", "丙"]), st.booleans()),
    ),
    max_size=30,
)
DRAFT = Draft(
    kind="通知", kind_version=1, facts={"发文机关": "清河市民政局", "事项": ["甲", "乙"]},
    sections=(Section("正文", ("各单位要按时报送。",)),), basis=(), blocked=(), quoted=(), missing=(),
    as_of="2026-11-20", produce_id="x",
)  # fmt: skip


@given(moves)
def test_whatever_is_done_a_signature_rests_on_a_review_by_another(
    done: list[tuple[str, Step | bool]],
) -> None:
    progress = Progress(State.DRAFTING, 1, "甲", "甲", frozenset({"甲"}))
    authors = {1: "甲"}
    approved: dict[int, str] = {}
    for name, what in done:
        before = progress
        if isinstance(what, bool):
            progress = after_edit(progress, name, substantial=what)
            authors[progress.version] = name
            assert progress.version == before.version + 1
            if what:
                assert progress.state is not State.SIGNED and progress.reviewed is None
            continue
        if not may_take(what, progress, name, PEOPLE[name]):
            with pytest.raises(RefusedError):
                take(what, progress, name, PEOPLE[name])
            continue
        progress = take(what, progress, name, PEOPLE[name])
        assert progress.version == before.version
        if what is Step.APPROVE:
            approved[progress.version] = name
        if progress.state is State.SIGNED:
            assert before.state is State.REVIEW and PEOPLE[name] is Role.SIGNER
            assert progress.reviewed in approved
    if progress.state is State.SIGNED:
        assert progress.reviewed is not None and progress.signed is not None
        wrote = {author for number, author in authors.items() if number <= progress.reviewed}
        assert approved[progress.reviewed] not in wrote
    assert not steps_for(progress, "丁", Role.MANAGER)


@pytest.mark.parametrize(
    ("change", "substantial"),
    [
        ({"发文字号": "清民发〔2026〕18号"}, False),
        ({"成文日期": "2026-11-20"}, False),
        ({"发文机关": "清河市财政局"}, True),
        ({"事项": ["甲"]}, True),
        ({"签发人": ["示例甲"]}, True),
    ],
)
def test_what_registration_fills_in_is_no_change_of_substance(
    change: dict[str, object], substantial: bool
) -> None:
    assert (
        differs_in_substance(DRAFT, replace(DRAFT, facts={**DRAFT.facts, **change})) is substantial
    )


@pytest.mark.parametrize(
    ("text", "substantial"),
    [
        ("各单位要按时报送。", False),
        ("各单位，要按时报送。", False),
        (" 各单位要 按时报送", False),
        ("各单位不要按时报送。", True),
        ("各单位要按时报送10份。", True),
    ],
)
def test_marks_and_spaces_are_no_change_of_substance_words_and_figures_are(
    text: str, substantial: bool
) -> None:
    changed = replace(DRAFT, sections=(Section("正文", (text,)),))
    assert differs_in_substance(DRAFT, changed) is substantial


FIGURES = {
    "a decimal point": ("补贴1.5万元。", "补贴15万元。"),
    "a percent sign": ("占10%。", "占10‰。"),
    "a percent sign lost": ("占10%。", "占10。"),
    "a range": ("工作3～5日。", "工作35日。"),
    "a range with units": ("每月100元～300元。", "每月100元300元。"),
    "a range of percent": ("占10%—20%。", "占1020%。"),
    "a sign": ("气温-5度。", "气温5度。"),
    "a time of day": ("会议9:30开始。", "会议930开始。"),
    "a comparison": ("得分≥80。", "得分≤80。"),
    "a list of figures": ("依照第3、5条。", "依照第35条。"),
    "a list in Chinese": ("依照第三、五条。", "依照第三五条。"),
}


@pytest.mark.parametrize(("seen", "now"), FIGURES.values(), ids=FIGURES)
@pytest.mark.parametrize("place", ["text", "fact"])
def test_a_mark_that_makes_a_figure_is_a_change_of_substance(
    seen: str, now: str, place: str
) -> None:
    def draft(words: str) -> Draft:
        if place == "fact":
            return replace(DRAFT, facts={**DRAFT.facts, "缘由": words})
        return replace(DRAFT, sections=(Section("正文", (words,)),))

    assert differs_in_substance(draft(seen), draft(now))
    assert differs_in_substance(draft(now), draft(seen))
    assert not differs_in_substance(draft(seen), draft(f" {seen.removesuffix('。')}"))


@pytest.mark.parametrize(
    ("seen", "now"),
    [("共1,500元。", "共1500元"), ("占10％。", "占 10%"), ("共５人，分两组。", "共5人分两组")],
)
def test_one_figure_in_another_writing_is_no_change_of_substance(seen: str, now: str) -> None:
    drafts = [replace(DRAFT, sections=(Section("正文", (text,)),)) for text in (seen, now)]
    assert not differs_in_substance(*drafts)
