"""Recognise the text of scans: images, and the pages of a PDF that hold nothing else.

rapidocr-onnxruntime carries its Chinese models in its wheel and runs on a CPU, two to four
seconds a page.
"""

from __future__ import annotations

import io
import re
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps, ImageSequence

from corpus.errors import ParseError
from corpus.parsing.lines import OnPage, Reading
from corpus.parsing.page_lines import Page, Piece, drop_running_lines, merge_pieces
from corpus.parsing.page_paragraphs import page_paragraphs

if TYPE_CHECKING:
    from rapidocr_onnxruntime import RapidOCR  # type: ignore[import-untyped]  # ships no types

# A4 at 170 dots an inch, at which 三号 text is 38 pixels high and 小五 still legible.
LONGEST_SIDE = 2000
_MOST_PIXELS = 120_000_000
_MOST_FRAMES = 200
_LEAST_SCORE = 0.5
_PIXELS_TOO_FEW = 16
# The brackets of a document number are taken for square ones, often only one of the pair.
_YEAR_BRACKETS = re.compile(r"[〔\[［]((?:19|20)\d\d)[〕\]］](?=第?\d+号)")


def read(data: bytes, on_page: OnPage) -> Reading:
    """Recognise an image file; each frame of a TIFF is a page.

    Raises:
        ParseError: the image is damaged or too large.
    """
    pages: list[Page] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of sizes that are checked here anyway
        try:
            with Image.open(io.BytesIO(data)) as image:
                count = getattr(image, "n_frames", 1)
                if count > _MOST_FRAMES:
                    raise ParseError(f"扫描页超过 {_MOST_FRAMES} 页，请拆分后重新导入。")
                for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
                    pages.append(_page(frame, number))
                    on_page(number, count)
        except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
            raise ParseError("图片已损坏，请重新扫描或重新获取原图。") from error
    if not any(page.pieces for page in pages):
        raise ParseError("图片里没有认出文字，请换用更清晰的扫描件。")
    return Reading(tuple(page_paragraphs(drop_running_lines(pages))), {})


def _page(frame: Image.Image, number: int) -> Page:
    if frame.width * frame.height > _MOST_PIXELS:
        raise ParseError("图片尺寸过大，请缩小到 A4 幅面 300 dpi 以内后重新导入。")
    upright = ImageOps.exif_transpose(frame).convert("RGB")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    pieces = recognise(np.asarray(upright)[:, :, ::-1])
    return Page(number, upright.width, upright.height, tuple(merge_pieces(pieces)))


def recognise(image: np.ndarray[Any, Any]) -> list[Piece]:
    """Return the pieces of text in an image (height × width × blue, green, red), in pixels."""
    if min(image.shape[:2]) < _PIXELS_TOO_FEW:
        return []
    found, _ = _engine()(np.ascontiguousarray(image))
    return [_piece(box, text) for box, text, score in found or [] if float(score) >= _LEAST_SCORE]


def _piece(box: list[list[float]], text: str) -> Piece:
    across, down = [point[0] for point in box], [point[1] for point in box]
    return Piece(
        _YEAR_BRACKETS.sub(r"〔\1〕", text), min(across), min(down), max(across), max(down)
    )


@cache
def _engine() -> RapidOCR:
    from rapidocr_onnxruntime import RapidOCR

    # One thread: files are read in parallel already, and idle threads spin.
    return RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
