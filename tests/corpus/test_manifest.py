"""A manifest overrides what was read, and a mistake in it is named with its line and field."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from corpus.documents import Access, Metadata, Status
from corpus.errors import UsageError
from corpus.manifest import apply_override, load_manifest

YAML = """\
甲.pdf:
  title: 甲办法
  effective: 2025-10-01
  status: 已废止
  replaces: [乙办法, 示政发〔2010〕1号]
  access: internal
子目录/乙.txt:
  issuer: 示例市人民政府
"""


def test_stated_fields_win_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "manifest.yaml").write_text(YAML, encoding="utf-8")
    manifest = load_manifest(tmp_path)
    override = manifest["甲.pdf"]
    merged = apply_override(Metadata(title="读到的", issuer="某局"), override)
    assert (merged.title, merged.issuer) == ("甲办法", "某局")
    assert (merged.effective, merged.status) == (date(2025, 10, 1), Status.REPEALED)
    assert merged.replaces == ("乙办法", "示政发〔2010〕1号")
    assert override.access is Access.INTERNAL
    assert manifest["子目录/乙.txt"].fields == {"issuer": "示例市人民政府"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_may_be_in_chinese(tmp_path: Path, encoding: str) -> None:
    text = "文件名,标题,成文日期,访问级别\n甲.pdf,甲办法,2025/9/12,\n".replace("9/12", "09/12")
    (tmp_path / "manifest.csv").write_text(text, encoding=encoding)
    override = load_manifest(tmp_path)["甲.pdf"]
    assert override.fields == {"title": "甲办法", "written": date(2025, 9, 12)}
    assert override.access is None


def test_no_manifest_overrides_nothing(tmp_path: Path) -> None:
    assert load_manifest(tmp_path) == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a.pdf:\n  titel: x\n", r"第 1 行：'a.pdf' 的字段 'titel' 不认识"),
        ("a.pdf:\n  written: 昨天\n", r"字段 written 应是日期"),
        ("a.pdf:\n  status: 有效\n", r"字段 status 应是 现行有效"),
        ("a.pdf:\n  access: secret\n", r"字段 access 应是 public、internal 之一"),
        ("a.pdf:\n  title: [x]\n", r"字段 title 应是文字"),
        ("a.pdf: x\n", r"第 1 行：应是文件名"),
        ("- a.pdf\n", r"第 1 行：应逐个列出文件名"),
        ("a.pdf:\n  title: 'x\n", r"不是有效的 YAML"),
        ("../a.pdf:\n  title: x\n", r"不是清单所在文件夹里的文件名"),
        ("a.pdf:\n  title: x\na.pdf:\n  title: y\n", r"第 3 行：'a.pdf' 写了两次"),
        ("a.pdf:\n  title: x\n  title: y\n", r"第 3 行：'a.pdf' 的字段 'title' 写了两次"),
        ("a: !!python/object/apply:os.system [ls]\n", r"不是有效的 YAML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "manifest.yml").write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=message) as caught:
        load_manifest(tmp_path)
    assert "manifest.yml" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("标题\n甲\n", r"第 1 行：表头没有“文件名”"),
        ("file,written\n甲.pdf,x\n", r"第 2 行：'甲.pdf' 的字段 written 应是日期"),
        ("file,title\n甲.pdf,x,y\n", r"第 2 行：有 3 格"),
        ("file,标题,title\n甲.pdf,x,y\n", r"表头中 'title' 一列有两个"),
    ],
)
def test_a_mistake_in_a_table_is_named(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "manifest.csv").write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        load_manifest(tmp_path)


def test_two_manifests_are_one_too_many(tmp_path: Path) -> None:
    for name in ("manifest.yaml", "manifest.csv"):
        (tmp_path / name).write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="请只保留一份"):
        load_manifest(tmp_path)
