"""Build the sample corpus from its sources: python -m corpus.sample.build [OUT_DIR] [--font FILE].

Needs the `sample` extra (reportlab, pillow, python-docx, openpyxl, python-pptx); the built files
are kept beside the sources, so nobody needs it to use them.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import yaml

from corpus.documents import digest
from corpus.errors import CorpusError, UsageError
from corpus.sample.office import write_docx, write_pptx, write_xlsx
from corpus.sample.pages import write_ofd, write_pdf, write_scan
from corpus.sample.plain import write_eml, write_html, write_md, write_txt
from corpus.sample.source import Source, read_sources

HERE = Path(__file__).parent
SOURCES = HERE / "sources"
FILES = HERE / "files"
DIGESTS = "sources.sha256"

WRITERS: Mapping[str, Callable[[Source], bytes]] = {
    ".docx": write_docx,
    ".eml": write_eml,
    ".html": write_html,
    ".md": write_md,
    ".ofd": write_ofd,
    ".pdf": write_pdf,
    ".pptx": write_pptx,
    ".txt": write_txt,
    ".xlsx": write_xlsx,
}


def is_scan(source: Source) -> bool:
    """Tell whether a document is built as page images, which takes a Chinese font."""
    return source.facts.get("scan") == "True"


def find_font() -> Path:
    """Return a font file with Chinese glyphs, found by fontconfig.

    Raises:
        UsageError: No such font is installed.
    """
    finder = shutil.which("fc-list")
    listed = ""
    if finder:
        command = [finder, ":lang=zh-cn", "--format=%{file}\n"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if not (files := sorted(listed.split("\n"))[1:]):
        raise UsageError(
            "no Chinese font was found to draw the scanned pages with; install one "
            "(such as fonts-wqy-microhei) or name a file with --font"
        )
    return Path(files[0])


def render(source: Source, font: Path | None = None) -> bytes:
    """Return the bytes of one document in the format that its file name asks for.

    Args:
        source: What to write.
        font: The font file for a scan; found by fontconfig when not given.
    """
    if is_scan(source):
        return write_scan(source, font or find_font())
    suffix = PurePosixPath(source.file).suffix
    if suffix not in WRITERS:
        raise UsageError(f"sample document {source.file!r} asks for an unknown format {suffix!r}")
    return WRITERS[suffix](source)


def manifests(sources: tuple[Source, ...]) -> dict[str, str]:
    """Return the manifest of each folder as YAML, by its path in the output folder."""
    entries: dict[PurePosixPath, dict[str, object]] = defaultdict(dict)
    for source in sources:
        path = PurePosixPath(source.file)
        if source.manifest:
            entries[path.parent][path.name] = dict(source.manifest)
    return {
        str(folder / "manifest.yaml"): yaml.safe_dump(entry, allow_unicode=True, sort_keys=True)
        for folder, entry in entries.items()
    }


def source_digests(folder: Path) -> str:
    """Return the sha256 of every source, a line each, as sha256sum writes them."""
    lines = (f"{digest(path.read_bytes())}  {path.name}" for path in sorted(folder.glob("*.md")))
    return "\n".join(lines) + "\n"


def build(out: Path, font: Path | None = None) -> int:
    """Write every document, the manifests and the digests of the sources; return how many."""
    sources = read_sources(SOURCES)
    for source in sources:
        target = out / source.file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(render(source, font))
    for name, text in manifests(sources).items():
        (out / name).write_text(text, encoding="utf-8")
    (out / DIGESTS).write_text(source_digests(SOURCES), encoding="utf-8")
    return len(sources)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m corpus.sample.build", description=__doc__)
    parser.add_argument("out", nargs="?", type=Path, default=FILES, metavar="OUT_DIR")
    parser.add_argument("--font", type=Path, help="a font file with Chinese glyphs, for the scans")
    options = parser.parse_args(arguments)
    try:
        count = build(options.out, options.font)
    except (CorpusError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{count} documents written to {options.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
