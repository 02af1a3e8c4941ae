"""The sides from which any service can be asked about: a question made of nothing else names none."""

from __future__ import annotations

import re

from corpus.tokens import without_asking

# What can be asked about any service; a question that names nothing else names no subject.
ASPECTS = frozenset(
    re.findall(
        r"\S+",
        "材料 资料 手续 电话 地址 地点 时间 条件 流程 程序 步骤 费用 收费 期限 时限 多久 网上 线上 窗口 "
        "预约 代办 标准 金额 办理 申请 申领 提交 审批 审核 领取 证件 原件 复印件 本人 政策 规定 办法 补办 "
        "需要 可以 要求 怎么办 部门 单位 情况 问题 事项 公司 个人 每月 每年 多少 一次 钱 罚款 处罚 批下来 下来 收钱 以上 以下 一个 超过",
    )
)
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
# Said of any service beside these; alone they would leave a question without history too open.
_FURTHER = re.compile(r"周末|节假日|上门|现场|罚|补|好|成|完")
_NO_WORD = re.compile(r"[\W_\d]+")


def is_open(question: str) -> bool:
    """Say whether a question names a class of services at most, never one of them."""
    rest = _CLASSES.sub("", without_asking(question))
    rest = _NO_WORD.sub("", _ASIDE.sub("", rest))
    if _CLASSES.search(question):
        return len(rest) <= 1
    return not rest and len(re.findall(r"[一-龥]", question)) > 1


def names_nothing(question: str) -> bool:
    """Say whether a question names no service, not even a class of them: 要交钱吗, 在哪里办."""
    rest = without_asking(question)
    for aspect in sorted(ASPECTS, key=len, reverse=True):
        rest = rest.replace(aspect, "")
    return not _NO_WORD.sub("", _FURTHER.sub("", _ASIDE.sub("", rest)))
