"""Write both reports of a run into its folder."""

from __future__ import annotations

from pathlib import Path

from eval.report.markdown import markdown_report
from eval.report.page import html_report
from eval.rows import Run


def write_reports(run: Run) -> tuple[Path, Path]:
    """Write `report.md` and `report.html` beside the run's record; return their paths."""
    markdown, page = run.folder / "report.md", run.folder / "report.html"
    markdown.write_text(markdown_report(run), "utf-8")
    page.write_text(html_report(run), "utf-8")
    return markdown, page
