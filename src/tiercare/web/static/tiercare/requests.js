// Requests by keyboard: arrows go from row to row, Alt+Enter does what is most likely next, Alt+S searches; sentences by a
// click. Everything works without this file.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.altKey && !event.ctrlKey && !event.metaKey) {
    const wanted = event.key === "Enter" ? "[data-primary]" : event.code === "KeyS" ? "[data-find]" : null;
    const found = wanted && document.querySelector(wanted);
    if (found && !event.repeat) {
      event.preventDefault();
      if (event.key === "Enter") found.click();
      else found.focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.target.closest("textarea, select, input:not([type=checkbox])")) return;
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const rows = [...document.querySelectorAll(".request-rows [data-act]")];
  if (!rows.length) return;
  event.preventDefault();
  const at = rows.findIndex((each) => each.closest("tr") === event.target.closest("tr"));
  const step = event.key === "ArrowDown" ? 1 : -1;
  rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)].focus();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-tick-all]")) return;
  for (const each of document.querySelectorAll(".request-tick input[type=checkbox]")) each.checked = event.target.checked;
});

// What was ticked, or is being chosen, is not taken away by the list renewing itself.
document.addEventListener("htmx:confirm", (event) => {
  if (event.target.id !== "requests") return;
  if (document.querySelector(".request-tick input:checked") || document.activeElement?.closest("#bulk select")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const block = event.target.closest("[data-block]");
  if (!block) return;
  const field = document.getElementById(block.dataset.block);
  field.value = field.value ? `${field.value}\n${block.textContent}` : block.textContent;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

// On a telephone the list comes first; filters open by a tap, and stay open while they narrow the list.
for (const each of document.querySelectorAll("[data-narrow]:not([data-kept])")) {
  if (window.matchMedia("(max-width: 767.98px)").matches) each.open = false;
}
