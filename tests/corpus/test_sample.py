"""The sample corpus: complete, marked as an example, consistent in itself, built from its sources."""

import re
import zipfile
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Access, Status, digest
from corpus.errors import UsageError
from corpus.manifest import load_manifest
from corpus.sample.source import Line, Source, Table, read_source, read_sources
from corpus.sample.typesetting import break_lines, columns

SAMPLE = Path(__file__).parents[2] / "corpus" / "sample"
FILES = SAMPLE / "files"
SOURCES = read_sources(SAMPLE / "sources")
NUMBER = re.compile(r"[云清临望][\u4e00-\u9fff]{1,8}〔20\d\d〕[1-9]\d*号")
KINDS = {
    *("实施意见", "办法", "实施细则", "实施方案", "通知", "通告", "公告", "批复", "征求意见稿"),
    *("提案答复", "建议答复", "办事指南", "常见问题", "政策解读", "工作报告", "培训课件"),
    *("公共服务电话表", "补贴标准表", "内部工作规则"),
}
NOT_HELD = {("临溪县人民政府关于调整生活垃圾处理费标准的请示", "临政〔2026〕11号")}
FORMATS = {".docx", ".eml", ".html", ".md", ".ofd", ".pdf", ".pptx", ".txt", ".xlsx"}


def text_of(source: Source) -> str:
    """Return everything a source says, a line or a table row on a line."""
    lines: list[str] = []
    for item in source.content:
        if isinstance(item, Line):
            lines.append(item.text)
        else:
            lines += [" ".join(row) for row in item.rows]
    return "\n".join(lines)


TEXTS = {source.file: text_of(source) for source in SOURCES}


def text_in(path: Path) -> list[str]:
    """Return what a built file says, free of its compression, its dates and its font."""
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as pdf:
            return [pdf[number].get_textpage().get_text_range() for number in range(len(pdf))]
    if not zipfile.is_zipfile(path):
        return [path.read_bytes().hex()]
    with zipfile.ZipFile(path) as package:
        return [
            name + "".join(ElementTree.fromstring(package.read(name)).itertext())
            for name in sorted(package.namelist())
            if name.endswith(".xml") and not name.startswith("docProps/")
        ]


def test_there_are_documents_of_every_kind_and_format() -> None:
    assert len(SOURCES) >= 36
    assert {source.facts["kind"] for source in SOURCES} >= KINDS
    assert {Path(source.file).suffix for source in SOURCES} == FORMATS
    assert sum(source.facts["kind"] == "办事指南" for source in SOURCES) >= 6
    assert sum(source.facts["kind"] == "常见问题" for source in SOURCES) >= 3
    assert {source.facts.get("encoding") for source in SOURCES} >= {"gb18030", "utf-16"}
    assert any(source.facts.get("scan") for source in SOURCES)


def test_every_validity_that_a_text_can_have_is_there() -> None:
    found = {Status(source.facts["status"]) for source in SOURCES}
    assert found == {
        Status.IN_FORCE,
        Status.REPEALED,
        Status.EXPIRED,
        Status.DRAFT,
        Status.NOT_YET_IN_FORCE,
    }


def test_the_built_files_are_those_of_the_sources_and_small() -> None:
    built = {str(path.relative_to(FILES)) for path in FILES.rglob("*") if path.is_file()}
    manifests = {"public/manifest.yaml", "internal/manifest.yaml"}
    assert built == {*TEXTS, *manifests, "sources.sha256"}
    assert len(TEXTS) == len(SOURCES)
    assert sum(path.stat().st_size for path in FILES.rglob("*")) < 3_000_000


def test_no_source_changed_after_the_files_were_built() -> None:
    lines = (FILES / "sources.sha256").read_text(encoding="utf-8").splitlines()
    recorded = {name: value for value, _, name in (line.partition("  ") for line in lines)}
    now = {path.name: digest(path.read_bytes()) for path in (SAMPLE / "sources").glob("*.md")}
    assert now == recorded, "run: python -m corpus.sample.build"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.file)
def test_a_built_file_says_what_its_source_says(source: Source, tmp_path: Path) -> None:
    pytest.importorskip("reportlab")
    from corpus.sample.build import find_font, is_scan, render

    if is_scan(source):
        try:
            find_font()
        except UsageError as missing:
            pytest.skip(str(missing))
    again = tmp_path / Path(source.file).name
    again.write_bytes(render(source))
    assert text_in(again) == text_in(FILES / source.file)


@pytest.mark.parametrize("suffix", sorted(FORMATS))
def test_the_same_source_gives_the_same_bytes(suffix: str) -> None:
    pytest.importorskip("reportlab")
    from corpus.sample.build import is_scan, render

    source = next(
        source for source in SOURCES if source.file.endswith(suffix) and not is_scan(source)
    )
    assert render(source) == render(source)


def test_a_font_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("reportlab")
    from corpus.sample.build import main

    font = tmp_path / "letters.ttf"
    font.write_bytes(b"no font")
    assert main([str(tmp_path), "--font", str(font)]) == 1
    assert "letters.ttf" in capsys.readouterr().err


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.file)
def test_a_document_is_marked_as_an_example_and_names_no_real_place(source: Source) -> None:
    text = TEXTS[source.file]
    assert "示例" in "\n".join(text.splitlines()[:6])
    assert all(phone.startswith("0000-") for phone in re.findall(r"\d{3,4}-\d{7,8}", text))
    assert not re.search(r"绝密|机密|秘密★", text), "a 密级 mark would be refused at the door"
    assert all(address.endswith(".example") for address in re.findall(r"@([\w.]+\w)", text))


def test_internal_documents_say_so_and_lie_apart() -> None:
    internal = {file for file, text in TEXTS.items() if "内部资料" in text}
    assert len(internal) >= 2
    assert internal == {file for file in TEXTS if file.startswith("internal/")}


def test_a_number_belongs_to_one_document_and_stands_in_it() -> None:
    numbers = [source.facts["number"] for source in SOURCES if "number" in source.facts]
    assert len(numbers) >= 30
    assert len(set(numbers)) == len(numbers)
    for source in SOURCES:
        if source.file.endswith(".html"):
            continue  # a page shows it in the record above the text
        assert source.facts.get("number", "") in "\n".join(TEXTS[source.file].splitlines()[:6])


def test_a_cited_title_and_number_are_those_of_a_document_of_the_corpus() -> None:
    citations = set(
        chain.from_iterable(
            re.findall(rf"《([^《》]+)》（({NUMBER.pattern})）", text) for text in TEXTS.values()
        )
    )
    assert len(citations) >= 8
    titles = {
        source.facts["number"]: source.title.replace("关于印发", "")
        for source in SOURCES
        if "number" in source.facts
    }
    for title, number in citations - NOT_HELD:
        assert title in titles.get(number, ""), f"no document is 《{title}》（{number}）"


def test_the_manifests_name_what_the_text_cannot_say() -> None:
    public, internal = load_manifest(FILES / "public"), load_manifest(FILES / "internal")
    assert set(public) <= {path.name for path in (FILES / "public").iterdir()}
    assert {override.access for override in internal.values()} == {Access.INTERNAL}
    assert len(internal) == sum(file.startswith("internal/") for file in TEXTS)
    repealed = {
        name for name, entry in public.items() if entry.fields.get("status") is Status.REPEALED
    }
    assert len(repealed) >= 1
    for name in repealed:
        title, number = (public[name].fields[key] for key in ("title", "document_number"))
        assert any(f"《{title}》（{number}）同时废止" in text for text in TEXTS.values())


@pytest.mark.parametrize(
    ("issued", "draft", "figure", "drafted"),
    [
        (
            "云江省人工智能创新发展实施意见.html",
            "云江省人工智能创新发展实施意见（征求意见稿）.txt",
            "3000PFLOPS",
            "4000PFLOPS",
        ),
        (
            "清河市公共租赁住房保障办法.pdf",
            "清河市公共租赁住房保障办法（征求意见稿）.docx",
            "不高于4.2万元",
            "不高于3.8万元",
        ),
    ],
    ids=["opinions", "housing"],
)
def test_a_draft_differs_from_its_issued_text(
    issued: str, draft: str, figure: str, drafted: str
) -> None:
    assert figure in TEXTS[f"public/{issued}"]
    assert drafted not in TEXTS[f"public/{issued}"]
    assert drafted in TEXTS[f"public/{draft}"]
    assert figure not in TEXTS[f"public/{draft}"]


def test_the_readme_lists_every_document() -> None:
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `([^`]+)` \| (.+) \| (.+) \| (.+) \| (.+) \| .+ \| (.+) \|$", readme, re.M
    )
    assert sorted(rows) == sorted(
        (
            source.file,
            source.title,
            source.facts.get("number", "—"),
            *(source.facts[key] for key in ("kind", "status", "topic")),
        )
        for source in SOURCES
    )


@given(st.text(st.sampled_from("中文，。）“数12345-aA　 "), max_size=120), st.integers(4, 30))
def test_lines_join_to_the_text_and_none_begins_with_a_comma(text: str, width: int) -> None:
    lines = break_lines(text, width)
    assert "".join(lines) == text
    assert not any(line.startswith(("，", "。", "）")) for line in lines[1:])
    one_unit = max((columns(run) for run in re.findall(r"[!-~]+", text)), default=1.0)
    hanging = max((len(run) for run in re.findall(r"[，。）]+", text)), default=0)
    assert all(columns(line) <= max(width, one_unit) + hanging for line in lines)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ("# 标题\n| 甲 | 乙 |\n| 丙 |\n", "ragged table"),
        ("没有标题\n", "title lines"),
        ("# 一\n# 二\n", "title lines"),
    ],
    ids=["ragged", "untitled", "two titles"],
)
def test_a_wrong_source_is_named(tmp_path: Path, body: str, wrong: str) -> None:
    path = tmp_path / "bad.md"
    path.write_text(f"---\nfile: public/bad.txt\n---\n{body}", encoding="utf-8")
    with pytest.raises(UsageError, match=f"bad.md.*{wrong}"):
        read_source(path)


def test_merge_marks_become_spans() -> None:
    table = Table((("甲", "<", "乙"), ("^", "丙", "丁"), ("^", "戊", "^")))
    assert table.spans() == ((0, 0, 2, 1), (1, 2, 2, 2))
