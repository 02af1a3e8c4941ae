"""Ingest: a sync leaves exactly what was wanted, whatever happened before or in the middle."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from corpus.__main__ import main
from corpus.documents import Access, Status
from corpus.embedding import Embedder
from corpus.errors import IndexMismatchError, StorageError, UsageError
from corpus.ingest import SyncReport, make_plan, rebuild, remove, sync
from corpus.sources import discover
from corpus.store import Store
from corpus.validity import status_on
from corpus.verify import verify

ROOT = Path(__file__).parent.parent.parent
RULES = """# 清河市养犬管理办法（示例）

第一条 为了规范养犬行为，制定本办法。

第二条 每户限养两只犬。

第三条 本办法自2025年5月1日起施行。
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "files"
    path.mkdir()
    (path / "rules.md").write_text(RULES, "utf-8")
    (path / "notice.txt").write_text(
        "清河市民政局关于做好高龄津贴发放工作的通知（示例）\n各县（区）民政局：\n"
        "一、发放标准。80周岁至89周岁每人每月100元。\n二、发放时间。每月10日前发放到位。\n",
        "utf-8",
    )
    return path


@pytest.fixture
def store(tmp_path: Path, embedder: Embedder) -> Iterator[Store]:
    opened = Store(tmp_path / "data", embedder)
    yield opened
    opened.close()


def run(store: Store, *paths: Path, prune: bool = False) -> SyncReport:
    return sync(store, list(paths), Access.PUBLIC, workers=1, prune=prune)


def found(store: Store, query: str) -> set[str]:
    index = store.index(Access.PUBLIC)
    chunks = store.catalogue.chunks(c.chunk_id for c in index.search(query))
    return {chunk.text.strip() for chunk in chunks.values()}


def test_a_second_sync_changes_nothing(store: Store, folder: Path) -> None:
    first = run(store, folder)
    assert (first.added, first.failed) == (2, ())
    revision = store.catalogue.revision()
    second = run(store, folder)
    assert (second.added, second.updated, second.unchanged, second.chunks) == (0, 0, 2, 0)
    assert store.catalogue.revision() == revision
    assert verify(store, Access.PUBLIC, deep=True).clean


def test_a_changed_file_leaves_no_stale_clause_and_keeps_its_old_version(
    store: Store, folder: Path
) -> None:
    run(store, folder)
    (folder / "rules.md").write_text(RULES.replace("限养两只", "限养一只"), "utf-8")
    assert run(store, folder).updated == 1
    assert any("限养一只" in text for text in found(store, "每户限养几只犬"))
    assert not any("限养两只" in text for text in found(store, "每户限养两只犬"))
    versions = store.catalogue.documents(current=None)
    rules = [d for d in versions if d.source.endswith("rules.md")]
    assert [(d.version, d.current) for d in rules] == [(1, False), (2, True)]
    assert "限养两只" in store.catalogue.text(rules[0].id)
    assert verify(store, Access.PUBLIC, deep=True).clean


def test_a_file_that_changes_back_is_current_again(store: Store, folder: Path) -> None:
    run(store, folder)
    before = store.catalogue.current_chunk_ids(Access.PUBLIC)
    (folder / "rules.md").write_text(RULES + "\n第四条 由公安机关解释。\n", "utf-8")
    run(store, folder)
    (folder / "rules.md").write_text(RULES, "utf-8")
    run(store, folder)
    assert store.catalogue.current_chunk_ids(Access.PUBLIC) == before
    assert verify(store, Access.PUBLIC).clean


def test_a_file_that_went_away_is_reported_and_removed_only_when_asked(
    store: Store, folder: Path
) -> None:
    run(store, folder)
    (folder / "rules.md").unlink()
    report = run(store, folder)
    assert report.removed == 0 and len(report.missing) == 1
    assert any("限养两只" in text for text in found(store, "每户限养两只犬"))
    assert run(store, folder, prune=True).removed == 1
    assert not any("限养两只" in text for text in found(store, "每户限养两只犬"))
    assert verify(store, Access.PUBLIC).clean


def test_one_bad_file_is_a_line_in_the_report(store: Store, folder: Path) -> None:
    (folder / "empty.docx").write_bytes(b"")
    (folder / "secret.txt").write_text("机密★5年\n关于某事项的通知\n内容。", "utf-8")
    report = run(store, folder)
    assert report.added == 2
    assert {Path(failure.path).name for failure in report.failed} == {"empty.docx", "secret.txt"}
    assert all(failure.error for failure in report.failed)


def test_the_original_is_kept_untouched(store: Store, folder: Path) -> None:
    run(store, folder)
    document = next(d for d in store.catalogue.documents() if d.source.endswith("rules.md"))
    kept = store.originals / document.sha256[:2] / f"{document.sha256}.md"
    assert kept.read_text("utf-8") == RULES


def test_a_manifest_overrides_and_may_make_a_file_internal(store: Store, folder: Path) -> None:
    (folder / "manifest.yaml").write_text(
        "rules.md:\n  status: 已废止\n  issuer: 清河市人民政府\nnotice.txt:\n  access: internal\n",
        "utf-8",
    )
    run(store, folder)
    rules = store.catalogue.find("清河市养犬管理办法（示例）")[0]
    assert rules.metadata.issuer == "清河市人民政府"
    assert status_on(rules, [], date(2026, 1, 1)) is Status.REPEALED
    assert [d.access for d in store.catalogue.documents(access=Access.INTERNAL)] == [
        Access.INTERNAL
    ]
    assert not any("高龄" in text or "100元" in text for text in found(store, "高龄津贴标准"))
    assert verify(store, Access.INTERNAL).clean and verify(store, Access.PUBLIC).clean


def test_repeal_is_seen_at_once_without_embedding_anything(store: Store, folder: Path) -> None:
    run(store, folder)
    store.close()
    assert main(["repeal", "清河市养犬管理办法（示例）", "--since", "2026-01-01"]) == 0
    opened = Store(store.folder, store.embedder)
    document = opened.catalogue.find("清河市养犬管理办法（示例）")[0]
    relations = opened.catalogue.relations_of([document.id])[document.id]
    assert status_on(document, relations, date(2025, 12, 31)) is Status.IN_FORCE
    assert status_on(document, relations, date(2026, 1, 1)) is Status.REPEALED
    assert opened.catalogue.refresh_relations() == 1  # what a person decided is kept
    opened.close()


def _repealed(store: Store) -> bool:
    document = store.catalogue.find("清河市养犬管理办法（示例）")[0]
    relations = store.catalogue.relations_of([document.id]).get(document.id, [])
    return status_on(document, relations, date(2026, 1, 1)) is Status.REPEALED


def test_a_repeal_by_hand_holds_for_a_later_version_and_one_brought_back(
    store: Store, folder: Path
) -> None:
    run(store, folder)
    assert main(["repeal", "清河市养犬管理办法（示例）", "--since", "2025-06-01"]) == 0
    (folder / "rules.md").write_text(RULES + "\n第四条 由公安机关解释。\n", "utf-8")
    assert run(store, folder).updated == 1 and _repealed(store)
    (folder / "rules.md").write_text(RULES, "utf-8")  # the row of the first version comes back
    assert run(store, folder).updated == 1 and _repealed(store)
    remove(store, store.catalogue.find("清河市养犬管理办法（示例）"))
    run(store, folder)
    assert _repealed(store) and verify(store, Access.PUBLIC).clean


@pytest.mark.parametrize("part", ["", "部门"], ids=["the whole", "a part alone"])
def test_a_manifest_names_files_in_folders_below(store: Store, folder: Path, part: str) -> None:
    (folder / "部门").mkdir()
    (folder / "notice.txt").rename(folder / "部门" / "notice.txt")
    (folder / "manifest.yaml").write_text("部门/notice.txt:\n  access: internal\n", "utf-8")
    report = run(store, folder / part)
    assert not report.unknown
    assert [Path(d.source).name for d in store.catalogue.documents(access=Access.INTERNAL)] == [
        "notice.txt"
    ]


def test_nothing_of_a_folder_that_does_not_open_is_missing(store: Store, folder: Path) -> None:
    (folder / "部门").mkdir()
    (folder / "notice.txt").rename(folder / "部门" / "notice.txt")
    run(store, folder)
    seen = discover([folder])
    hidden = replace(
        seen,
        files=tuple(file for file in seen.files if file.path.parent == folder),
        unreadable={folder / "部门": "打不开"},
    )
    plan = make_plan(hidden, store.catalogue.documents(), Access.PUBLIC)
    assert plan.missing == ()


def test_remove_takes_a_document_out(store: Store, folder: Path) -> None:
    run(store, folder)
    remove(store, store.catalogue.find("清河市养犬管理办法（示例）"))
    assert not any("限养两只" in text for text in found(store, "每户限养两只犬"))
    assert verify(store, Access.PUBLIC).clean
    assert run(store, folder).added + run(store, folder).unchanged >= 1


def test_rebuild_from_the_catalogue_alone_gives_the_same_corpus(store: Store, folder: Path) -> None:
    run(store, folder)
    before = store.catalogue.current_chunk_ids(Access.PUBLIC)
    answers = found(store, "高龄津贴什么时候发放")
    store.close()
    shutil.rmtree(folder)
    shutil.rmtree(store.folder / "index")
    opened = Store(store.folder, store.embedder)
    assert rebuild(opened) == len(before)
    assert verify(opened, Access.PUBLIC, deep=True).clean
    assert found(opened, "高龄津贴什么时候发放") == answers
    opened.close()


def test_verify_sees_a_missing_and_an_extra_clause(store: Store, folder: Path) -> None:
    run(store, folder)
    victim = next(iter(store.catalogue.current_chunk_ids(Access.PUBLIC)))
    index = store.index(Access.PUBLIC)
    index.vectors.delete([victim])
    report = verify(store, Access.PUBLIC)
    assert (report.missing_vectors, report.clean) == (1, False)
    index.vectors.add([victim], store.embedder.embed_matrix(["别的文字"]))
    assert verify(store, Access.PUBLIC, deep=True).wrong_vectors == 1


def test_an_index_of_another_embedder_is_refused_with_the_command_that_mends_it(
    store: Store, folder: Path
) -> None:
    run(store, folder)
    store.catalogue.set_state(**{"index:public": "1:256:another"})
    store.close()
    with pytest.raises(IndexMismatchError, match="corpus rebuild"):
        Store(store.folder, store.embedder).index(Access.PUBLIC)


def test_a_second_writer_is_told_to_wait(store: Store, folder: Path) -> None:
    with store.writing(), pytest.raises(StorageError, match="另一个导入进程"):
        run(Store(store.folder, store.embedder), folder)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sync", "no/such/folder"], "路径不存在"),
        (["sync", "{here}/photo.xyz"], "不认识的文件格式"),
        (["show", "没有这份文件"], "没有找到文件"),
        (["sync", "{here}", "--access", "secret"], "没有公开级别"),
        (["sync", "{here}", "--workers", "0"], "至少为 1"),
        (["--embeddings", "missing.gguf", "stats"], "missing"),
    ],
    ids=["path", "format", "document", "access", "workers", "embedder"],
)
def test_bad_usage_gets_one_sentence(
    arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photo.xyz").write_bytes(b"x")
    assert main([a.format(here=tmp_path) for a in arguments]) == 1
    error = capsys.readouterr().err
    assert says in error and "Traceback" not in error and len(error.strip().splitlines()) == 1


def test_a_damaged_catalogue_gets_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "catalogue.db").write_bytes(b"this is not a database" * 100)
    assert main(["stats"]) == 1
    assert "已损坏" in capsys.readouterr().err


def test_list_prints_one_json_object_a_document(
    store: Store, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(store, folder)
    store.close()
    assert main(["list", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 2
    assert {
        "id",
        "title",
        "document_number",
        "issuer",
        "status",
        "effective",
        "source",
        "sha256",
    } <= rows[0].keys()


def test_killed_at_any_moment_and_run_again_it_is_the_same_corpus(
    tmp_path: Path, embedder: Embedder
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        body = "\n\n".join(
            f"第{n}条 第{number}号办法的第{n}项规定，按照标准执行。" for n in "一二三四五六七八九"
        )
        (folder / f"{number}.md").write_text(f"# 办法{number}（示例）\n\n{body}\n", "utf-8")
    undisturbed = Store(tmp_path / "undisturbed", embedder)
    run(undisturbed, folder)
    wanted = undisturbed.catalogue.current_chunk_ids(Access.PUBLIC)
    undisturbed.close()
    disturbed = tmp_path / "disturbed"
    command = [sys.executable, "-m", "corpus", "--data-dir", str(disturbed), "sync", str(folder)]
    moments = random.Random(7)
    for _ in range(4):
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(moments.uniform(0.8, 4.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    opened = Store(disturbed, embedder)
    assert opened.catalogue.current_chunk_ids(Access.PUBLIC) == wanted
    assert verify(opened, Access.PUBLIC, deep=True).clean
    opened.close()


def test_a_missing_manifest_field_is_named(store: Store, folder: Path) -> None:
    (folder / "manifest.yaml").write_text("rules.md:\n  colour: red\n", "utf-8")
    with pytest.raises(UsageError, match="colour"):
        run(store, folder)


def test_vectors_cut_off_in_the_middle_of_a_write_are_made_again(
    tmp_path: Path, embedder: Embedder
) -> None:
    """What a full disk or a kill leaves while the graph is written (eval/LOG.md)."""
    source = tmp_path / "files"
    source.mkdir()
    (source / "办法.txt").write_text(
        "示例办法\n第一条 为了规范停车，制定本办法。\n第二条 停车收费每小时5元。\n", "utf-8"
    )
    store = Store(tmp_path / "data", embedder)
    sync(store, [source], Access.PUBLIC)
    store.catalogue.set_state(dirty="1")
    store.close()
    graphs = list((tmp_path / "data" / "index" / "public" / "vectors").rglob("*.pickle"))
    assert graphs, "Chroma keeps its graph elsewhere now: cut off what it reads first"
    for graph in graphs:
        graph.write_bytes(b"")
    store = Store(tmp_path / "data", embedder)
    with pytest.raises(StorageError, match="rebuild"):
        verify(store, Access.PUBLIC)
    store.close()
    store = Store(tmp_path / "data", embedder)
    sync(store, [source], Access.PUBLIC)
    assert verify(store, Access.PUBLIC).clean
    store.close()
