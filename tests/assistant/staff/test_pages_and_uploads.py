"""Pages as they print, uploads, and what the staff pages must withstand: hostile files and names."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from assistant.drafting.pdf import find_libreoffice
from assistant.staff.desk import StaffDesk
from tests.assistant.staff.conftest import Person

AsPerson = Callable[[str], Person]


def test_pages_are_shown_as_they_print(desk: StaffDesk, as_person: AsPerson) -> None:
    person = as_person("起草人甲")
    path = person.new_draft()
    page = person.get(f"{path}/pages")
    count = page.text.count("<img ")
    if find_libreoffice() is None:
        assert count == 0 and "没有安装 LibreOffice" in page.text
        return
    assert count >= 1 and "打印版面" in page.text
    for number in range(1, count + 1):
        picture = person.get(f"{path}/pages/{number}")
        assert picture.headers["content-type"] == "image/png"
        assert picture.content.startswith(b"\x89PNG")
    assert person.get(f"{path}/pages/{count + 1}").status_code == 404
    assert person.get(f"{path}/pages/..%2f..").status_code in (400, 404)


def test_without_libreoffice_the_page_says_so(
    as_person: AsPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    person = as_person("起草人甲")
    path = person.new_draft()
    assert "打印版面" not in person.get(path).text
    assert "没有安装 LibreOffice" in person.get(f"{path}/pages").text


REPLY = {
    "发文机关": "清河市工业和信息化局",
    "会议名称": "市政协十五届五次会议",
    "提案号": "131",
    "提案标题": "关于支持中小企业使用算力的提案",
    "提案人": "清河市工商业联合会",
}
UPLOADED = (
    "一、关于“降低用算成本”的建议\n建议发放算力券。\n二、关于“培训人才”的建议\n建议开展培训。"
)


def test_a_proposal_comes_as_a_file_and_is_answered_point_by_point(as_person: AsPerson) -> None:
    person = as_person("起草人甲")
    form = person.get("/staff/drafts/new?kind=提案答复").text
    assert 'type="file"' in form and 'enctype="multipart/form-data"' in form
    sent = {"token": person.token, **REPLY}
    where = "/staff/drafts/new?kind=提案答复"
    answer = person.client.post(
        where, data=sent, files={"upload": ("C:\\提案.txt", UPLOADED.encode())}
    )
    assert answer.status_code == 303, answer.text
    text = person.get(answer.headers["location"]).text
    assert "关于“降低用算成本”的建议" in text and "关于“培训人才”的建议" in text
    for gap in ("签发人", "办理类别", "公开属性"):  # the preview shows every gap that prints
        assert f"【待补：{gap}】" in text
    for name, data in BAD_FILES.items():
        refused = person.client.post(where, data=sent, files={"upload": (name, data)})
        assert refused.status_code == 400 and 'role="alert"' in refused.text, name
        assert "Traceback" not in refused.text and REPLY["提案标题"] in refused.text


def package(*parts: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            archive.writestr(name, data)
    return buffer.getvalue()


EVIL = (
    b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><w:document xmlns:w="http://schemas.'
    b'openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p>'
    b"</w:body></w:document>"
)
BAD_FILES = {
    "locked.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600,
    "macro.docx": package(("word/document.xml", b"<a/>"), ("word/vbaProject.bin", b"x")),
    "bomb.docx": package(("word/document.xml", b"0" * (201 * 1024 * 1024))),
    "entity.docx": package(("word/document.xml", EVIL)),
    "broken.docx": b"PK\x03\x04 but no archive",
    "program.exe": b"MZ",
    "empty.txt": b"",
    "picture.txt": b"\x89PNG\r\n\x1a\n\x00\x00\x00",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_hostile_file_is_one_sentence_wherever_it_is_sent(name: str, as_person: AsPerson) -> None:
    person = as_person("起草人甲")
    answer = person.client.post(
        "/staff/check", data={"token": person.token}, files={"file": (name, BAD_FILES[name])}
    )
    assert answer.status_code == 400 and "root:" not in answer.text
    assert answer.text.count('role="alert"') == 1


def test_who_drafted_does_not_sign(desk: StaffDesk, as_person: AsPerson) -> None:
    signer, reviewer, other = as_person("签发人"), as_person("审核人"), as_person("起草人甲")
    path = signer.new_draft()
    signer.post(f"{path}/state", step="送审", version="1")
    assert reviewer.post(f"{path}/state", step="审核通过", version="1").status_code == 303
    assert ">签发</button>" not in signer.get(path).text
    assert signer.post(f"{path}/state", step="签发", version="1").status_code == 403
    assert desk.drafts.find(path.rpartition("/")[2]).progress.signed is None
    assert other.post(f"{path}/state", step="签发", version="1").status_code == 403


def test_the_name_of_an_export_leads_nowhere(as_person: AsPerson) -> None:
    person = as_person("起草人甲")
    path = person.new_draft(标题="../../etc/passwd\r\nSet-Cookie: a=b\u0000的通知")
    answer = person.post(f"{path}/export", format=".md")
    assert answer.status_code == 200
    header = answer.headers["content-disposition"]
    assert "/" not in header and "\n" not in header and "set-cookie" not in answer.headers
    for suffix in ("../x", ".exe", ""):
        assert person.post(f"{path}/export", format=suffix).status_code == 400
