// The chat page: the conversation is kept in this browser only, and turns are put in their place.
(() => {
  "use strict";
  const { announce, texts } = window.assistantTools;
  const byId = (id) => document.getElementById(id);
  const KEY = "assistant.conversation";
  const KEPT_TURNS = 20;
  let conversation = read();
  let busy = "";

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

  const box = () => document.querySelector("#question textarea");

  // ---------------------------------------------------------------- asking

  function history() {
    return conversation.flatMap((turn) => [
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
    window.setTimeout(count, 0);
    if (update.state === "refused") {
      byId("refused").textContent = update.message;
      setBusy("");
      box().focus();
      return;
    }
    const shown = put(update.turn, update.html);
    if (busy !== update.turn) {
      setBusy(update.turn);
      shown.scrollIntoView({ block: "start", behavior: smooth() });
    }
    announce(update.message);
    if (update.state === "done") {
      setBusy("");
      const question = shown.querySelector(".asked-text").textContent;
      conversation.push({ id: update.turn, question, text: update.text, html: update.html });
      keep();
    }
  }

  function smooth() {
    return window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  }

  function put(id, html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const turn = template.content.firstElementChild;
    const before = byId(id);
    if (before) before.replaceWith(turn); else byId("conversation").append(turn);
    document.documentElement.classList.add("has-turns");
    return turn;
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
  });

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
