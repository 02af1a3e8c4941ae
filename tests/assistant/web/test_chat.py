"""The chat page behind its boxes: updates of a question, limits, one pending, texts."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Generator
from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from assistant.chat_model import ChatModel
from assistant.web import texts as texts_module
from assistant.web.chat import Asked, State, Update, converse, read_asked
from assistant.web.desk import Desk
from assistant.web.limits import Pending, RateLimiter
from assistant.web.texts import Language, language_of, load_texts

TEXTS = load_texts(Language.CHINESE)
DAY = date(2026, 11, 22)
QUESTION = "老人满80岁能领多少高龄津贴？"
SHOWN = re.compile(r"^\[(\d+)\]《.+?》.*?：(.+?)(?=^\[\d+\]《|^问题：)", re.MULTILINE | re.DOTALL)
SUM = re.compile(r"[^。\n]{8,}\d元[^。\n]*。")
LINK = re.compile(r'class="cite"[^>]* href="([^"]+)"')


def asked(question: str, session: str = "s", client: str = "c") -> Asked:
    return read_asked(question, [], "t12345", session, client)


def test_a_question_is_shown_at_once_and_ends_in_one_answer(desk: Desk) -> None:
    updates = list(converse(asked(QUESTION), desk, TEXTS, day=DAY))
    states = [update.state for update in updates]
    assert states[0] is State.WORKING and states[-1] is State.DONE
    assert states.count(State.DONE) == 1
    assert 'data-passage="1"' in updates[-1].html and updates[-1].text
    assert {update.turn for update in updates} == {"t12345"}


def test_a_draft_opens_the_clauses_that_it_cites(
    desk: Desk, script: Callable[..., ChatModel]
) -> None:
    def not_the_first(message: str) -> str:
        _first, *others = SHOWN.finditer(message)
        return next(f"{found[0]}[{m[1]}]\n" for m in others if (found := SUM.search(m[2])))

    desk.services.model = script(not_the_first)
    *updates, last = converse(asked("一次性创业补贴标准是多少"), desk, TEXTS, day=DAY)
    writing = next(update.html for update in updates if TEXTS["draft_title"] in update.html)
    draft, excerpts = writing.split(TEXTS["excerpt_title"])
    assert TEXTS["basis_model"] in last.html
    assert LINK.findall(draft) == LINK.findall(last.html)
    assert LINK.findall(draft)[0] != LINK.findall(excerpts)[0]
    ids = re.findall(r' id="([^"]+)"', writing)
    assert len(ids) == len(set(ids))


def test_one_question_at_a_time_for_a_session(desk: Desk) -> None:
    first = converse(asked(QUESTION), desk, TEXTS, day=DAY)
    next(first)
    second = list(converse(asked(QUESTION), desk, TEXTS, day=DAY))
    assert [update.state for update in second] == [State.REFUSED]
    assert second[0].message == TEXTS["pending"]
    other = list(converse(asked(QUESTION, session="other"), desk, TEXTS, day=DAY))
    assert other[-1].state is State.DONE
    assert list(first)[-1].state is State.DONE
    assert list(converse(asked(QUESTION), desk, TEXTS, day=DAY))[-1].state is State.DONE


def test_a_reader_who_leaves_frees_the_session(desk: Desk) -> None:
    left = converse(asked(QUESTION), desk, TEXTS, day=DAY)
    next(left)
    assert isinstance(left, Generator)
    left.close()
    assert list(converse(asked(QUESTION), desk, TEXTS, day=DAY))[-1].state is State.DONE


def test_an_empty_question_and_a_hasty_client_are_told(desk: Desk) -> None:
    assert [u.message for u in converse(asked("  "), desk, TEXTS, day=DAY)] == [
        TEXTS["empty_question"]
    ]
    desk.limiter = RateLimiter(1, burst=1)
    list(converse(asked(QUESTION), desk, TEXTS, day=DAY))
    assert list(converse(asked(QUESTION), desk, TEXTS, day=DAY))[-1].message == TEXTS["too_many"]


def broken() -> None:
    raise RuntimeError("secret")


def test_a_broken_part_ends_in_an_honest_answer(tmp_path: Path) -> None:
    updates = list(converse(asked(QUESTION), Desk(broken, tmp_path), TEXTS, day=DAY))  # type: ignore[arg-type]
    assert updates[-1].state is State.DONE
    assert TEXTS["status_error"] in updates[-1].html and TEXTS["hand_over"] in updates[-1].html
    assert "secret" not in updates[-1].as_json()


def test_personal_data_is_masked_in_what_is_handed_over(desk: Desk) -> None:
    question = "我叫张三，手机13800138000，老人满80岁能领多少高龄津贴？"
    updates = list(converse(asked(question), desk, TEXTS, day=DAY))
    # The browser keeps the page: what was masked is nowhere in it.
    assert not any("13800138000" in update.html + update.text for update in updates)
    html = updates[-1].html
    for kind in ("for-copy", "for-order", "for-sheet"):
        kept = re.findall(rf'<template class="{kind}">(.*?)</template>', html, re.DOTALL)
        assert not any("13800138000" in text for text in kept)


@given(st.text(), st.text())
def test_an_update_is_text_wherever_it_is_put(html: str, message: str) -> None:
    plain = Update(State.DONE, "t1", html, message).as_json()
    assert not set("<>&") & set(plain)
    assert json.loads(plain)["html"] == html


@given(
    st.one_of(st.none(), st.integers(), st.text()),
    st.recursive(
        st.one_of(st.none(), st.text(), st.integers()),
        lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    ),
    st.one_of(st.none(), st.text()),
)
def test_whatever_a_page_sends_is_read(question: object, kept: object, turn: object) -> None:
    read = read_asked(question, kept, turn, "s", "c")
    assert len(read.question) <= 500
    assert re.fullmatch(r"t[a-z0-9]{4,32}", read.turn)


def test_history_is_read_in_order_and_cut() -> None:
    kept = [{"role": "user", "text": f"问{n}"} for n in range(30)]
    kept += [{"role": "system", "text": "x"}, {"role": "user", "text": "长" * 9000}]
    read = read_asked("问", kept, "", "s", "c").history
    assert [turn.text for turn in read[:-1]] == [f"问{n}" for n in range(20, 30)]
    assert len(read[-1].text) == 2000


@given(st.lists(st.floats(0, 30), max_size=80), st.integers(1, 120), st.integers(1, 20))
def test_a_bucket_never_gives_more_than_it_holds(
    pauses: list[float], per_minute: int, burst: int
) -> None:
    now = 0.0
    limiter = RateLimiter(per_minute, burst, clock=lambda: now)
    allowed = 0
    for pause in pauses:
        now += pause
        allowed += limiter.allow("c")
        assert allowed <= burst + now * per_minute / 60 + 1e-6
    now += 61 * burst
    assert limiter.allow("c")


def test_only_its_own_event_ends_a_pending_question() -> None:
    pending = Pending()
    first = pending.begin("s")
    assert first is not None and pending.begin("s") is None
    pending.end("s", threading.Event())
    assert pending.begin("s") is None
    pending.stop("s")
    assert first.is_set()
    pending.end("s", first)
    assert pending.begin("s") is not None


def test_every_text_that_the_code_asks_for_exists() -> None:
    folder = Path(texts_module.__file__).parent
    code = "".join(
        p.read_text("utf-8") for p in [*folder.glob("*.py"), folder.parents[1] / "ui.py"]
    )
    used = set(re.findall(r'texts(?:\.fill\(|\[)"(\w+)"', code))
    used |= set(re.findall(r"texts\.(\w+)", (folder / "static" / "page.js").read_text("utf-8")))
    assert used and used <= set(TEXTS.by_key)


def test_the_language_is_read_from_the_address() -> None:
    for path, language in (("/", "zh"), ("/en", "en"), ("/en/", "en"), ("/entry", "zh")):
        assert language_of(path) == language
