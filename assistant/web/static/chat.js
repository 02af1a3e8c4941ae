// The chat page: the conversation is kept in this browser only, and turns are put in their place.
(() => {
  "use strict";
  const { announce, texts } = window.assistantTools;
  const byId = (id) => document.getElementById(id);
  const KEY = "assistant.conversation";
  const KEPT_TURNS = 20;
  const STOP_HEARD = 3000; // milliseconds after which a stop that brought no update went nowhere
  let conversation = read();
  let busy = "";
  let updates = 0;
  let told = "";

  function read() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.slice(-KEPT_TURNS) : [];
    } catch {
      return [];
    }
  }

  function keep() {
    conversation = conversation.slice(-KEPT_TURNS);
    try {
      localStorage.setItem(KEY, JSON.stringify(conversation));
    } catch {
      // Full or forbidden: the page goes on without remembering.
    }
  }

  function remember(turn) {
    conversation = [...conversation.filter((one) => one.id !== turn.id), turn];
    keep();
  }

  const box = () => document.querySelector("#question textarea");

  // ---------------------------------------------------------------- asking

  function history() {
    // What was interrupted has no text and is asked again.
    return conversation.filter((turn) => turn.text).flatMap((turn) => [
      { role: "user", text: turn.question },
      { role: "assistant", text: turn.text },
    ]);
  }

  // Called by the chat framework before it sends a question.
  function send(question) {
    byId("refused").textContent = "";
    const turn = "t" + Math.random().toString(36).slice(2, 12).padEnd(8, "0");
    return [question, history(), turn];
  }

  // Called by the chat framework with each update.
  function receive(value) {
    if (!value) return;
    const update = JSON.parse(value);
    updates += 1;
    window.setTimeout(count, 0);
    if (update.state === "refused") {
      byId("refused").textContent = update.message;
      setBusy("");
      box().focus();
      return;
    }
    const isNew = !byId(update.turn);
    const shown = put(update.turn, update.html);
    if (isNew) shown.scrollIntoView({ block: "start", behavior: smooth() });
    tell(update.message);
    setBusy(update.state === "done" ? "" : update.turn);
    if (update.state === "done") {
      const question = shown.querySelector(".asked-text").textContent;
      remember({ id: update.turn, question, text: update.text, html: update.html });
    }
  }

  // Many updates carry one message; a screen reader says it once.
  function tell(message) {
    if (message !== told) announce(message);
    told = message;
  }

  // Where the connection broke no last update comes: the page is free again and says so. The
  // framework reloads the page once the server is back, so the turn is kept as it stands; an update
  // that comes after all takes its place.
  function interrupt() {
    if (!busy) return;
    const turn = byId(busy);
    setBusy("");
    const waiting = turn.querySelector(".waiting");
    waiting.className = "warning";
    waiting.textContent = texts.interrupted;
    tell(texts.interrupted);
    const question = turn.querySelector(".asked-text").textContent;
    remember({ id: turn.id, question, text: "", html: turn.outerHTML });
  }

  function expectStop() {
    const [turn, heard] = [busy, updates];
    window.setTimeout(() => {
      if (busy === turn && updates === heard) interrupt();
    }, STOP_HEARD);
  }

  function smooth() {
    return window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  }

  function put(id, html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const turn = template.content.firstElementChild;
    const before = byId(id);
    if (before) renew(before, turn); else byId("conversation").append(turn);
    document.documentElement.classList.add("has-turns");
    return byId(id);
  }

  // Only the parts that differ are replaced: an open fold stays open, and the focus where it is.
  function renew(turn, after) {
    const summaries = [...turn.querySelectorAll("details[open] > summary")];
    const open = new Set(summaries.map((one) => one.textContent));
    for (const summary of after.querySelectorAll("details > summary")) {
      summary.parentElement.open = open.has(summary.textContent);
    }
    const focused = turn.contains(document.activeElement) ? document.activeElement : null;
    const old = [...turn.children];
    const now = [...after.children];
    while (old.length && now.length && old[0].isEqualNode(now[0])) {
      old.shift();
      now.shift();
    }
    let rest = null;
    while (old.length && now.length && old[old.length - 1].isEqualNode(now[now.length - 1])) {
      rest = old.pop();
      now.pop();
    }
    for (const part of now) turn.insertBefore(part, rest);
    for (const part of old) part.remove();
    if (focused && !focused.isConnected) {
      const same = [...turn.querySelectorAll(focused.tagName)];
      same.find((one) => one.isEqualNode(focused))?.focus({ preventScroll: true });
    }
  }

  function setBusy(turn) {
    busy = turn;
    document.documentElement.classList.toggle("busy", Boolean(turn));
    byId("conversation").setAttribute("aria-busy", String(Boolean(turn)));
  }

  function askThis(question) {
    if (busy) return;
    const area = box();
    area.value = question;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    // The framework takes the new value over in its next turn.
    window.setTimeout(() => byId("ask").click(), 30);
  }

  function clear() {
    if (busy || !window.confirm(texts.clear_sure)) return;
    conversation = [];
    keep();
    byId("conversation").replaceChildren();
    document.documentElement.classList.remove("has-turns");
    box().focus();
  }

  document.addEventListener("click", (event) => {
    const suggested = event.target.closest(".ask-this");
    if (suggested) askThis(suggested.dataset.question);
    if (event.target.closest("#clear")) clear();
    if (event.target.closest("#stop")) expectStop();
  });
  document.addEventListener("outage", interrupt);

  // ---------------------------------------------------------------- the box

  function count() {
    const area = box();
    const limit = area.maxLength > 0 ? area.maxLength : 500;
    byId("counter").textContent = texts.counter
      .replace("{count}", String(area.value.length))
      .replace("{limit}", String(limit));
  }

  // Enter that picks a word of an input method must not ask.
  document.addEventListener("keydown", (event) => {
    if (event.target === box() && event.key === "Enter" && event.isComposing) {
      event.stopPropagation();
    }
  }, true);

  function ready() {
    const area = box();
    if (!area || !byId("counter")) return false;
    area.setAttribute("aria-describedby", "question-help counter");
    area.addEventListener("input", count);
    // The framework empties the box without an event that bubbles.
    window.setInterval(count, 500);
    count();
    byId("getting-ready")?.remove();
    // The page has its own main part around the framework's.
    document.querySelector("gradio-app main")?.setAttribute("role", "presentation");
    return true;
  }

  for (const turn of conversation) put(turn.id, turn.html);

  const waiting = window.setInterval(() => { if (ready()) window.clearInterval(waiting); }, 60);

  window.assistantPage = { send, receive };
})();
