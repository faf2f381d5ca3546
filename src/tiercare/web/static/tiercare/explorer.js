// The slider over days: it moves the list of days beside it, which works without this file.
"use strict";

document.documentElement.classList.add("scripted");

function fitSliders() {
  document.querySelectorAll("form[data-days]").forEach((form) => {
    const list = form.elements.on;
    const range = form.querySelector("[data-days-range]");
    range.max = String(list.options.length - 1);
    range.value = String(list.selectedIndex);
    range.setAttribute("aria-valuetext", list.options[list.selectedIndex]?.text.trim() ?? "");
  });
}

document.addEventListener("input", (event) => {
  const range = event.target.closest("[data-days-range]");
  if (!range) return;
  const list = range.form.elements.on;
  list.selectedIndex = Number(range.value);
  range.setAttribute("aria-valuetext", list.options[list.selectedIndex].text.trim());
});

// A day is fetched when the slider comes to rest, or when one is picked from the list.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-days]");
  if (form) form.requestSubmit();
});

document.addEventListener("htmx:afterSettle", fitSliders);
fitSliders();
