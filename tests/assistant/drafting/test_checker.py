"""The checker: one faulty and one clean control a rule, 30 documents with several faults, mending."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
import yaml
from docx.oxml import parse_xml
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.drafting.checking import check_read
from assistant.drafting.errors import DocumentFileError
from assistant.drafting.fixing import edits_of, fix_file
from assistant.drafting.reading import arrange, read_document
from assistant.drafting.rules.all_rules import ALL_RULES
from assistant.drafting.rules.engine import Finding, Level
from assistant.services import Services, open_services
from corpus.documents import Access
from corpus.embedding import Embedder
from corpus.ingest import sync
from corpus.store import Store

HERE = Path(__file__).parent
TODAY = date(2026, 11, 22)


def load(name: str) -> Any:
    return yaml.safe_load((HERE / name).read_text("utf-8"))


BASES: dict[str, str] = load("checker_bases.yaml")
CONTROLS: list[dict[str, Any]] = load("checker_controls.yaml")
WHOLE: list[dict[str, Any]] = load("checker_whole.yaml")
COMBINED: list[dict[str, Any]] = load("checker_combined.yaml")


def check(text: str, services: Services | None = None) -> list[Finding]:
    lines = [(line.strip().strip("　"), None) for line in text.splitlines()]
    return check_read(arrange(lines), services=services, as_of=TODAY)


@pytest.mark.parametrize("name", BASES)
def test_a_good_document_has_no_finding(name: str) -> None:
    assert [finding.line_text() for finding in check(BASES[name])] == []


@pytest.mark.parametrize("row", CONTROLS, ids=lambda row: f"{row['rule']}-{row['faulty'][1][:12]}")
def test_a_rule_finds_its_fault_alone_and_leaves_its_neighbour(row: dict[str, Any]) -> None:
    base = BASES[row["base"]]
    faulty, clean = row["faulty"], row["clean"]
    assert faulty[0] in base
    assert {finding.rule for finding in check(base.replace(faulty[0], faulty[1], 1))} == {
        row["rule"]
    }
    assert check(base.replace(clean[0], clean[1], 1)) == []


def test_every_rule_has_a_control() -> None:
    with_source = {"S04"}  # needs the sources of a text; see test_drafting
    assert {rule.id for rule in ALL_RULES} - with_source == {row["rule"] for row in CONTROLS}


def edited(row: dict[str, Any]) -> str:
    text = BASES[row["base"]]
    for old, new in row["edits"]:
        assert old in text
        text = text.replace(old, new, 1)
    return text


SETS = {
    "thirty good ones with a few words changed": (30, [(edited(r), r["expect"]) for r in COMBINED]),
    "twenty of other kinds written whole": (20, [(r["text"], r["expect"]) for r in WHOLE]),
}


@pytest.mark.parametrize(("count", "documents"), SETS.values(), ids=SETS)
def test_documents_with_several_faults(count: int, documents: list[tuple[str, list[str]]]) -> None:
    assert len(documents) == count
    right = wrong = missed = 0
    for text, expected in documents:
        found, wanted = {finding.rule for finding in check(text)}, set(expected)
        right += len(found & wanted)
        wrong += len(found - wanted)
        missed += len(wanted - found)
    assert right / (right + missed) >= 0.95
    assert right / (right + wrong) >= 0.95


@pytest.mark.parametrize("suffix", [".txt", ".md", ".docx"])
def test_what_is_mechanical_is_mended_in_a_copy(suffix: str, tmp_path: Path) -> None:
    text = BASES["通知"]
    for old, new in (
        ("清民发〔2026〕18号", "清民发[2026]018号"),
        ("基本生活，现将", "基本生活,现将"),
        ("2026年11月20日", "2026年11月02日"),
        ("村（社区）每月", "村(社区)每月"),
        ("清河市审计局。", "清河市审计局"),
        ("附件：1.高龄", "附件：1、高龄"),
    ):
        text = text.replace(old, new, 1)
    path = tmp_path / f"faulty{suffix}"
    if suffix == ".docx":
        word = docx.Document()
        for line in text.splitlines():
            # Two runs a paragraph: a fix must not depend on where Word splits the text.
            paragraph = word.add_paragraph(line[:7])
            paragraph.add_run(line[7:])
        word.save(str(path))
    else:
        path.write_text(text, "utf-8")
    before = path.read_bytes()
    findings = check_read(read_document(path), as_of=TODAY)
    assert {"F01", "F02", "F04", "F05", "P01"} <= {finding.rule for finding in findings}
    mended = tmp_path / f"mended{suffix}"
    mended.write_bytes(fix_file(path, findings))
    assert path.read_bytes() == before
    assert check_read(read_document(mended), as_of=TODAY) == []


@settings(max_examples=60, deadline=None)
@given(
    st.text('清河市民政局（）()，,。.一二、1.〔〕[]《》“”"2026年号月日：:\n％%～-', max_size=120)
)
def test_no_text_trips_a_rule_and_mending_reaches_an_end(text: str) -> None:
    lines = [(line.strip(), None) for line in text.split("\n")]
    findings = check_read(arrange(lines), as_of=TODAY)
    for number, edits in edits_of(findings).items():
        line = lines[number - 1][0]
        for edit in edits:
            assert 0 <= edit.start <= edit.end <= len(line)


TITLES = {
    "a report in a notice": (
        ["清河市人民政府关于分解落实2026年政府工作报告", "重点工作任务的通知"],
        "通知",
    ),
    "an opinion in a notice": (["关于印发加快养老服务发展的实施意见", "的通知"], "通知"),
    "three lines": (["关于贯彻省政府工作报告", "重点任务分工和责任", "清单的通知"], "通知"),
    "a title of one line": (["清河市民政局关于高龄津贴发放工作的报告"], "报告"),
}


@pytest.mark.parametrize(("lines", "kind"), TITLES.values(), ids=TITLES)
def test_a_title_is_read_to_its_end(lines: list[str], kind: str) -> None:
    after = ["", "各县（市、区）人民政府：", "现将有关事项通知如下："]
    read = arrange([(line, None) for line in [*lines, *after]])
    assert (read.title, read.kind) == ("".join(lines), kind)


TEXT_BOX = (
    '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
    '<mc:AlternateContent><mc:Choice Requires="wps"><wps:txbx>{0}</wps:txbx></mc:Choice>'
    "<mc:Fallback>{0}</mc:Fallback></mc:AlternateContent></w:r>"
)


def test_a_text_box_is_read_once_and_mended_wherever_it_is_kept(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_paragraph("清河市民政局关于放假的通知")
    box = "<w:txbxContent><w:p><w:r><w:t>框内,电话13800001234</w:t></w:r></w:p></w:txbxContent>"
    word.add_paragraph("框外").runs[0]._r.addnext(parse_xml(TEXT_BOX.format(box)))
    path = tmp_path / "box.docx"
    word.save(str(path))
    read = read_document(path)
    assert [line.text for line in read.lines][1:] == ["框外", "框内,电话13800001234"]
    data = fix_file(path, check_read(read, as_of=TODAY))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        story = archive.read("word/document.xml").decode()
    assert "框内，电话138****1234" in story and "13800001234" not in story


def word_file(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return buffer.getvalue()


REFUSED = {
    "cut short": ("a.docx", b"PK\x03\x04 cut", "已损坏"),
    "no text inside": ("a.docx", word_file(other=b""), "没有正文"),
    "broken XML": ("a.docx", word_file(word__document__xml=b"<"), "已损坏"),
    "macros": (
        "a.docx",
        word_file(**{"word/document.xml": b"<w/>", "word/vbaProject.bin": b"x"}),
        "带宏",
    ),
    "macros by name": ("a.docm", b"", "带宏"),
    "locked": ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1locked", "密码"),
    "old format": ("a.doc", b"", "旧格式"),
    "no text": ("a.txt", b"\x00\xff\xfe\x00\x81", "不是文本文件"),
    "another format": ("a.xlsx", b"", "可检查 .docx"),
}


@pytest.mark.parametrize(("name", "data", "says"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_read_is_one_sentence(
    name: str, data: bytes, says: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DocumentFileError) as caught:
        read_document(path)
    assert says in str(caught.value) and "\n" not in str(caught.value)
    assert path.read_bytes() == data


CITATIONS = {
    "in force": ("《关于进一步完善高龄津贴制度的通知》", "云民规〔2025〕2号", set()),
    "unknown": ("《清河市飞行汽车管理办法》", "清政发〔2026〕99号", {"C01"}),
    "wrong number": ("《清河市算力券管理办法（试行）》", "清工信规〔2026〕7号", {"C01"}),
    "repealed": ("《清河市城市养犬管理暂行办法》", "", {"C02"}),
}


@pytest.mark.parametrize(("title", "number", "rules"), CITATIONS.values(), ids=CITATIONS)
def test_what_is_quoted_is_held_against_the_corpus(
    title: str, number: str, rules: set[str], citizens: Services
) -> None:
    if title.startswith("《关于进一步"):
        found = citizens.store.catalogue.find(number)[0]
        title = f"《{found.metadata.title}》"
    cited = title + (f"（{number}）" if number else "")
    text = BASES["通知"].replace("为保障高龄老年人基本生活", f"根据{cited}", 1)
    assert {finding.rule for finding in check(text, citizens)} == rules


def test_a_clause_that_a_document_does_not_have_is_found(citizens: Services) -> None:
    text = BASES["通知"].replace(
        "为保障高龄老年人基本生活", "根据《清河市养犬管理办法》第九十九条", 1
    )
    assert {finding.rule for finding in check(text, citizens)} == {"C03"}


DOGS, CARE = "《清河市养犬管理办法》", "《清河市长期护理保险实施办法（试行）》"
FAULTY = {
    "a title nobody knows": ("根据《清河市飞行汽车管理办法》", {"C04"}),
    "the second of two titles": (f"根据{DOGS}和《清河市飞行汽车管理办法》规定", {"C04"}),
    "a number nobody knows": ("按照清政发〔2031〕99号要求", {"C04"}),
    "a text of the state beside the rules of a city": (
        "根据《关于城市飞行的意见》（国办发〔2031〕9号）",
        {"C04"},
    ),
    "a bare number of an ended text": ("按照清政发〔2017〕21号要求", {"C02"}),
    "a paragraph too many": (f"根据{DOGS}第五条第九款", {"C03"}),
    "a paragraph too many, items apart": (f"根据{DOGS}第七条第二款", {"C03"}),
    "words put into its mouth": (f"{DOGS}提出：“养犬一律收费。”", {"C03"}),
    "and made clear": (f"{DOGS}第六条明确：“养犬登记收费。”", {"C03"}),
    "a sum that its clause lacks": (f"根据{CARE}第六条，评估费用每人次300元", {"C05"}),
    "a share": (f"根据{CARE}第八条规定，机构护理按75%支付", {"C05"}),
    "a time limit": (f"按照{DOGS}第六条，公安机关在15个工作日内办结", {"C05"}),
}
SOUND = {
    "a short name": "根据《养犬管理办法》",
    "a number in force": "按照云民规〔2025〕2号要求",
    "a text that it ends": "清政发〔2017〕21号同时废止",
    "an ended text that it ends by title": "《清河市城市养犬管理暂行办法》同时废止",
    "a number only mentioned": "前期来文（清政发〔2031〕99号）收悉",
    "a national law beside the rules of a city": "根据《城市社区飞行安全条例》",
    "a number of the state council beside them": "按照国办发〔2031〕99号要求",
    "a draft of one's own": "按照要求起草了《清河市飞行汽车管理办法》",
    "a title that rules nothing": "根据《清河市飞行汽车推广方案》",
    "a name without a ground": "群众建议出台《清河市飞行汽车管理办法》",
    "a paragraph that is there": f"根据{DOGS}第六条第二款",
    "a title in its own words": f"{DOGS}第六条第二款规定：“养犬登记不收取费用。”",
    "a sum of the clause": f"根据{CARE}第六条，评估费用每人次二百元",
    "a share written out": f"根据{CARE}第八条规定，机构护理按百分之七十支付",
    "a unit from the heading of a table": f"根据{CARE}第七条，重度Ⅲ级居家护理每月30小时",
    "a sum of the writer's own": f"根据{CARE}第六条规定，现安排经费42万元",
    "a day of the writer's own": f"根据{CARE}第六条，2026年12月31日前完成评估",
    "what is counted": f"根据{CARE}第六条，落实三项制度",
    "a sum of another clause cited": f"根据{CARE}第三条、第六条和{DOGS}第六条，评估费200元、犬牌10元",
}


def citing(words: str) -> str:
    return BASES["通知"].replace("为保障高龄老年人基本生活", words, 1)


@pytest.mark.parametrize(("words", "rules"), FAULTY.values(), ids=FAULTY)
def test_what_a_text_rests_on_is_held_against_the_corpus(
    words: str, rules: set[str], citizens: Services
) -> None:
    findings = check(citing(words), citizens)
    assert {finding.rule for finding in findings} == rules
    # What could only not be verified does not stop a document.
    for finding in findings:
        assert (finding.level is Level.PRACTICE) is (finding.rule in ("C04", "C05"))
        assert finding.words in words


@pytest.mark.parametrize("words", SOUND.values(), ids=SOUND)
def test_a_sound_citation_is_left_alone(words: str, citizens: Services) -> None:
    assert [finding.line_text() for finding in check(citing(words), citizens)] == []


def test_a_national_law_is_missed_where_national_law_is_kept(
    tmp_path: Path, embedder: Embedder
) -> None:
    law = tmp_path / "law.txt"
    law.write_text(
        "中华人民共和国道路飞行法\n（2024年3月1日第十四届全国人民代表大会常务委员会第八次会议通过）\n"
        "第一条　为了保障飞行安全，制定本法。\n第二条　飞行应当登记。\n",
        "utf-8",
    )
    store = Store(tmp_path / "data", embedder)
    assert not sync(store, [law], Access.PUBLIC).failed
    store.close()
    services = open_services(tmp_path / "data")
    try:
        for words in ("根据《城市社区飞行安全条例》", "按照国办发〔2031〕99号要求"):
            found = check(citing(words), services)
            assert [finding.rule for finding in found] == ["C04"], words
        assert check(citing("根据《道路飞行法》第二条"), services) == []
    finally:
        services.close()


@pytest.mark.parametrize("name", BASES)
def test_a_good_document_has_no_finding_beside_a_corpus_that_lacks_what_it_names(
    name: str, citizens: Services
) -> None:
    # The replies cite what they answer, which no corpus of rules holds.
    assert [finding.line_text() for finding in check(BASES[name], citizens)] == []


def test_what_a_document_issues_itself_is_not_asked_for(citizens: Services) -> None:
    text = BASES["通知"].replace(
        "关于做好高龄津贴发放工作的通知", "关于印发《清河市飞行汽车管理办法》的通知"
    )
    text = text.replace("为保障高龄老年人基本生活", "请按照《清河市飞行汽车管理办法》执行", 1)
    text = text.replace("落实专款专用", "落实清民发〔2026〕18号", 1)
    assert not [f for f in check(text, citizens) if f.rule.startswith("C")]
