// Trials: sliders beside their numbers, and a run that is looked at until it is over. The pages work without this file.
"use strict";

document.documentElement.classList.add("scripted");
const ASKS = 2000; // milliseconds between two questions how far it has come

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

async function look() {
  let shown = document.querySelector("[data-trial][data-again]");
  while (shown) {
    await new Promise((go) => { window.setTimeout(go, ASKS); });
    try {
      const answer = await fetch(shown.dataset.again);
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-trial][data-again]");
      if (!found) return window.location.reload();
      shown.replaceWith(found);
      shown = found;
    } catch {
      // The line dropped: ask again.
    }
  }
}
look();
