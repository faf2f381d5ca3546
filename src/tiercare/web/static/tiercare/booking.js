// A hold counts down, and the first free time is ready for Enter. Everything works without this file.
"use strict";

const countdown = document.querySelector("[data-seconds]");
if (countdown) {
  // By how long the platform says it lasts: the clock of this computer may be wrong.
  const ends = performance.now() + Number(countdown.dataset.seconds) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
    countdown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left > 0) setTimeout(tick, 1000);
    else setTimeout(() => window.location.replace(window.location.pathname + window.location.search), 1500);
  };
  if (Number(countdown.dataset.seconds) > 0) tick();
}

// Whoever types and presses Enter at once has asked already: what the pause after typing would ask again is left out,
// so that the first place keeps the focus.
let asked = null;
document.addEventListener("htmx:confirm", (event) => {
  if (event.target.id !== "find") return;
  const typed = document.getElementById("q").value;
  if (event.detail.triggeringEvent?.type === "input" && typed === asked) event.preventDefault();
  asked = typed;
});

const first = () => document.querySelector("#slots [data-first]")?.focus();
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "slots") {
    for (const hit of document.querySelectorAll(".booking-hit")) hit.removeAttribute("aria-current");
    event.detail.requestConfig?.elt?.closest(".booking-hit")?.setAttribute("aria-current", "true");
    first();
    if (window.matchMedia("(max-width: 1099.98px)").matches) document.getElementById("slots")?.scrollIntoView({ block: "start" });
  }
  // The appointment desk: Enter checks in whoever was scanned; otherwise the box is ready for the next one.
  if (event.target.id === "found") {
    const box = document.querySelector(".scan-form [data-scan]");
    if (!document.querySelector("#found[data-keep-typed]")) box.value = "";
    (document.querySelector("#found [autofocus]") ?? box).focus();
  }
});
if (!document.querySelector("[autofocus], #refusals")) first();
