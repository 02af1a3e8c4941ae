"""The staff pages in a real browser: axe, keyboard alone, two widths, a file dropped."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.assistant.staff.conftest import PASSWORD

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
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
SHOTS = Path(os.environ.get("ASSISTANT_SCREENSHOTS") or ROOT / "runs" / "screenshots")


@pytest.fixture(scope="module")
def address(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("staff") / "data"
    shutil.copytree(sample, folder)
    program = [sys.executable, "-m", "assistant", "--data-dir", str(folder)]
    subprocess.run(
        [*program, "users", "add", "张晓"], cwd=ROOT, input=f"{PASSWORD}\n".encode(), check=True
    )
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    process = subprocess.Popen(
        [*program, "serve", "--port", str(port), "--per-minute", "0"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(240):
            assert process.poll() is None
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/terms", timeout=2).close()
                break
            except OSError:
                time.sleep(0.25)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=[1440, 375])
def page(chromium: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": request.param, "height": 900}, base_url=address, locale="zh-CN"
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda told: problems.append(told.text) if told.type == "error" else None)
    yield page
    context.close()
    assert not problems


def examine(page: Page, name: str) -> None:
    """Hold a page against axe and its own width; keep a picture of it."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.screenshot(path=str(SHOTS / f"staff-{name}-{width}.png"), full_page=True)
    found = Axe().run(page).response["violations"]
    assert not found, [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def type_into(page: Page, label: str, text: str) -> None:
    """Reach a field by its label and type, as a person without a mouse does."""
    page.get_by_label(label).first.focus()
    page.keyboard.insert_text(text)


def test_from_login_to_a_checked_draft_by_keyboard_alone(page: Page) -> None:
    page.goto("/staff/drafts/new?kind=通知")
    expect(page).to_have_url("/staff/login")
    examine(page, "login")
    page.keyboard.press("Tab")
    expect(page.get_by_text("跳到正文")).to_be_focused()
    page.get_by_label("用户名").focus()
    page.keyboard.insert_text("张晓")
    page.keyboard.press("Tab")
    page.keyboard.insert_text(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="文稿")).to_be_visible()
    page.get_by_role("link", name="新建公文").focus()
    page.keyboard.press("Enter")
    examine(page, "kinds")
    page.get_by_role("link", name="通知", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="新建：通知")).to_be_visible()
    for label, text in (
        ("发文机关", "清河市民政局"),
        ("发文字号", "清民发[2026]018号"),
        ("事由", "做好2027年度高龄津贴发放工作"),
        ("主送机关", "各县（市、区）民政局"),
        ("缘由", "为保障高龄老年人基本生活"),
        ("事项", "明确发放对象\n  年满80周岁的老年人。"),
    ):
        type_into(page, label, text)
    page.get_by_label("关键词、标题或文号").focus()
    page.keyboard.insert_text("高龄津贴")
    page.keyboard.press("Enter")
    use = page.get_by_role("button", name="写入“依据”").first
    use.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[id='field-依据']")).not_to_have_value("")
    examine(page, "form")
    page.get_by_role("button", name="起草并检查").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".paper .print-title")).to_have_text(
        "清河市民政局关于做好2027年度高龄津贴发放工作的通知"
    )
    examine(page, "draft")
    place = page.locator(".findings a").first
    place.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".paper :target")).to_be_visible()
    page.get_by_role("button", name="送审").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".track [aria-current]")).to_have_text("审核")
    page.goto("/staff")
    examine(page, "list")
    page.get_by_role("button", name="退出").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url("/staff/login")
    page.go_back()
    page.reload()
    expect(page).to_have_url("/staff/login")


def test_paper_has_the_proportions_of_the_standard(page: Page) -> None:
    log_in(page)
    page.goto("/staff/check")
    check(page, "通知.txt", "清河市民政局关于放假的通知\n各单位:\n" + "放假安排如下，" * 12)
    examine(page, "check")
    measured = page.evaluate(
        """() => {
          const paper = document.querySelector('.paper'), style = getComputedStyle(paper);
          const mm = paper.getBoundingClientRect().width / 210, px = (name) => parseFloat(style[name]);
          return {left: px('paddingLeft') / mm, top: px('paddingTop') / mm,
            size: px('fontSize') / mm, line: px('lineHeight') / mm,
            text: (paper.clientWidth - px('paddingLeft') - px('paddingRight')) / px('fontSize'),
            tall: paper.getBoundingClientRect().height / mm};
        }"""
    )
    assert measured["left"] == pytest.approx(28, abs=1)
    assert measured["top"] == pytest.approx(37, abs=1)
    assert measured["text"] == pytest.approx(28, abs=0.2), "characters in a line"
    assert 225 / measured["line"] == pytest.approx(22, abs=0.1), "lines on a page"
    assert measured["tall"] >= 296


def test_a_dropped_file_is_checked(page: Page) -> None:
    log_in(page)
    page.goto("/staff/check")
    page.evaluate(
        """() => {
          const carried = new DataTransfer();
          carried.items.add(new File(['关于放假的通知\\n各单位:\\n请注意.'], '通知.txt'));
          document.querySelector('.check-form').dispatchEvent(
            new DragEvent('drop', {dataTransfer: carried, bubbles: true, cancelable: true}));
        }"""
    )
    expect(page.locator(".findings li").first).to_be_visible()


def log_in(page: Page) -> None:
    page.goto("/staff/login")
    page.get_by_label("用户名").fill("张晓")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="文稿")).to_be_visible()


def check(page: Page, name: str, text: str) -> None:
    page.get_by_label("把文件拖到这里").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
    )
    page.get_by_role("button", name="检查", exact=True).click()
    expect(page.locator("#result")).to_be_visible()
