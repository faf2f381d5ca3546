// The code of a scanned slip stands behind the # of the address, where no server sees it: into the form, out of the bar.
"use strict";

const code = decodeURIComponent(window.location.hash.slice(1));
const input = document.querySelector("[data-invitation] input[name=token]");
if (code && input) {
  if (!input.value) input.value = code;
  window.history.replaceState(null, "", window.location.pathname);
  document.querySelector("[data-invitation] input[name=password]")?.focus();
}
