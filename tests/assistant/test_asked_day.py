"""The day named in a question: whose law is asked for, and what is a fact of the case instead."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.answer import answer
from assistant.asked_day import AskedDay, read_asked_day
from assistant.services import Services

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("question", "day", "rest"),
    [
        ("2023年5月的时候低保是多少", date(2023, 5, 1), "低保是多少"),
        ("２０２３年５月８日那天，低保是多少", date(2023, 5, 8), "低保是多少"),
        ("在2022年12月31日时租房能提多少公积金", date(2022, 12, 31), "租房能提多少公积金"),
        ("低保2021年的时候是多少", date(2021, 12, 31), "低保是多少"),
        ("按照2024年3月1日的规定，养狗要交多少钱", date(2024, 3, 1), "养狗要交多少钱"),
        ("2024年3月当时有效的养犬规定是哪个", date(2024, 3, 1), "有效的养犬规定是哪个"),
        ("2022年的时候结婚登记要多少钱", date(2022, 12, 31), "结婚登记要多少钱"),
        ("2022年的时候买房补贴是多少，怎么领", date(2022, 12, 31), "买房补贴是多少，怎么领"),
        ("按照2024年的规定，我现在养狗要交多少钱", date(2024, 12, 31), "我现在养狗要交多少钱"),
    ],
)
def test_a_day_whose_law_is_asked_for(question: str, day: date, rest: str) -> None:
    assert read_asked_day(question) == AskedDay(day, rest)


@pytest.mark.parametrize(
    "question",
    [
        "2024年3月1日以后出生的孩子能领多少",
        "2026年居民医保缴费标准",
        "2022年5月1日施行的办法里罚款多少",
        "到2025年9月1日时年满6周岁的能上小学吗",
        "2023年5月1日时间截止了还能补报吗",
        "2023年13月的时候低保是多少",
        "2023年的时候",
        "低保是多少",
        "孩子是2019年8月31日那天出生的，今年能上小学吗",
        "孩子是2019年8月31日那天出生的，能上小学吗",
        "孩子出生在2019年8月31日那天，能上小学吗",
        "我2019年的时候离职了，现在想领失业金怎么办",
        "我2022年的时候退役的，自主就业补助怎么领",
        "我妈2020年时去世了，丧葬费还能领吗",
        "2015年当时买的房子，现在怎么办房产证",
        "2015年当时买的房子怎么办房产证",
        "2018年的时候单位给我停了社保，怎么补缴",
        "2023年的时候低保是多少，现在呢",
    ],
)
def test_a_date_that_is_no_day_of_the_law(question: str) -> None:
    assert read_asked_day(question) is None


def test_the_rule_of_that_day_is_quoted_and_the_day_said(citizens: Services) -> None:
    named = answer("2024年6月1日的时候养狗登记要交多少钱", citizens, as_of=TODAY)
    given = answer("养狗登记要交多少钱", citizens, as_of=date(2024, 6, 1))
    assert [c.quote for c in named.citations] == [c.quote for c in given.citations]
    assert "暂行办法" in named.citations[0].title
    assert named.trace.as_of == "2024-06-01"
    assert "您问的是2024年6月1日，以下按当天的规定回答。" in named.notices
    today = answer("养狗登记要交多少钱", citizens, as_of=TODAY)
    assert "暂行办法" not in today.citations[0].title
