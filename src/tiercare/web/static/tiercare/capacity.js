// What of a pool's places is left open, while the shares are typed. Without this file the server says it when saving.
"use strict";

const shares = document.querySelector("[data-shares]");
if (shares) {
  const rest = shares.querySelector("[data-shares-rest]");
  const add = () => {
    const typed = [...shares.querySelectorAll("input")].map((input) => Number(input.value.replace("%", "")) || 0);
    const left = 100 - typed.reduce((sum, each) => sum + each, 0);
    rest.textContent = `${Math.round(left * 10) / 10} %`;
    rest.classList.toggle("is-below", left < 0);
  };
  shares.addEventListener("input", add);
  add();
}
