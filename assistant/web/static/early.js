// Large type is set before the first paint, so that the page does not jump.
(() => {
  try {
    if (localStorage.getItem("assistant.elder") === "1") {
      document.documentElement.classList.add("elder");
    }
  } catch {
    // Storage may be forbidden; the page then starts in standard type.
  }
})();
