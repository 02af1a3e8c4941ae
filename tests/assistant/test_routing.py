"""Which questions get a fixed reply, and which ordinary ones must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.aspects import is_open, names_nothing
from assistant.clarifying import already_asked, subject_of
from assistant.conversation import Role, Turn
from assistant.regions import Places, elsewhere, load_places, names_place, place_of
from assistant.replies import PROMPTS
from assistant.rewriting import follows_up, stand_alone
from assistant.rules import Rules, load_rules
from assistant.services import load_guides
from corpus.documents import Access, Document, Metadata

HELD = ("云江省", "清河市", "临溪县", "云江省清河市")


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules(PROMPTS / "routing.yaml")


@pytest.fixture(scope="module")
def places() -> Places:
    return load_places(PROMPTS / "places.yaml")


@pytest.mark.parametrize(
    ("question", "route"),
    [
        ("楼下着火了", "fire"),
        ("厨房起火了，浓烟很大", "fire"),
        ("闻到很重的燃气味", "gas"),
        ("我妈煤气中毒了", "gas"),
        ("老人突然晕倒叫不醒", "medical"),
        ("孩子溺水了", "medical"),
        ("我触电了手麻", "medical"),
        ("高速上出车祸了", "traffic"),
        ("刚刚被车撞了", "traffic"),
        ("有人持刀", "crime"),
        ("我老公正在打我", "crime"),
        ("小孩走丢了怎么办", "crime"),
        ("电梯里被困住了", "rescue"),
        ("房子塌了", "rescue"),
        ("我不想活了", "crisis"),
        ("活着没什么意思", "crisis"),
        ("我想自杀", "crisis"),
        ("有人要跳楼", "crisis"),
        ("您好！", "greeting"),
        ("hello", "greeting"),
        ("How do I apply for a residence permit?", "other_language"),
        ("好的，谢谢", "thanks"),
        ("再见", "thanks"),
        ("你是机器人吗", "about"),
        ("你能做什么", "about"),
        ("转人工", "human"),
        ("我要人工客服", "human"),
        ("我要投诉物业乱收费", "complaint"),
        ("我要举报某公司拖欠工资", "complaint"),
        ("帮我看看我的医保到账了没", "personal_case"),
        ("我的低保批下来没", "personal_case"),
        ("我家的公租房申请到哪一步了", "personal_case"),
        ("我昨天提交的材料怎么还没审核", "personal_case"),
        ("为什么我的补贴被停了", "personal_case"),
        ("我上个月报的生育津贴还没到账", "personal_case"),
        ("明天天气怎么样", "out_of_scope"),
        ("给我讲个笑话", "out_of_scope"),
        ("推荐几部好看的电影", "out_of_scope"),
        ("帮我写一段python代码", "out_of_scope"),
        ("1+1等于几", "out_of_scope"),
    ],
)
def test_what_needs_a_fixed_reply_gets_it(question: str, route: str, rules: Rules) -> None:
    found = rules.first(question)
    # Who has not got something yet is a personal case however it is said.
    assert found == route


@pytest.mark.parametrize(
    "question",
    [
        "火灾隐患怎么举报",
        "120急救车收费标准是多少",
        "身份证丢了怎么补办",
        "孩子的出生医学证明丢了怎么补",
        "燃气报警器安装有补贴吗",
        "家里着火烧了房子能申请什么救助",
        "火灾事故责任怎么认定",
        "工伤昏迷住院怎么报销",
        "被家暴了怎么申请人身安全保护令",
        "交通事故责任认定多久出结果",
        "出了车祸保险怎么理赔",
        "被狗咬了能赔偿吗",
        "触电伤亡算工伤吗",
        "老人走失后低保待遇怎么办理停发",
        "煤气费怎么交多少钱一方",
        "110报警电话归哪个部门管",
        "投诉12345多久有回复",
        "怎么投诉物业",
        "举报偷税有奖励吗",
        "我想投诉邻居养狗扰民应该找谁",
        "公积金余额怎么查",
        "低保审核进度在哪里查",
        "低保多久能批下来",
        "我申请低保多久能批下来",
        "高龄津贴什么时候发放",
        "我妈80岁能领多少高龄津贴",
        "我能申请公租房吗",
        "我的户口能迁到清河吗",
        "高温天气补贴标准是多少",
        "股权转让的税怎么交",
        "开餐厅要办哪些证",
        "写申请书要写什么内容",
        "你们单位几点上班",
        "人工智能企业有什么补贴",
        "谢谢，那要带什么材料",
        "你好，居住证怎么办",
        "学校天气停课规定",
        "翻译资格证有补贴吗",
        "心理援助热线的政策有哪些",
        "养犬伤人怎么处罚",
        "消防验收要什么材料",
        "游泳馆溺水事故责任规定",
        "彩票店开店要什么许可",
        "电梯困人应急预案备案",
        "抢劫罪判几年",
    ],
)
def test_ordinary_questions_go_on(question: str, rules: Rules) -> None:
    assert rules.first(question) == ""


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("深圳人才补贴多少钱", "深圳"),
        ("广州市低保标准", "广州"),
        ("我在成都怎么办居住证", "成都"),
        ("从上海转户口到清河要什么材料", ""),
        ("异地就医去北京怎么备案", ""),
        ("北京户口能在这买房吗", ""),
        ("在北京缴的公积金能转过来吗", ""),
        ("医保定点药店有哪些", ""),
        ("六十四平方米的房能加装电梯吗", ""),
        ("云江省和上海比哪个高", ""),
        ("我家在南京路上能办吗", ""),
        ("西安区低保怎么申请", ""),
        ("松江区低保怎么申请", "松江"),
        ("西安区域的低保标准", "西安"),
        ("孩子在上海出生，怎么上户口", ""),
        ("我在上海参保，住院怎么报", ""),
        ("我在深圳打过工，能领失业金吗", ""),
        ("孩子在广州上过学，怎么入学", ""),
        ("上海出生医学证明怎么补", "上海"),
        ("上海参保缴费标准", "上海"),
        ("低保标准是多少", ""),
    ],
)
def test_another_place_is_seen(question: str, place: str, places: Places) -> None:
    assert elsewhere(question, HELD, places) == place


def test_a_city_is_held_with_its_province(places: Places) -> None:
    assert elsewhere("长春低保标准", ("吉林省",), places) == ""
    assert elsewhere("沈阳低保标准", ("吉林省",), places) == "沈阳"
    assert elsewhere("沈阳低保标准", (), places) == ""


@pytest.mark.parametrize(
    ("region", "place"),
    [
        ("云江省清河市", "清河市"),
        ("浙江省杭州市", "杭州市"),
        ("山东省德州市", "德州市"),
        ("贵州省贵阳市", "贵阳市"),
        ("贵州省", "贵州省"),
        ("北京市通州区", "通州区"),
        ("湖北省恩施土家族苗族自治州利川市", "利川市"),
        ("甘肃省积石山保安族东乡族撒拉族自治县", "积石山保安族东乡族撒拉族自治县"),
        ("河南省平顶山市郏县", "郏县"),
        ("全国", "全国"),
    ],
)
def test_a_rule_holds_in_the_narrowest_place_of_its_region(region: str, place: str) -> None:
    document = Document("d", "d", 1, True, Access.PUBLIC, "", "", Metadata(region=region), 0.0, 0)
    assert place_of(document, [region]) == place


@pytest.mark.parametrize(
    ("text", "place", "named"),
    [("贵阳市的低保", "贵阳市", True), ("郏县低保", "郏县", True), ("低保和特困", "和县", False)],
)
def test_a_place_may_be_named_without_what_it_is(text: str, place: str, named: bool) -> None:
    assert names_place(text, place) is named


@pytest.mark.parametrize(
    "question", ["补贴能领多少钱", "办证要带什么", "怎么办理登记", "要准备什么材料", "能贷多少"]
)
def test_a_question_about_any_service_is_open(question: str) -> None:
    assert is_open(question)


@pytest.mark.parametrize(
    "question",
    ["高龄津贴能领多少", "居住证要带什么", "结婚登记要多少钱", "？？？", "贷款利率是多少"],
)
def test_a_question_that_names_its_service_is_not(question: str) -> None:
    assert not is_open(question)


@pytest.mark.parametrize(
    "question",
    [
        "要交钱吗",
        "在哪里办",
        "要带什么材料",
        "需要本人去吗",
        "多久能办好",
        "周末能办吗",
        "罚多少钱",
    ],
)
def test_a_question_that_names_nothing_leans_on_the_one_before(question: str) -> None:
    assert names_nothing(question)
    assert follows_up(question, lambda _: True)


@pytest.mark.parametrize(
    "question", ["结婚登记要交钱吗", "狗要办证吗", "补贴怎么领", "落户在哪里办"]
)
def test_a_question_that_names_something_may_stand_alone(question: str) -> None:
    assert not names_nothing(question)
    assert not follows_up(question, lambda _: True)


@pytest.mark.parametrize("name", ["clarify", "clarify_identity", "clarify_region"])
def test_nobody_is_asked_back_twice(name: str) -> None:
    replies = load_guides().replies
    history = [Turn(Role.USER, "补贴"), Turn(Role.ASSISTANT, replies.named(name).text + "…")]
    assert already_asked(history, replies)
    assert not already_asked([*history, Turn(Role.USER, "高龄的")], replies)


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("清河市民政局关于提高高龄津贴标准的通知", "提高高龄津贴标准"),
        ("居住证申领办事指南", "居住证申领"),
        ("清河市养犬管理办法", "清河市养犬"),
        ("通知", "通知"),
    ],
)
def test_a_title_says_what_it_is_about(title: str, subject: str) -> None:
    assert subject_of(title) == subject


def subject_named(question: str) -> bool:
    return any(word in question for word in ("低保", "结婚", "公积金"))


@pytest.mark.parametrize(
    ("earlier", "question", "stands"),
    [
        (["低保去哪申请"], "要带什么", "低保去哪申请 要带什么"),
        (["低保去哪申请"], "那结婚登记呢", "低保去哪申请 结婚登记呢"),
        (["低保去哪申请"], "结婚登记要多少钱", "结婚登记要多少钱"),
        (["结婚登记去哪办", "要预约吗"], "电话是多少", "结婚登记去哪办 电话是多少"),
        ([], "要带什么", "要带什么"),
    ],
)
def test_a_follow_up_takes_its_subject_along(
    earlier: list[str], question: str, stands: str
) -> None:
    history = [Turn(Role.USER, text) for text in earlier]
    assert stand_alone(question, history, subject_named) == stands


def test_every_rule_has_a_reply() -> None:
    guides = load_guides()
    names = {rule.name for rule in (*guides.routing.rules, *guides.screening.rules)}
    for name in names:
        assert "12345" in guides.replies.named(name).next_step or name == "crisis"


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nrules: {a: {unless: [x]}}",
        "version: 1\nrules: {a: {any: ['(']}}",
        "version: 1\nother: 2\nrules: {}",
    ],
    ids=["no pattern", "broken", "unknown"],
)
def test_a_broken_file_of_rules_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"rules\.yaml"):
        load_rules(path)
