"""The pages of a PDF as pictures, for a preview that shows what will be printed."""

from __future__ import annotations

import io
import threading

import pypdfium2  # type: ignore[import-untyped]

WIDTH = 1000  # pixels of an A4 page: a 5号 character is legible, a page has about 60 KB
MOST_PAGES = 60  # shown; who reads more opens the PDF
_one_at_a_time = threading.Lock()  # PDFium may not be entered by two threads


def draw_pages(pdf: bytes) -> tuple[bytes, ...]:
    """Return each page, up to `MOST_PAGES`, as PNG."""
    pictures = []
    with _one_at_a_time:
        document = pypdfium2.PdfDocument(pdf)
        try:
            for place in range(min(len(document), MOST_PAGES)):
                page = document[place]
                width, height = page.get_size()
                bitmap = page.render(scale=WIDTH / min(width, height), grayscale=False)
                buffer = io.BytesIO()
                # Few colours: black, red and what lies between them and the paper.
                bitmap.to_pil().quantize(32).save(buffer, "PNG")
                pictures.append(buffer.getvalue())
        finally:
            document.close()
    return tuple(pictures)
