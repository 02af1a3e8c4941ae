"""Folders and files on disk → the documents to read, each with its digest and its manifest entry."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from corpus.documents import Access
from corpus.errors import UsageError
from corpus.manifest import FILE_NAMES, Override, load_manifest
from corpus.parsing import FORMATS, LARGEST_FILE


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: where it is, what its bytes are, what a manifest beside it says."""

    path: Path
    sha256: str
    override: Override | None

    def access(self, given: Access) -> Access:
        """Return who may see it: what the manifest says, else what the run was told."""
        return self.override.access if self.override and self.override.access else given


@dataclass(frozen=True, slots=True)
class Discovery:
    """What lies under the paths of one run.

    `roots` are the folders looked through: only below them can a document be missing. `skipped`
    are files of formats that hold no documents; `unknown` are manifest entries without a file;
    `unreadable` says of each path that could not be looked at what is wrong with it.
    """

    files: tuple[SourceFile, ...]
    roots: tuple[Path, ...]
    skipped: tuple[Path, ...] = ()
    unknown: tuple[str, ...] = ()
    unreadable: Mapping[Path, str] = field(default_factory=dict)


def discover(paths: Iterable[Path]) -> Discovery:
    """Find and hash the documents under files and folders, in order of path.

    Raises:
        UsageError: A path does not exist, a named file has no known format, a manifest is wrong.
    """
    files: dict[Path, SourceFile] = {}
    roots: list[Path] = []
    skipped: list[Path] = []
    unknown: list[str] = []
    unreadable: dict[Path, str] = {}
    manifests = _Manifests(unknown)
    for given in paths:
        path = given.expanduser().resolve()
        if not path.exists():
            raise UsageError(f"路径不存在：{str(given)!r}；请检查拼写，或用 ls 查看上级目录")
        if path.is_dir():
            roots.append(path)
        elif path.suffix.lower() not in FORMATS:
            known = " ".join(sorted(FORMATS))
            raise UsageError(f"不认识的文件格式：{path.name!r}；可以导入：{known}")
        for found in _walk(path, unreadable) if path.is_dir() else [path]:
            if found.name in FILE_NAMES:
                continue
            if found.suffix.lower() not in FORMATS:
                skipped.append(found)
                continue
            override = manifests.override(found, path if path.is_dir() else path.parent)
            try:
                if problem := _problem(found, path):
                    unreadable[found] = problem
                    continue
                sha256 = _digest_file(found)
            except OSError as error:
                unreadable[found] = _closed(error)
                continue
            files[found] = SourceFile(found, sha256, override)
    return Discovery(
        tuple(files[path] for path in sorted(files)),
        tuple(roots),
        tuple(skipped),
        tuple(unknown),
        unreadable,
    )


class _Manifests:
    """The manifests of the folders met in one run; each is read once."""

    def __init__(self, unknown: list[str]) -> None:
        """Take the list that entries without a file are named in."""
        self._unknown = unknown
        self._read: dict[Path, Mapping[str, Override]] = {}

    def override(self, file: Path, root: Path) -> Override | None:
        """Return what the nearest manifest says of a file, None where none names it.

        Those above the folder of the run count too: a part of a corpus that is brought in alone is
        as public or internal as in the whole. What cannot be read up there belongs to others.
        """
        for folder in file.parents:
            if folder not in self._read:
                self._read[folder] = self._load(folder, below=folder.is_relative_to(root))
            found = self._read[folder].get(file.relative_to(folder).as_posix())
            if found:
                return found
        return None

    def _load(self, folder: Path, *, below: bool) -> Mapping[str, Override]:
        if not below:
            try:
                return load_manifest(folder)
            except (UsageError, OSError):
                return {}
        read = load_manifest(folder)
        self._unknown += [f"{folder.name}/{name}" for name in read if not (folder / name).is_file()]
        return read


def _walk(folder: Path, unreadable: dict[Path, str]) -> Iterator[Path]:
    """Yield what lies under a folder and is no folder; not by recursion, folders nest deep."""
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            found = sorted(current.iterdir())
        except OSError as error:
            unreadable[current] = _closed(error)
            continue
        for path in found:
            if path.name.startswith((".", "~$")):
                continue  # hidden files, and what Word leaves beside an open document
            try:
                is_folder = path.is_dir()
            except OSError as error:
                unreadable[path] = _closed(error)
                continue
            if not is_folder:
                yield path
            elif not path.is_symlink():  # a link to a parent folder would never end
                waiting.append(path)


def _closed(error: OSError) -> str:
    return f"打不开：{error.strerror or error}；请检查权限和路径后重新导入。"


def _problem(path: Path, root: Path) -> str:
    """Return what keeps a file from being looked at, an empty string if nothing does."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        likely = os.fsencode(path.name).decode("gb18030", "replace")
        return f"文件名不是 UTF-8 编码（可能是“{likely}”），请改名后重新导入。"
    if not path.is_file():
        return "不是普通文件（管道、设备，或链接的目标已不在），没有读取；请核对后重新导入。"
    if path.is_symlink() and not path.resolve().is_relative_to(root):
        return "是链接，指向导入的文件夹之外，没有读取；请把文件复制进来，或直接导入它所在的路径。"
    if path.stat().st_size > LARGEST_FILE:
        return "超过 200 MB，请拆分后重新导入。"
    return ""


def _digest_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
