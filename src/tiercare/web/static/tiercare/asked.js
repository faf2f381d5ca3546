// Questions that hang on the answers before them are hidden until they are asked. Without this file all are shown, and the server
// leaves out what was not asked.
"use strict";

const asked = document.getElementById("answers");
if (asked) {
  const conditional = [...asked.querySelectorAll("[data-only-if]")];
  const said = (name) =>
    [...asked.querySelectorAll(`[name="${name}"]`)]
      .filter((input) => !input.closest("[hidden]") && (!["radio", "checkbox"].includes(input.type) || input.checked))
      .map((input) => input.value);
  const show = () => {
    for (const item of conditional) {
      const conditions = item.dataset.onlyIf.split(";").map((each) => each.split("="));
      item.hidden = !conditions.every(([name, values]) => said(name).some((value) => values.split("|").includes(value)));
    }
  };
  asked.addEventListener("change", show);
  show();
}
