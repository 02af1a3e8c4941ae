"""Questions that leave open which service they mean, and the choices that the corpus offers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.conversation import Role, Turn
from assistant.retrieval import Passage
from corpus.tokens import without_asking

CHOICES = 4
# Words for a whole class of services, and words that only ask for a side of one. A question made of
# nothing else could mean any of them.
_CLASSES = re.compile(
    r"补贴|补助|津贴|奖励|奖补|资助|救助|扶持|优惠|待遇|福利|政策|证件|证明|证书|手续|登记|许可|执照|贷款|"
    r"罚款|保险|费用|事项|业务|服务|名额|指标|证|贷|费|罚|表|事"
)
_ASIDE = re.compile(
    r"多少钱|材料|资料|东西|条件|流程|程序|步骤|时间|时候|期限|标准|金额|地址|地点|电话|窗口|要求|资格|"
    r"最多|最高|最少|最低|一共|总共|大概|每个?月|每年|一年|一个月|一次|全部|所有|当地|本地|我们这|这边|"
    r"办理|申请|申领|领取|办|领|拿|交|带|准备|提交|报|得|给|发|享受|"
    r"能|会|可|得|要|想|去|到|在|做|弄|搞|我|你|他|俺|人|的|了|有|是|都|也|还|钱|块|元|个|些|样|啥|咋|几|吗|呢|么|不"
)
_FORM = re.compile(
    r"(?:办事指南|服务指南|常见问题.*|政策解读|实施细则|实施办法|实施方案|管理办法|暂行办法|保障办法|若干措施|"
    r"一览表|标准表|办法|细则|规定|条例|方案|意见|通知|通告|公告|批复|指南|问答|（[^）]*）|\([^)]*\))+$"
)
_ISSUED = re.compile(
    r"关于(?:印发|发布|公布|转发)?[《〈]?(.+?)[》〉]?(?:的(?:通知|通告|公告|意见|批复|决定|函))?$"
)


def is_open(question: str) -> bool:
    """Say whether a question names a class of services at most, never one of them."""
    rest = _CLASSES.sub("", without_asking(question))
    rest = re.sub(r"[\W_\d]+", "", _ASIDE.sub("", rest))
    if _CLASSES.search(question):
        return len(rest) <= 1
    return not rest and len(re.findall(r"[一-龥]", question)) > 1


def choices(question: str, passages: Iterable[Passage]) -> tuple[str, ...]:
    """Return whole questions, one for each service among the passages found, best first."""
    asked = question.strip("？?。 ")
    subjects = dict.fromkeys(
        subject_of(passage.document.metadata.title) for passage in passages if passage.is_basis
    )
    return tuple(f"{subject}，{asked}？" for subject in subjects if subject)[:CHOICES]


def already_asked(history: Sequence[Turn], opening: str) -> bool:
    """Say whether the last thing said to the person was such a question back."""
    return bool(
        history and history[-1].role is Role.ASSISTANT and history[-1].text.startswith(opening)
    )


def subject_of(title: str) -> str:
    """Return what a document is about, from its title: 《…关于提高高龄津贴标准的通知》 → 提高高龄津贴标准."""
    plain = re.sub(r"[《》〈〉“”\s]", "", title)
    issued = _ISSUED.search(plain)
    subject = issued[1] if issued else plain
    return re.sub(r"的$", "", _FORM.sub("", subject)) or subject
