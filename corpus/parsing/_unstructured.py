"""The one door to unstructured, opened so that it stays offline.

unstructured downloads an English spaCy model from the network when it first counts sentences,
and reports its use. Official networks have no outside, and the text is Chinese: it gets a blank
Chinese pipeline that ends sentences at punctuation, and both opt-outs are set before it loads.
"""

from __future__ import annotations

import io
import logging
import os
import warnings
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unstructured.documents.elements import Element

_OPT_OUTS = {
    "SCARF_NO_ANALYTICS": "true",
    "DO_NOT_TRACK": "true",
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
}


def partition_slides(data: bytes) -> list[Element]:
    """Return the elements of a .pptx file, page numbers in their metadata."""
    _prepare()
    from unstructured.partition.pptx import partition_pptx

    return _quietly(partition_pptx, data)


def partition_mail(data: bytes) -> list[Element]:
    """Return the elements of the body of an .eml file, without its attachments."""
    _prepare()
    from unstructured.partition.email import partition_email

    return _quietly(partition_email, data, process_attachments=False)


def _quietly(partition: Callable[..., list[Element]], data: bytes, **options: Any) -> list[Element]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about its own dependencies, nothing a user can act on
        return partition(file=io.BytesIO(data), languages=[""], **options)


@cache
def _prepare() -> None:
    os.environ.update(_OPT_OUTS)
    logging.getLogger("unstructured").setLevel(logging.ERROR)  # it comments on long texts
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import spacy
        import unstructured.nlp.tokenize as tokenize

    pipeline = spacy.blank("zh")
    pipeline.add_pipe("sentencizer", config={"punct_chars": ["。", "！", "？", "…", ".", "!", "?"]})
    tokenize._get_nlp = lambda: pipeline  # type: ignore[assignment]  # the model's seat
