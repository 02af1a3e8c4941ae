"""The measures of GB/T 9704-2012, in twips (1/1440 inch) unless a name says otherwise.

What the standard does not give (bottom and right margin, the pitch of a line) follows from what it
gives: 版心 156 × 225 mm on A4, 22 lines of 28 characters.
"""

from __future__ import annotations


def mm(value: float) -> int:
    """Return millimetres as twips."""
    return round(value * 1440 / 25.4)


def emu(value_mm: float) -> int:
    """Return millimetres as English metric units, the unit of drawings."""
    return round(value_mm * 36000)


PAGE_WIDTH, PAGE_HEIGHT = 11906, 16838  # A4, §5.1
TOP, LEFT = 2098, 1588  # 天头 37 mm, 订口 28 mm, §5.2.1
BODY_WIDTH, BODY_HEIGHT = 8844, 12756  # 版心 156 × 225 mm, §5.2.1
BOTTOM, RIGHT = 1984, 1474  # what remains of A4: 35 mm, 26 mm
LINE = 579  # 225 mm / 22 lines = 28.99 pt, rounded down so that 22 lines fit
CHARACTER = 315  # 156 mm / 28 characters = 15.79 pt; 3号 (16 pt) set 0.25 pt closer
TIGHTER = -5  # the spacing that makes a 16 pt character 15.75 pt wide

# Sizes in half-points: 号 of Chinese type.
SIZE_2, SIZE_3, SIZE_4, SIZE_5 = 44, 32, 28, 21

MARK_BELOW_BODY_TOP_MM = {"文件": 35.0, "纪要": 35.0, "命令": 20.0}  # §7.2.4, §10.3, §10.2
LETTER_MARK_TOP_MM = 30.0  # from the edge of the page, §10.1
LETTER_LINE_GAP_MM = 4.0  # first double line under the mark, §10.1
LETTER_LINE_LENGTH_MM = 170.0  # §10.1
LETTER_FOOT_LINE_MM = 20.0  # second double line from the foot of the page, §10.1
LETTER_NUMBER_GAP_MM = 4.94  # 7/8 of the height of a 3号 character under the line, §10.1
RED_LINE_GAP_PT = 9  # with the 0.2 line under the baseline that a fixed pitch leaves: 4 mm of ink
RED = "FF0000"
THICK, THIN = 8, 6  # eighths of a point: about 0.35 mm and 0.25 mm, §7.4.1
PAGE_NUMBER_BELOW_BODY_MM = 7.0  # §7.5

# LibreOffice and Word put the baseline of a fixed line 0.8 of its height below its top; the ink of
# a Chinese character begins about 0.85 of its size above the baseline. A line this much higher than
# its type therefore begins with ink.
INK_LINE = 1.06
