// What the staff pages do with scripts; without them every form works as a page of its own.
(() => {
  "use strict";

  // ---------------------------------------------------------------- basis beside the form

  const facts = document.getElementById("facts-form");
  const results = document.getElementById("basis-results");

  async function search(form) {
    const query = new FormData(form).get("q");
    results.textContent = "正在检索……";
    try {
      const response = await fetch("/staff/api/basis?" + new URLSearchParams({ q: query }));
      if (response.status === 401) { location.assign("/staff/login"); return; }
      const found = await response.json();
      if (!response.ok) { results.textContent = found.error; return; }
      results.innerHTML = found.html;
      const field = document.getElementById("field-依据");
      for (const button of results.querySelectorAll(".use-basis")) button.hidden = !field;
    } catch {
      results.textContent = "检索失败，请再试一次。";
    }
  }

  if (facts && results) {
    document.querySelector(".basis-form").addEventListener("submit", (event) => {
      event.preventDefault();
      search(event.currentTarget);
    });
    results.addEventListener("click", (event) => {
      const button = event.target.closest(".use-basis");
      if (!button) return;
      const field = document.getElementById("field-依据");
      const lines = field.value.split("\n").filter((line) => line.trim());
      if (!lines.includes(button.dataset.basis)) lines.push(button.dataset.basis);
      field.value = lines.join("\n");
      button.textContent = "已写入";
      facts.dataset.changed = "1";
    });
    // Half an hour of typing must not be lost by a slip.
    facts.addEventListener("input", () => { facts.dataset.changed = "1"; });
    facts.addEventListener("submit", () => { delete facts.dataset.changed; });
    window.addEventListener("beforeunload", (event) => {
      if (facts.dataset.changed) event.preventDefault();
    });
  }

  // ---------------------------------------------------------------- a file too large

  for (const input of document.querySelectorAll("input[data-largest]")) {
    input.addEventListener("change", () => {
      const large = [...input.files].some((file) => file.size > Number(input.dataset.largest));
      input.setCustomValidity(large ? input.dataset.tooLarge : "");
      if (large) input.reportValidity();
    });
  }

  // ---------------------------------------------------------------- a file dropped

  const drop = document.querySelector(".check-form");
  if (drop) {
    const input = drop.querySelector("input[type=file]");
    for (const name of ["dragover", "dragleave", "drop"]) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.toggle("dropping", name === "dragover");
      });
    }
    drop.addEventListener("drop", (event) => {
      if (event.dataTransfer.files.length !== 1) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change"));
      drop.requestSubmit();
    });
  }
})();
