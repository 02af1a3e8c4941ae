// What every page does: type size, passages in the drawer, copy, print, read aloud, dialogs, health.
(() => {
  "use strict";
  const texts = JSON.parse(document.getElementById("script-texts").textContent);
  const byId = (id) => document.getElementById(id);
  const HEALTH_EVERY = 20000;
  const WIDE = window.matchMedia("(min-width: 70rem)");

  function announce(message) {
    const place = byId("announcer");
    // A message said twice must change to be read twice.
    place.textContent = "";
    window.setTimeout(() => { place.textContent = message; }, 50);
  }

  // ---------------------------------------------------------------- type size

  function showElder(on) {
    document.documentElement.classList.toggle("elder", on);
    const button = byId("elder-switch");
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? texts.elder_off : texts.elder_on;
  }

  byId("elder-switch").addEventListener("click", () => {
    const on = !document.documentElement.classList.contains("elder");
    try { localStorage.setItem("assistant.elder", on ? "1" : "0"); } catch { /* not kept then */ }
    showElder(on);
  });
  showElder(document.documentElement.classList.contains("elder"));

  // On a narrow page unused filters would push the results out of sight.
  const filters = document.querySelector(".filter-box:not([data-used])");
  if (filters && !window.matchMedia("(min-width: 40rem)").matches) filters.open = false;

  // ---------------------------------------------------------------- dialogs

  let opener = null;

  function open(dialog, from, modal = true) {
    if (dialog.open) dialog.close();
    opener = from;
    if (modal) dialog.showModal(); else dialog.show();
    dialog.querySelector("h2").focus({ preventScroll: true });
  }

  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => {
      // A click on the dialog itself is one on the backdrop around its content.
      if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
    });
    dialog.addEventListener("close", () => {
      document.documentElement.classList.remove("drawer-open");
      if (opener?.isConnected) opener.focus({ preventScroll: true });
      opener = null;
    });
  }
  document.addEventListener("keydown", (event) => {
    const drawer = byId("drawer");
    if (event.key === "Escape" && drawer.open) drawer.close();
  });

  async function showPassage(link) {
    const url = new URL(link.href, location.href);
    const place = byId("drawer-body");
    let html;
    try {
      const response = await fetch(url.pathname + "/passage" + url.search);
      if (!response.ok) throw new Error(String(response.status));
      html = await response.text();
    } catch {
      html = "";
    }
    place.innerHTML = html;
    if (!html) place.textContent = texts.passage_failed;
    const wide = WIDE.matches;
    document.documentElement.classList.toggle("drawer-open", wide);
    open(byId("drawer"), link, !wide);
    place.scrollTop = 0;
    place.querySelector("mark.cited")?.scrollIntoView({ block: "center" });
  }

  // ---------------------------------------------------------------- answers

  const copyText = (turn) => turn.querySelector("template.for-copy").content.textContent;

  async function copy(text, button) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without https the clipboard is closed to pages; a selection still works.
      const box = document.createElement("textarea");
      box.value = text;
      box.className = "unseen";
      (button.closest("dialog") ?? document.body).append(box);
      box.select();
      const done = document.execCommand("copy");
      box.remove();
      if (!done) { announce(texts.copy_failed); return; }
    }
    flash(button, texts.copied);
  }

  function flash(button, message) {
    const before = button.dataset.label ?? button.textContent;
    button.dataset.label = before;
    button.textContent = message;
    announce(message);
    window.setTimeout(() => { button.textContent = before; }, 2000);
  }

  function printSheet(turn) {
    const frame = document.createElement("iframe");
    frame.className = "unseen";
    frame.setAttribute("aria-hidden", "true");
    frame.tabIndex = -1;
    document.body.append(frame);
    const page = frame.contentDocument;
    page.documentElement.lang = "zh-CN";
    const style = page.createElement("link");
    style.rel = "stylesheet";
    style.href = document.querySelector('link[href*="style.css"]').href;
    style.onload = () => {
      frame.contentWindow.addEventListener("afterprint", () => frame.remove());
      frame.contentWindow.print();
    };
    page.body.className = "sheet-page";
    page.body.append(turn.querySelector("template.for-sheet").content.cloneNode(true));
    page.head.append(style);
  }

  function readAloud(turn, button) {
    const speech = window.speechSynthesis;
    if (!speech) { announce(texts.no_speech); flash(button, texts.no_speech); return; }
    if (speech.speaking || button.dataset.reading) { speech.cancel(); return; }
    const said = copyText(turn).replace(/\[\d+\]/g, "").split(/\n+/).filter(Boolean);
    button.dataset.reading = "1";
    button.textContent = texts.stop_reading;
    const finished = () => {
      delete button.dataset.reading;
      button.textContent = texts.read_aloud;
    };
    said.forEach((line, place) => {
      // Line by line: some voices fall silent in a long text.
      const utterance = new SpeechSynthesisUtterance(line);
      utterance.lang = "zh-CN";
      utterance.rate = 0.9;
      utterance.onerror = finished;
      if (place === said.length - 1) utterance.onend = finished;
      speech.speak(utterance);
    });
  }

  function handOver(turn, button) {
    byId("order-text").value = turn.querySelector("template.for-order").content.textContent;
    open(byId("order"), button);
  }
  byId("order-copy").addEventListener("click", (event) => {
    copy(byId("order-text").value, event.currentTarget);
  });

  // ---------------------------------------------------------------- feedback

  let judged = null;

  async function sendFeedback(turn, verdict, reasons, comment) {
    const tools = turn.querySelector(".tools");
    const response = await fetch("/api/feedback", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        verdict,
        question: turn.querySelector(".asked-text").textContent,
        status: tools.dataset.status,
        sources: tools.dataset.sources,
        reasons,
        comment,
      }),
    });
    if (!response.ok) throw new Error(String(response.status));
  }

  function thank(turn, verdict) {
    for (const button of turn.querySelectorAll(".votes button")) {
      button.setAttribute("aria-pressed", String(button.dataset.action === verdict));
    }
    announce(texts.thanks);
    const votes = turn.querySelector(".votes");
    let place = votes.querySelector(".thanks");
    if (!place) {
      place = document.createElement("span");
      place.className = "thanks";
      votes.append(place);
    }
    place.textContent = texts.thanks;
  }

  async function vote(turn, verdict, reasons = [], comment = "") {
    try {
      await sendFeedback(turn, verdict, reasons, comment);
      thank(turn, verdict);
    } catch {
      announce(texts.feedback_failed);
      flash(turn.querySelector(`[data-action="${verdict}"]`), texts.feedback_failed);
    }
  }

  byId("feedback-form").addEventListener("submit", () => {
    const form = byId("feedback-form");
    const reasons = [...form.querySelectorAll("input:checked")].map((box) => box.value);
    const comment = byId("feedback-comment").value;
    form.reset();
    if (judged) vote(judged, "unhelpful", reasons, comment);
  });

  const ACTIONS = {
    copy: (turn, button) => copy(copyText(turn), button),
    print_sheet: printSheet,
    read_aloud: readAloud,
    hand_over: handOver,
    helpful: (turn) => vote(turn, "helpful"),
    unhelpful: (turn, button) => { judged = turn; open(byId("feedback"), button); },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (button) {
      ACTIONS[button.dataset.action]?.(button.closest(".turn"), button);
      return;
    }
    const link = event.target.closest("a[data-passage]");
    // With a modifier key the person wants the page itself, in a tab of its own.
    if (link && !(event.ctrlKey || event.metaKey || event.shiftKey || event.button)) {
      event.preventDefault();
      showPassage(link);
    }
  });

  // ---------------------------------------------------------------- health

  async function checkHealth() {
    const banner = byId("outage");
    let message = "";
    try {
      const response = await fetch("/health", { cache: "no-store" });
      if (!response.ok) message = texts.outage;
    } catch {
      message = texts.offline;
    }
    if (banner.textContent !== message) banner.textContent = message;
    banner.hidden = !message;
    // A question that is being answered will not hear of its end.
    if (message) document.dispatchEvent(new Event("outage"));
  }
  checkHealth();
  window.setInterval(checkHealth, HEALTH_EVERY);

  window.assistantTools = { announce, texts };
})();
