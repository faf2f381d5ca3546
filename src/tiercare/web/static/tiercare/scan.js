// Readers of cards type like a very fast person and press Enter. Boxes marked with data-scan take what they type.
"use strict";

// A token, also while Caps Lock is on, or a card number in groups or not. The server decides; this only sorts.
const CARD = /^\s*(TC1\.|tc1\.|80(?:[\s-]?\d){14}\s*$)/;
const BEGUN = /^\s*(TC1\.|tc1\.)/;

function isCard(field) {
  return CARD.test(field.value);
}

// A box of another form: a card goes to where cards are read, everything else stays with the form. Once: some
// readers end with two line breaks, and a code is taken by the first.
let sent = false;
window.addEventListener("pageshow", () => {
  sent = false;
});
document.addEventListener(
  "submit",
  (event) => {
    const field = event.target.querySelector("[data-scan-to]");
    if (!field || !isCard(field)) return;
    const csrf = event.target.querySelector("[name=csrfmiddlewaretoken]");
    if (!csrf) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (sent) return;
    sent = true;
    const form = document.createElement("form");
    form.method = "post";
    form.action = field.dataset.scanTo;
    for (const [name, value] of [["text", field.value], ["csrfmiddlewaretoken", csrf.value]]) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = value;
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  },
  true,
);

// A list that searches while one types must not search for half a code, and not take it before Enter does.
for (const kind of ["input", "keyup", "change"]) {
  document.addEventListener(
    kind,
    (event) => {
      if (event.target.matches?.("[data-scan]") && BEGUN.test(event.target.value)) event.stopImmediatePropagation();
    },
    true,
  );
}

// What a reader types while the focus is on nothing that takes text is meant for the box.
const TAKES_TEXT = "input:not([type=radio], [type=checkbox], [type=button], [type=submit]), textarea, select";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1 || event.key === " ") return;
  if (!document.activeElement?.matches(TAKES_TEXT)) document.querySelector("[data-scan]")?.focus();
});

// After an answer the box is ready for the next card; a number that was refused stays to be mended.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "result") return;
  const second = document.getElementById("second");
  const field = document.querySelector(".scan-form [data-scan]");
  if (!field) return;
  if (!document.querySelector("#result[data-keep-typed]")) field.value = "";
  (second ?? field).focus();
  if (!second) field.select();
});
