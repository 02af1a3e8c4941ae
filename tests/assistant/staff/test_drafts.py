"""From facts to signature through the pages: preview, findings, versions, steps, export, log."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import docx
import pytest
from httpx2 import Response

from assistant.drafting.kinds import Kind, load_kinds
from assistant.drafting.labels import VISIBLE
from assistant.drafting.layout.package import read_property
from assistant.staff.desk import StaffDesk
from assistant.staff.forms import show_fact
from assistant.staff.uploads import read_upload
from corpus.documents import Access
from tests.assistant.staff.conftest import FACTS, Person

KINDS = load_kinds()
AsPerson = Callable[[str], Person]
HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


def section_of(page: str) -> str:
    found = re.search(r'name="section" value="([^"]+)"', page)
    assert found
    return unescape(found[1])


def test_a_draft_shows_its_paper_its_basis_and_its_findings(as_person: AsPerson) -> None:
    inside = as_person("起草人甲")
    assert "通知" in inside.get("/staff/drafts/new").text
    page = inside.get(inside.new_draft()).text
    assert "清河市民政局关于做好2027年度高龄津贴发放工作的通知" in page
    assert VISIBLE in page and 'class="paper' in page
    assert "规范发放流程" in page and "检查结果" in page
    basis = re.findall(r'href="(/staff/documents/[^"]+)"', page)
    assert basis and 'class="quoted-span"' in page
    passage = inside.get(unescape(basis[0]).partition("#")[0])
    assert passage.status_code == 200 and 'id="passage"' in passage.text


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_kind_is_drafted_from_the_examples_of_its_form(
    desk: StaffDesk, as_person: AsPerson, kind: Kind
) -> None:
    inside = as_person("起草人甲")
    facts = {entry.name: show_fact(entry, entry.example) for entry in kind.fields}
    response = inside.post(f"/staff/drafts/new?kind={kind.name}", **facts)
    assert response.status_code == 303, response.text
    page = inside.get(response.headers["location"]).text
    assert f"paper-{kind.form.name.lower()}" in page and "没有发现问题" in page
    draft = desk.drafts.find(response.headers["location"].rpartition("/")[2]).latest
    assert draft.missing == ()
    for line in draft.text().splitlines():
        assert html.escape(line)[:8] in page


def test_findings_name_place_reason_and_mending_and_lead_to_their_line(
    as_person: AsPerson,
) -> None:
    inside = as_person("起草人甲")
    page = inside.get(inside.new_draft(发文字号="清民发[2026]018号")).text
    finding = re.search(r'<a href="#(line-\d+)">第 \d+ 行</a>', page)
    assert finding and f'id="{finding[1]}"' in page
    assert "改法：" in page and "flagged" in page


def test_missing_facts_are_gaps_and_wrong_ones_bring_the_form_back(as_person: AsPerson) -> None:
    inside = as_person("起草人甲")
    page = inside.get(inside.new_draft(主送机关="")).text
    assert "【待补：主送机关】" in page
    response = inside.post("/staff/drafts/new?kind=通知", **{**FACTS, "成文日期": "后天"})
    assert response.status_code == 400
    assert "应为日期" in response.text and "为保障高龄老年人基本生活" in response.text
    assert inside.post("/staff/drafts/new?kind=没有", **FACTS).status_code == 400


def test_one_section_is_written_again_and_versions_are_compared(
    desk: StaffDesk, as_person: AsPerson
) -> None:
    inside = as_person("起草人甲")
    draft = inside.new_draft()
    key = draft.rpartition("/")[2]
    name = section_of(inside.get(draft).text)
    assert inside.post(f"{draft}/sections", section=name, based_on="1").status_code == 303
    text = "这一部分由人改写。"
    assert (
        inside.post(f"{draft}/sections", section=name, based_on="2", text=text).status_code == 303
    )
    first, _, third = desk.drafts.find(key).history.versions
    assert [s for s in third.sections if s.name != name] == [
        s for s in first.sections if s.name != name
    ]
    (by_hand,) = (s for s in third.sections if s.name == name)
    assert by_hand.paragraphs == (text,) and by_hand.written_by == "手工：起草人甲"
    assert text in inside.get(draft).text
    changes = inside.get(f"{draft}/compare?older=1&newer=3").text
    assert f"<ins>{text}</ins>" in changes and "<del>" in changes
    assert "要素和附件" not in changes
    assert inside.get(f"{draft}/compare?older=1&newer=9").status_code == 400
    assert inside.get(f"{draft}/compare?older=&newer=x").status_code == 400


def test_who_a_draft_goes_to_is_compared_too(as_person: AsPerson) -> None:
    inside = as_person("起草人甲")
    draft = inside.new_draft()
    for version in (1, 2):
        sent = {**FACTS, "主送机关": "各区民政局", "based_on": str(version)}
        assert inside.post(f"{draft}/edit", **sent).status_code == 303
    changes = inside.get(f"{draft}/compare?older=1&newer=2").text
    assert "<h2>要素和附件</h2>" in changes and "<ins>主送机关：各区民政局</ins>" in changes
    assert "<del>主送机关：各县（市、区）民政局</del>" in changes
    same = inside.get(f"{draft}/compare?older=2&newer=3").text
    assert "两版正文、要素和附件都相同。" in same


def test_words_written_by_hand_outlive_registration_and_are_not_overwritten_unasked(
    desk: StaffDesk, as_person: AsPerson
) -> None:
    inside = as_person("起草人甲")
    draft = inside.new_draft()
    key = draft.rpartition("/")[2]
    name, text = section_of(inside.get(draft).text), "这一部分由人改写。"
    inside.post(f"{draft}/sections", section=name, based_on="1", text=text)
    before = desk.drafts.find(key).latest
    assert f"保留手工修改的部分：{name}" in inside.get(f"{draft}/edit").text

    def edit(based_on: int, **changes: str) -> None:
        sent = {**FACTS, **changes, "based_on": str(based_on)}
        assert inside.post(f"{draft}/edit", **sent).status_code == 303

    edit(2, 发文字号="清民发〔2026〕18号")
    numbered = desk.drafts.find(key).latest
    assert numbered.sections == before.sections and "发文字号" not in numbered.missing
    edit(3, 发文字号="清民发〔2026〕18号", 事项="换了事项", keep_by_hand="1")
    kept = desk.drafts.find(key).latest.text()
    assert text in kept and "换了事项" in kept
    edit(4, 发文字号="清民发〔2026〕18号", 事项="又换了事项")
    assert text not in desk.drafts.find(key).latest.text()


def test_two_people_at_once_never_overwrite_each_other(
    desk: StaffDesk, as_person: AsPerson
) -> None:
    first, second = as_person("起草人甲"), as_person("起草人乙")
    draft = first.new_draft()
    changed = {**FACTS, "based_on": "1"}
    assert first.post(f"{draft}/edit", **{**changed, "缘由": "甲的理由"}).status_code == 303
    response = second.post(f"{draft}/edit", **{**changed, "缘由": "乙的理由"})
    assert response.status_code == 409 and "乙的理由" in response.text
    # The form that comes back is still made from version 1: pressing again saves nothing either.
    sent_back = re.search(r'name="based_on" value="(\d+)"', response.text)
    assert sent_back and sent_back[1] == "1"
    again = {**changed, "缘由": "乙的理由", "成文日期": "后天"}
    response = second.post(f"{draft}/edit", **again)
    assert response.status_code == 400 and 'name="based_on" value="1"' in response.text
    assert second.post(f"{draft}/state", step="送审", version="1").status_code == 409
    assert desk.drafts.find(draft.rpartition("/")[2]).progress.version == 2


def test_the_way_to_signature_and_back_after_a_change(desk: StaffDesk, as_person: AsPerson) -> None:
    drafter, reviewer = as_person("起草人甲"), as_person("审核人")
    signer, manager = as_person("签发人"), as_person("管理人")
    draft = drafter.new_draft()
    key = draft.rpartition("/")[2]

    def step(person: Person, word: str, version: int, expected: int = 303, note: str = "") -> None:
        response = person.post(f"{draft}/state", step=word, version=str(version), note=note)
        assert response.status_code == expected, (word, response.text)

    for person in (reviewer, signer, manager):
        step(person, "签发", 1, 403)
    step(drafter, "送审", 1)
    step(signer, "签发", 1, 403)
    step(drafter, "审核通过", 1, 403)
    step(reviewer, "退回修改", 1, note="缘由写短些")
    assert "缘由写短些" in drafter.get(draft).text
    step(drafter, "送审", 1)
    step(reviewer, "审核通过", 1)
    step(drafter, "签发", 1, 403)
    step(signer, "签发", 1)
    case = desk.drafts.find(key)
    assert case.progress.state == "签发" and case.progress.signed == 1
    # Registration fills in the number: the signature stands.
    numbered = {**FACTS, "发文字号": "清民发〔2026〕18号", "based_on": "1"}
    assert drafter.post(f"{draft}/edit", **numbered).status_code == 303
    assert desk.drafts.find(key).progress.state == "签发"
    # A change of substance: back to review, and both must look again.
    changed = {**numbered, "事项": "改了内容", "based_on": "2"}
    assert drafter.post(f"{draft}/edit", **changed).status_code == 303
    progress = desk.drafts.find(key).progress
    assert progress.state == "审核" and progress.reviewed is None and progress.signed is None
    step(signer, "签发", 3, 403)
    actions = [(entry.who, entry.action) for entry in desk.drafts.log(key)]
    assert actions[0] == ("起草人甲", "签发后有实质修改，退回审核")
    assert ("签发人", "签发") in actions and ("审核人", "退回修改") in actions
    assert "签发后有实质修改" in manager.get("/staff/log").text


def test_who_wrote_the_newest_version_does_not_review_it(as_person: AsPerson) -> None:
    drafter, reviewer = as_person("起草人甲"), as_person("审核人")
    draft = drafter.new_draft()
    reviewer.post(f"{draft}/edit", **{**FACTS, "缘由": "审核人改的", "based_on": "1"})
    assert drafter.post(f"{draft}/state", step="送审", version="2").status_code == 303
    assert reviewer.post(f"{draft}/state", step="审核通过", version="2").status_code == 403
    assert ">审核通过<" not in reviewer.get(draft).text


def test_roles_that_do_not_write_cannot(as_person: AsPerson) -> None:
    drafter, manager = as_person("起草人甲"), as_person("管理人")
    draft = drafter.new_draft()
    assert manager.get(draft).status_code == 200
    for path in ("/staff/drafts/new?kind=通知", f"{draft}/edit", f"{draft}/sections"):
        assert manager.post(path, **FACTS, section="正文", based_on="1").status_code == 403
    assert drafter.get("/staff/log").status_code == 403


@pytest.mark.parametrize("suffix", [".docx", ".md"])
def test_exports_carry_the_label_and_are_logged(
    desk: StaffDesk, as_person: AsPerson, suffix: str
) -> None:
    inside = as_person("起草人甲")
    draft = inside.new_draft()
    response = inside.post(f"{draft}/export", format=suffix)
    assert response.status_code == 200
    name = unquote(response.headers["content-disposition"])
    assert name.startswith("attachment;") and name.endswith(f"（第1版）{suffix}")
    produce_id = desk.drafts.find(draft.rpartition("/")[2]).latest.produce_id
    if suffix == ".docx":
        (label,) = read_property(response.content)
        assert json.loads(label)["ProduceID"] == produce_id
    else:
        assert VISIBLE in response.text and produce_id in response.text
    rows = (desk.folder / "drafting-log.jsonl").read_text("utf-8").splitlines()
    assert json.loads(rows[-1])["who"] == "起草人甲"
    assert desk.drafts.log(draft.rpartition("/")[2])[0].action == "导出草稿"
    for wrong in (".exe", "", "../x"):
        assert inside.post(f"{draft}/export", format=wrong).status_code == 400


def test_a_final_copy_comes_only_after_the_signature(desk: StaffDesk, as_person: AsPerson) -> None:
    drafter, reviewer, signer = as_person("起草人甲"), as_person("审核人"), as_person("签发人")
    draft = drafter.new_draft()
    assert drafter.post(f"{draft}/export", format=".docx", final="1").status_code == 403
    for person, word in ((drafter, "送审"), (reviewer, "审核通过"), (signer, "签发")):
        assert person.post(f"{draft}/state", step=word, version="1").status_code == 303
    response = drafter.post(f"{draft}/export", format=".md", final="1")
    assert response.status_code == 200 and VISIBLE not in response.text
    assert desk.drafts.log(draft.rpartition("/")[2])[0].action == "导出定稿（去除显式标识）"


def test_internal_documents_are_found_here_and_marked(desk: StaffDesk, as_person: AsPerson) -> None:
    inside = as_person("起草人甲")
    store = desk.corpus.services.store
    (document, *_) = store.catalogue.documents(access=Access.INTERNAL)
    found = inside.get(f"/staff/api/basis?q={document.metadata.title}").json()["html"]
    assert "badge-internal" in found and f"/staff/documents/{document.id}" in found
    assert inside.get(f"/staff/documents/{document.id}").status_code == 200
    assert inside.get("/staff/documents/none").status_code == 404
    assert inside.get(f"/staff/documents/{document.id}?start=9&end=999999999").status_code == 200


def test_a_draft_that_quotes_an_internal_document_says_so(
    desk: StaffDesk, as_person: AsPerson
) -> None:
    inside = as_person("起草人甲")
    assert "引用了内部文件" not in inside.get(inside.new_draft()).text
    store = desk.corpus.services.store
    (document, *_) = store.catalogue.documents(access=Access.INTERNAL)
    page = inside.get(inside.new_draft(依据=document.metadata.title)).text
    assert "引用了内部文件" in page and "badge-internal" in page


def test_text_from_people_and_files_never_becomes_markup(as_person: AsPerson) -> None:
    inside = as_person("起草人甲")
    facts = {name: HOSTILE for name in FACTS} | {"附件": f"{HOSTILE}\n  | {HOSTILE} | 乙 |"}
    draft = inside.new_draft(**facts)
    name = section_of(inside.get(draft).text)
    inside.post(f"{draft}/sections", section=name, based_on="1", text=HOSTILE)
    inside.post(f"{draft}/state", step="送审", version="2", note=HOSTILE)
    sent = {"file": ("<script>.md", f"# {HOSTILE}\n\n{HOSTILE}\n".encode())}
    checked = inside.client.post("/staff/check", data={"token": inside.token}, files=sent)
    pages = [
        inside.get(draft).text,
        inside.get("/staff").text,
        inside.get(f"{draft}/edit").text,
        inside.get(f"{draft}/compare?older=1&newer=2").text,
        inside.get(f"/staff/basis?q={HOSTILE}").text,
        inside.get(f"/staff/drafts/new?kind={HOSTILE}").text,
        checked.text,
    ]
    for page in pages:
        assert "<img" not in page and "<script>" not in page


def test_a_file_is_checked_beside_its_text(as_person: AsPerson) -> None:
    inside = as_person("起草人甲")

    def send(name: str, data: bytes) -> tuple[int, str]:
        response = inside.client.post(
            "/staff/check", data={"token": inside.token}, files={"file": (name, data)}
        )
        return response.status_code, response.text

    faulty = "# 关于放假的通知\n\n各单位:\n\n一、请按清民发[2026]018号执行.\n".encode()
    for name in ("通知.md", "../../etc/通知.md", "通知.TXT"):
        status, page = send(name, faulty)
        assert status == 200 and "改法：" in page and "各单位:" in page
        assert "../" not in page
    draft = inside.new_draft()
    word = inside.post(f"{draft}/export", format=".docx").content
    status, page = send("稿.docx", word)
    assert status == 200 and "文种：通知" in page
    for name, data in (
        ("宏.docm", b"x"),
        ("坏.docx", b"PK broken"),
        ("锁.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("空.txt", b""),
        ("图.png", b"x"),
    ):
        status, page = send(name, data)
        assert status == 400 and 'role="alert"' in page and "Traceback" not in page
    assert inside.post("/staff/check").status_code == 400


@pytest.mark.parametrize("suffix", [".docx", ".md", ".txt"])
def test_a_mended_copy_is_sent_back_and_nothing_is_kept(
    desk: StaffDesk, as_person: AsPerson, suffix: str
) -> None:
    inside = as_person("起草人甲")
    lines = ["清河市民政局关于放假的通知", "各单位：", "一、请按清民发[2026]018号执行,不得有误."]
    if suffix == ".docx":
        word, buffer = docx.Document(), io.BytesIO()
        for line in lines:
            word.add_paragraph(line)
        word.save(buffer)
        data = buffer.getvalue()
    else:
        data = "\n\n".join(lines).encode()
    before = sorted(desk.folder.rglob("*"))

    def send(content: bytes, **more: str) -> Response:
        return inside.client.post(
            "/staff/check",
            data={"token": inside.token, **more},
            files={"file": (f"../放假{suffix}", content)},
        )

    assert "处能机械改正" in send(data).text
    mended = send(data, mend="1")
    assert mended.status_code == 200
    header = unquote(mended.headers["content-disposition"])
    assert header == f"attachment; filename*=UTF-8''放假（已改）{suffix}"
    read = read_upload(mended.content, f"放假{suffix}")
    text = "".join(line.text for line in read.lines)
    assert "清民发〔2026〕18号执行，不得有误。" in text
    nothing = send(mended.content, mend="1")
    assert "没有能机械改正的地方" in nothing.text and "检查结果" in nothing.text
    assert sorted(desk.folder.rglob("*")) == before


def test_without_a_corpus_a_draft_is_still_written(desk: StaffDesk, as_person: AsPerson) -> None:
    (desk.folder / "catalogue.db").unlink()
    inside = as_person("起草人甲")
    page = inside.get(inside.new_draft()).text
    assert "没有资料库" in page and "规范发放流程" in page


def test_what_is_kept_is_read_back_by_another_process(
    desk: StaffDesk, as_person: AsPerson, tmp_path: Path
) -> None:
    inside = as_person("起草人甲")
    key = inside.new_draft().rpartition("/")[2]
    case = desk.drafts.find(key)
    other = StaffDesk(desk.folder, lambda: pytest.fail("not needed"))
    try:
        again = other.drafts.find(key)
        assert again.latest.text() == case.latest.text()
        assert again.latest.facts == case.latest.facts
        assert other.sessions.find(inside.client.cookies["staff_session"])
    finally:
        other.close()
    assert (
        io.BytesIO(inside.post(f"/staff/drafts/{key}/export", format=".docx").content).read(2)
        == b"PK"
    )
