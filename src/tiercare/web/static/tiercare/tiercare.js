// The few things that pages cannot do by themselves. Everything works without this file, only less smoothly.
"use strict";

// The menu as a drawer on narrow screens.
function setMenu(open) {
  document.body.classList.toggle("menu-open", open);
  const button = document.querySelector("[data-open-menu]");
  if (!button) return;
  button.setAttribute("aria-expanded", String(open));
  if (open) document.querySelector("#menu a")?.focus();
  else if (document.activeElement?.closest("#menu")) button.focus();
}

document.addEventListener("click", (event) => {
  const target = event.target;
  if (target.closest("[data-open-menu]")) {
    event.preventDefault(); // without this script the link shows the menu by :target
    setMenu(!document.body.classList.contains("menu-open"));
  } else if (target.closest("[data-close-menu]")) {
    event.preventDefault();
    setMenu(false);
  }
  if (target.closest("[data-print]")) window.print();
  document.querySelectorAll("details.account[open]").forEach((open) => {
    if (!open.contains(target)) open.open = false;
  });
  const row = target.closest("tr[data-row]");
  if (row && !target.closest("a, button, input, select, label")) row.querySelector("a")?.click();
});

// Alt+1 … Alt+9 for the menu: never a bare letter, people are typing.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    setMenu(false);
    document.querySelectorAll("details.account[open]").forEach((open) => {
      open.open = false;
      open.querySelector("summary").focus();
    });
  }
  if (!event.altKey || event.ctrlKey || event.metaKey || !/^Digit[1-9]$/.test(event.code)) return;
  const link = document.querySelector(`#menu a[data-key="${event.code.slice(5)}"]`);
  if (link) {
    event.preventDefault();
    link.click();
  }
});

// Region and day take effect when chosen; a day only when it is whole.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submit-on-change]");
  if (form && event.target.matches("select")) form.requestSubmit();
});

// A form that came back with refusals: say them first.
document.getElementById("refusals")?.focus();

// What was typed is not lost by leaving by mistake.
let typed = false;
document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-guard]")) typed = true;
});
document.addEventListener("submit", () => {
  typed = false;
});
window.addEventListener("beforeunload", (event) => {
  if (typed) event.preventDefault();
});

// Whoever signs out leaves nothing of a draft on this computer (kept.js).
document.addEventListener("submit", (event) => {
  if (!/\/(sign-out|switch)$/.test(event.target.action)) return;
  try {
    const store = window.localStorage;
    for (const each of Object.keys(store)) if (each.startsWith("tiercare.draft.")) store.removeItem(each);
  } catch { /* a browser that allows none */ }
});

// Filters reload the list beneath them; the number found is announced there (aria-live).
document.addEventListener("htmx:responseError", (event) => {
  // An answer that is no list (signed out, refused) is shown as the page that it is.
  window.location.assign(event.detail.pathInfo.finalRequestPath);
});
