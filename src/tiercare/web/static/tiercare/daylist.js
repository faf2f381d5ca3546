// The queue by keyboard: N calls the next patient, arrows go from one to the other. Everything works without this file.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea")) return;
  if (event.key === "n" || event.key === "N") {
    const next = document.querySelector("[data-next]:not([disabled])");
    if (next && !event.repeat) next.form.requestSubmit();
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const acts = [...document.querySelectorAll("[data-act]")].filter(
    (each, place, all) => all[place - 1]?.closest("tr") !== each.closest("tr"),
  );
  const rows = acts.length ? acts : [...document.querySelectorAll(".day-rows a")];
  if (!rows.length) return;
  event.preventDefault();
  const row = event.target.closest("tr");
  const at = rows.findIndex((each) => each.closest("tr") === row);
  const step = event.key === "ArrowDown" ? 1 : -1;
  rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)].focus();
});
