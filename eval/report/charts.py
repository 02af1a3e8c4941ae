"""Charts as inline SVG: bars with intervals, lines, a histogram; no library, no outside file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

# Okabe and Ito's palette: told apart by people with any kind of colour vision.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
WIDTH = 640
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 24, 44
_BAR, _GAP = 16, 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A value between 0 and 1 with its label, a note beside it and, where known, an interval."""

    label: str
    value: float
    note: str = ""
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A named line of points, x ascending."""

    name: str
    points: Sequence[tuple[float, float]]


def bars(title: str, values: Sequence[Bar]) -> str:
    """Return horizontal bars from 0 to 1, one under the other, with their intervals."""
    left = 150
    height = _TOP + len(values) * (_BAR + _GAP) + 28
    room = WIDTH - left - 110
    parts = [_grid_line(left + share * room, _TOP, height - 28) for share in _FIFTHS]
    parts += [_text(left + s * room, height - 12, f"{s:g}", anchor="middle") for s in _FIFTHS]
    for n, bar in enumerate(values):
        top = _TOP + n * (_BAR + _GAP)
        middle = top + _BAR - 4
        parts.append(_text(left - 8, middle, bar.label, anchor="end"))
        parts.append(
            f'<rect x="{left}" y="{top}" width="{bar.value * room:.1f}" height="{_BAR}" '
            f'fill="{COLOURS[0]}" rx="2"/>'
        )
        end = bar.value
        if bar.interval:
            low, high = bar.interval
            y = top + _BAR / 2
            parts.append(
                f'<path d="M{left + low * room:.1f} {y}H{left + high * room:.1f}" '
                'stroke="#222" stroke-width="1.5"/>'
            )
            end = max(end, high)
        parts.append(_text(left + end * room + 6, middle, f"{bar.value:.2f} {bar.note}"))
    return _figure(title, height, parts)


def lines(
    title: str,
    found: Sequence[Line],
    *,
    x_name: str,
    y_name: str,
    logarithmic: bool = False,
    mark: float | None = None,
) -> str:
    """Return lines in the unit square (x up to its largest value), with a legend.

    `logarithmic` is for x from 1 on; `mark` draws an upright dashed line.
    """
    height = 320
    largest = max((x for line in found for x, _ in line.points), default=1.0) or 1.0
    room_x, room_y = WIDTH - _LEFT - _RIGHT, height - _TOP - _BOTTOM

    def across(x: float) -> float:
        share = np.log(x) / np.log(largest) if logarithmic and largest > 1 else x / largest
        return float(_LEFT + share * room_x)

    def down(y: float) -> float:
        return _TOP + (1 - y) * room_y

    ticks = [t for t in (1, 2, 5, 10, 20, 50, 100) if t <= largest] if logarithmic else _FIFTHS
    parts: list[str] = []
    for share in _FIFTHS:
        y = down(share)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}" stroke="#ddd"/>')
        parts.append(_text(_LEFT - 6, y + 4, f"{share:g}", anchor="end"))
    for tick in ticks:
        parts.append(_text(across(tick), height - _BOTTOM + 16, f"{tick:g}", anchor="middle"))
    if mark is not None:
        x = across(mark)
        parts.append(
            f'<path d="M{x:.1f} {_TOP}V{height - _BOTTOM}" stroke="#888" stroke-dasharray="4 3"/>'
        )
    for n, line in enumerate(found):
        colour = COLOURS[n % len(COLOURS)]
        path = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in line.points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = height - _BOTTOM - 12 - 18 * (len(found) - 1 - n)
        parts.append(f'<rect x="{WIDTH - 250}" y="{y - 9}" width="12" height="4" fill="{colour}"/>')
        parts.append(_text(WIDTH - 232, y - 3, line.name))
    parts.append(_text(_LEFT + room_x / 2, height - 8, x_name, anchor="middle"))
    parts.append(_text(_LEFT, _TOP - 10, y_name))
    return _figure(title, height, parts)


def histogram(title: str, values: Sequence[float], *, unit: str, marks: Sequence[float]) -> str:
    """Return counts of values in forty bins up to the 99th percentile; the last bin holds the rest.

    `marks` (the median, say) draw upright dashed lines.
    """
    height = 240
    room_x, room_y = WIDTH - _LEFT - _RIGHT, height - _TOP - _BOTTOM
    largest = float(np.quantile(values, 0.99)) or 1.0
    counts, edges = np.histogram(np.minimum(values, largest), bins=40, range=(0, largest))
    tallest = int(counts.max()) or 1
    parts: list[str] = []
    for count, low, high in zip(counts, edges, edges[1:], strict=False):
        tall = count / tallest * room_y
        x, wide = _LEFT + low / largest * room_x, (high - low) / largest * room_x
        parts.append(
            f'<rect x="{x:.1f}" y="{_TOP + room_y - tall:.1f}" width="{wide - 1:.1f}" '
            f'height="{tall:.1f}" fill="{COLOURS[0]}"/>'
        )
    for share in _FIFTHS:
        x = _LEFT + share * room_x
        parts.append(_text(x, height - _BOTTOM + 16, f"{share * largest:.0f}", anchor="middle"))
    for mark in marks:
        x = _LEFT + min(mark / largest, 1) * room_x
        parts.append(
            f'<path d="M{x:.1f} {_TOP}V{_TOP + room_y}" stroke="#d55e00" stroke-dasharray="4 3"/>'
        )
        parts.append(_text(x + 4, _TOP + 10, f"{mark:.1f}"))
    parts.append(_text(_LEFT - 6, _TOP + 8, str(tallest), anchor="end"))
    parts.append(_text(_LEFT + room_x / 2, height - 8, unit, anchor="middle"))
    return _figure(title, height, parts)


_FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def _figure(title: str, height: float, parts: Sequence[str]) -> str:
    return "\n".join(_svg(title, height, parts))


def _svg(title: str, height: float, parts: Sequence[str]) -> Iterator[str]:
    yield f"<figure><figcaption>{escape(title)}</figcaption>"
    yield (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}" '
        'font-size="12" font-family="inherit">'
    )
    yield from parts
    yield "</svg></figure>"


def _grid_line(x: float, top: float, bottom: float) -> str:
    return f'<path d="M{x:.1f} {top}V{bottom}" stroke="#ddd"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
