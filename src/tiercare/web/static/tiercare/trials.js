// Trials: sliders beside their numbers, folds, a text to take along, and a run that is looked at until it is over. The pages work without this file.
"use strict";

document.documentElement.classList.add("scripted");
const ASKS = 2000; // milliseconds between two questions how far it has come
const TOLD = 4; // a screen reader is told of so many parts of the way
const RESULT = "said"; // the heading under which a result begins

// A slider that was not touched says nothing: an empty field stays the pack's.
document.addEventListener("input", (event) => {
  const slider = event.target.closest("[data-slider]");
  if (slider) {
    document.getElementById(slider.dataset.slider).value = slider.value;
    return;
  }
  const beside = document.querySelector(`[data-slider="${CSS.escape(event.target.id)}"]`);
  if (beside) beside.value = event.target.value === "" ? beside.dataset.begins : event.target.value;
});

// The long table is folded on a phone and open on a screen that has room for it; on paper all folds are open.
const folds = [...document.querySelectorAll("details[data-fold]")];
if (window.matchMedia("(min-width: 768px)").matches) for (const fold of folds) fold.open = fold.dataset.fold === "roomy";
let closed = [];
window.addEventListener("beforeprint", () => {
  closed = [...closed, ...folds.filter((fold) => !fold.open)]; // some browsers say it twice
  for (const fold of closed) fold.open = true;
});
window.addEventListener("afterprint", () => {
  for (const fold of closed) fold.open = false;
  closed = [];
});

// A link to a folded part opens it.
function unfold() {
  const fold = document.getElementById(window.location.hash.slice(1))?.closest("details[data-fold]");
  if (fold) fold.open = true;
}
window.addEventListener("hashchange", unfold);
unfold();

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = document.querySelector(button.dataset.copy).innerText;
  try {
    await navigator.clipboard.writeText(text);
    button.querySelector("span").textContent = button.dataset.copied;
  } catch {
    // Not allowed here (no https): it is marked, to be copied by hand.
    window.getSelection().selectAllChildren(document.querySelector(button.dataset.copy));
  }
});

// A screen reader hears when the stage changes and at each quarter, not every two seconds.
function heard(shown) {
  const bar = shown.querySelector("progress");
  return `${shown.querySelector("b")?.textContent} ${bar ? Math.floor((TOLD * bar.value) / bar.max) : ""}`;
}

async function look() {
  let shown = document.querySelector("[data-trial][data-again]");
  const says = document.querySelector("[data-told]");
  let last = shown ? heard(shown) : "";
  while (shown) {
    await new Promise((go) => { window.setTimeout(go, ASKS); });
    try {
      const answer = await fetch(shown.dataset.again);
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-trial][data-again]");
      if (!found) {
        window.location.hash = RESULT; // where a reader goes on when it is there
        window.location.reload();
        return;
      }
      if (heard(found) !== last) {
        last = heard(found);
        says.textContent = found.querySelector("p").textContent;
      }
      shown.replaceWith(found);
      shown = found;
    } catch {
      // The line dropped: ask again.
    }
  }
}
if (window.location.hash === `#${RESULT}`) document.getElementById(RESULT)?.focus();
look();
