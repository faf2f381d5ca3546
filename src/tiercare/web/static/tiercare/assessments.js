// What the weights of a scheme come to while they are typed. Without this file the server says it when saving.
"use strict";

const scheme = document.querySelector("[data-weights]");
if (scheme) {
  const sum = scheme.querySelector("[data-weights-sum]");
  const add = () => {
    const typed = [...scheme.querySelectorAll("[data-weight]")].map((input) => Number(input.value) || 0);
    const all = Math.round(typed.reduce((total, each) => total + each, 0) * 100) / 100;
    sum.textContent = String(all);
    sum.classList.toggle("is-whole", all === 100);
  };
  scheme.addEventListener("input", add);
  add();
}
