"""How likely each sentence of the passages found answers a question: its words, place and kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.retrieval import Passage
from corpus.chunking import split_sentences
from corpus.documents import Chunk
from corpus.embedding import Embedder
from corpus.ranking import Term

FEATURES = (
    "dense",
    "dense_beyond_heading",
    "wording",
    "wording_below_best",
    "heading_wording",
    "uncovered_by_heading",
    "place",
    "passage_score",
    "length",
    "kind_met",
    "kind_unmet",
    "figure_met",
    "figure_unmet",
    "of_basis",
    "introduces",
)
# Logistic regression over FEATURES, fitted by `python -m eval.fitting.sentences` on sentences that hold or
# stand in a noted answer, and on those beside them; numbers in eval/LOG.md.
INTERCEPT = -4.14
WEIGHTS = {
    "dense": 0.77,
    "dense_beyond_heading": 3.39,
    "wording": -2.04,
    "wording_below_best": 1.98,
    "heading_wording": 3.79,
    "uncovered_by_heading": 3.88,
    "place": -0.18,
    "passage_score": 0.58,
    "length": 0.24,
    "kind_met": 0.38,
    "kind_unmet": -0.58,
    "figure_met": 0.6,
    "figure_unmet": -0.65,
    "of_basis": -0.35,
    "introduces": -0.77,
}
# What a unit of a sentence's nearness, as the encoder tells it, adds to its log-odds (eval/LOG.md).
NEARNESS_WORTH = 12.0
# What a question asks for → what a sentence that tells it holds.
_KINDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(asked), re.compile(told))
    for asked, told in (
        (
            r"[领补罚提取给发交扣贷赔奖报花挣退缴]\S{0,3}(?:多少|几[百千万])"
            r"|多少(?:钱|元|块|补|津|公积金|奖|租金|费)|多钱|金额|标准|收费|费用|价|额度|限额|要钱|花钱",
            r"\d[\d,.]*\s*(?:万|亿|千|百)?元|[%％倍]|百分之|免费|不收|免收",
        ),
        (
            r"多久|多长|几天|几个月|几年|时限|期限|有效期|工作日|多少天|多少年|多少个月",
            r"(?:\d|[一二三四五六七八九十百半])+个?(?:工作日|日|天|月|年|小时|周)|长期|当场|即时",
        ),
        (
            r"什么时候|何时|哪天|[几哪]月|几号|时间|日期|截止|开始",
            r"\d+[年月日]|之日|每[年月周季]|\d[:：]\d\d|上午|下午",
        ),
        (
            r"哪里|在哪|去哪|哪儿|地址|地点|窗口|哪个部门|找谁|谁管|向谁|哪个单位|哪些部门|谁负责",
            r"窗口|中心|大厅|路\d|局|部门|政府|街道|乡镇|社区|平台|客户端|网",
        ),
        (r"电话|热线|怎么联系", r"\d{3,4}-\d{7,8}|1\d{10}|(?<!\d)1\d{4}(?!\d)"),
        (r"材料|证件|带什么|要带|提交什么|手续", r"证|材料|表|复印件|原件|合同|协议|照片"),
        (
            r"条件|资格|谁能|哪些人|什么人|对象|够不够|符合",
            r"条件|符合|具备|满\d|以上|以下|户籍|应当",
        ),
        (r"比例|百分之|几成|率是|率多", r"[%％倍]|百分之|比例"),
        (r"几岁|年龄|多大岁|多少岁", r"周?岁"),
        (
            r"多少[人家个名项条户所套辆张次种类]|几[个人家名项条户所套辆张次种类]|数量|人数",
            r"(?:\d|[一二三四五六七八九十两])+[个人家名项条户所套辆张次种类]",
        ),
    )
)
_FIGURE = re.compile(r"\d|[一二三四五六七八九十百千万亿]+(?:日|天|年|个月|元|倍|周岁|%|工作日)")
# Figures that measure nothing: names of texts and places in them, 文号, telephone numbers.
_NAMES = re.compile(
    r"《[^》]*》|〔\d{4}〕\d+号|第[\d一二三四五六七八九十百]+[条款项章]|\d{3,4}-\d{7,8}|1\d{10}"
)
_BASIS = re.compile(r"依据|根据|制定本|为了|为规范|现将|如下")
_ASKS_BASIS = re.compile(r"依据|根据|哪个文件|什么文件|什么规定|法律")
# A row of a table as parsing writes it: 项目：…；标准：…
_ROW = re.compile(r"[^：；。\n]{1,24}：[^；。\n]*；[^：；。\n]{1,24}：[^\n]*\n?$")
_NUMBER_ALONE = re.compile(r"[一-龥]{2,14}[〔\[（(]\d{4}.\d{1,4}号")
# 清河市民政局2025年5月12日发布
_IMPRINT = re.compile(
    r"[^，。；：\d]{0,60}\d{4}年\d{1,2}月\d{1,2}日(?:发布|印发|公布|更新|编写|编印|制发)?"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage: `place` is the passage's, offsets are the document's."""

    place: int
    start: int
    end: int
    text: str


def sentences_of(passages: Sequence[Passage]) -> list[Sentence]:
    """Return the sentences that may be quoted, headings and the form of openings left out."""
    found = []
    for place, passage in enumerate(passages):
        chunk = passage.chunk
        for start, end in _units(chunk):
            text = chunk.text[start:end].strip()
            if len(text) < 4 or _is_heading(text) or _opens(text, passage):
                continue
            found.append(Sentence(place, chunk.start + start, chunk.start + end, text))
    return found


def _units(chunk: Chunk) -> list[tuple[int, int]]:
    """Return what is quoted whole: the sentences of a clause, the rows of a table."""
    units = []
    offset = 0
    for line in chunk.text.splitlines(keepends=True):
        if _ROW.match(line):
            units.append((offset, offset + len(line)))
        elif not line.startswith("问："):  # the question of a 问答 is asked, its answer is quoted
            units += [(offset + start, offset + end) for start, end in split_sentences(line)]
        offset += len(line)
    return units


def tells_what_is_asked(question: str, text: str) -> bool:
    """Say whether a text holds the kind of thing that a question asks for: an amount, a day, a place.

    True where the question asks for no such kind.
    """
    kinds = [told for asked, told in _KINDS if asked.search(question)]
    return not kinds or any(told.search(text) for told in kinds)


def sentence_features(
    question: str,
    sentences: Sequence[Sentence],
    passages: Sequence[Passage],
    embedder: Embedder,
    weights: Mapping[Term, float],
) -> NDArray[np.float64]:
    """Return one row a sentence, shape (len(sentences), len(FEATURES)).

    `weights` gives the rarity of each term of the question.
    """
    heads = [_head(passage) for passage in passages]
    beyond = [_beyond(question, head, weights) for head in heads]
    asked = {text: row for row, text in enumerate(dict.fromkeys([question, *beyond]))}
    vectors = embedder.embed_matrix([*asked, *(sentence.text for sentence in sentences)])
    questions, told_by = vectors[: len(asked)], vectors[len(asked) :]
    dense = (told_by @ questions[0]).astype(np.float64)
    rows_of_beyond = [asked[beyond[sentence.place]] for sentence in sentences]
    dense_beyond = (told_by * questions[rows_of_beyond]).sum(axis=1).astype(np.float64)
    total = sum(weights.values()) or 1.0
    wording, headed, rest = (np.zeros(len(sentences)) for _ in range(3))
    for i, sentence in enumerate(sentences):
        text, head = sentence.text.lower(), heads[sentence.place]
        for term, weight in weights.items():
            in_text = any(form in text for form in term)
            in_head = any(form in head for form in term)
            wording[i] += weight * in_text
            headed[i] += weight * in_head
            rest[i] += weight * (in_text and not in_head)
    wording, headed, rest = wording / total, headed / total, rest / total
    top = passages[0].score
    kinds = [told for asked, told in _KINDS if asked.search(question)]
    asks_figure = bool(re.search(r"多少|几|多久|多长", question))
    asks_basis = bool(_ASKS_BASIS.search(question))
    rows = np.zeros((len(sentences), len(FEATURES)))
    for i, sentence in enumerate(sentences):
        told = any(kind.search(sentence.text) for kind in kinds)
        figure = bool(_FIGURE.search(_NAMES.sub("", sentence.text)))
        basis = bool(_BASIS.search(sentence.text)) or "依据" in heads[sentence.place]
        rows[i] = (
            dense[i],
            dense_beyond[i],
            wording[i],
            wording[i] - wording.max(),
            headed[i],
            rest[i],
            sentence.place,
            max(passages[sentence.place].score - top, -4.0),
            np.log1p(len(sentence.text)),
            bool(kinds) and told,
            bool(kinds) and not told,
            asks_figure and figure,
            asks_figure and not figure,
            basis and not asks_basis,
            sentence.text.endswith(("：", ":")),
        )
    return rows


def sentence_scores(
    question: str,
    sentences: Sequence[Sentence],
    passages: Sequence[Passage],
    embedder: Embedder,
    weights: Mapping[Term, float],
) -> NDArray[np.float64]:
    """Return the probability (0 to 1) that each sentence is the answer or a part of it."""
    rows = sentence_features(question, sentences, passages, embedder, weights)
    logits = INTERCEPT + rows @ np.array([WEIGHTS[name] for name in FEATURES])
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float64)


def answer_scores(
    question: str,
    sentences: Sequence[Sentence],
    passages: Sequence[Passage],
    embedder: Embedder,
    weights: Mapping[Term, float],
) -> NDArray[np.float64]:
    """Return `sentence_scores` moved by how near each sentence was seen to be to the question.

    Sentences of passages that were not looked at count as the furthest of the others.
    """
    scores = sentence_scores(question, sentences, passages, embedder, weights)
    seen = [nearness_of(sentence, passages[sentence.place]) for sentence in sentences]
    furthest = min((near for near in seen if near is not None), default=0.0)
    near = np.array([furthest if one is None else one for one in seen])
    odds = scores / np.maximum(1 - scores, 1e-9) * np.exp(NEARNESS_WORTH * (near - near.max()))
    return np.asarray(odds / (1 + odds), dtype=np.float64)


def nearness_of(sentence: Sentence, passage: Passage) -> float | None:
    """Return how near a sentence of a passage is to the question; None where nobody looked."""
    if passage.reading is None:
        return None
    start = passage.chunk.start
    return passage.reading.of_part(sentence.start - start, sentence.end - start)


def _beyond(question: str, head: str, weights: Mapping[Term, float]) -> str:
    """Return what a question asks beyond its subject: without the terms that stand in a head."""
    left = question
    for term in weights:
        if any(form in head for form in term):
            for form in term:
                left = left.replace(form, "")
    return left or question


def _head(passage: Passage) -> str:
    chunk = passage.chunk
    return " ".join((passage.document.metadata.title, *chunk.heading_path, chunk.lead)).lower()


def _opens(text: str, passage: Passage) -> bool:
    """Say whether a line is the form of an opening: title, 文号, imprint, addressee, 现将…通知如下."""
    return (
        (passage.chunk.locator == "开头" and text.endswith("："))
        or text in passage.document.metadata.title
        or bool(_NUMBER_ALONE.fullmatch(text) or _IMPRINT.fullmatch(text))
    )


def _is_heading(text: str) -> bool:
    """Say whether a line only announces or names: a title, a heading, （示例文件）."""
    if text.startswith("（") and text.endswith("）"):
        return len(text) <= 20
    return len(text) <= 60 and not re.search(
        r"[。；：，、！？:;,\d]", re.sub(r"^\S{1,4}、", "", text)
    )
