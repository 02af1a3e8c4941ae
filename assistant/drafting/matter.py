"""What a document is about: its subject without the year and the office words around the matter."""

from __future__ import annotations

import re

# 做好2027年度高龄津贴发放工作 is about 高龄津贴发放. The words around it stand in every document of
# an office, so that a search for all of them finds whatever has the year or 做好 in common.
_BEFORE = re.compile(
    r"^(?:(?:19|20)\d{2}(?:[—～-](?:19|20)?\d{2,4})?年度?|第[一二三四]季度|进一步|切实|做好|开展|推进|推动|"
    r"加强|加快|规范|商请|请求|申请|安排|追加|报送|核对|提供|实施|组织|举办|召开|全面|有关|相关|关于)"
)
_AFTER = re.compile(
    r"(?:工作|情况|事项|资金|经费|总结|年度|督查|检查|核查|进度|推进会|专题会|联席会议|座谈会|会议)$"
)
_SHORTEST = 4  # characters; what is left of a shorter subject names no matter


def matter_of(subject: str) -> str:
    """Return the matter of a subject, the subject itself where nothing would be left."""
    matter = subject.strip()
    while True:
        shorter = _AFTER.sub("", _BEFORE.sub("", matter))
        if shorter == matter or len(shorter) < _SHORTEST:
            return matter
        matter = shorter
