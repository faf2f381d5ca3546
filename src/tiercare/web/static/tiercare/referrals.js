// What is typed is kept by the platform: every few seconds, on leaving a field, and again until it is answered. Sending is
// tried again with the same key, so that a line that drops neither loses nor doubles anything. Nothing of a patient is
// stored in the browser: what is not saved yet stands in the page, and leaving it asks first. Without this file the form
// still sends.
"use strict";

const AFTER = 5000; // ms after the last key
const PAUSES = [500, 1000, 2000, 4000]; // ms between tries
const pause = (tries) => new Promise((go) => setTimeout(go, PAUSES[Math.min(tries, PAUSES.length - 1)]));
const newKey = () => crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");
const theForm = () => document.querySelector("form[data-draft]");

let changed = false; // since what was last sent
let saving = null; // the promise of what is under way
let sending = false;
let holding = false; // a place is being taken, which moves the version on too
let timer = null;

function say(what, more = "", tone = "") {
  const line = document.getElementById("saved");
  if (!line) return;
  line.textContent = `${line.dataset[what] ?? ""} ${more}`.trim();
  line.className = `referral-saved ${tone}`;
}

function typedNow(form) {
  const body = new URLSearchParams(new FormData(form));
  body.delete("csrfmiddlewaretoken");
  return body;
}

async function post(form, body, mode) {
  const sent = new URLSearchParams(body);
  sent.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  return fetch(form.action.replace(/#.*/, ""), {
    method: "POST",
    body: sent,
    headers: { "X-Draft": mode },
    credentials: "same-origin",
  });
}

// Whoever signed in again in another window has another token; the page is asked for it, and keeps what was typed.
async function newToken(form) {
  const page = new DOMParser().parseFromString(await (await fetch(window.location.href)).text(), "text/html");
  const token = page.querySelector("form[data-draft] [name=csrfmiddlewaretoken]");
  if (token) form.querySelector("[name=csrfmiddlewaretoken]").value = token.value;
  return Boolean(token);
}

// The same again and again until there is an answer; a server that is just restarting counts as a line that dropped.
async function insist(form, body, mode, waiting) {
  let renewed = false;
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await post(form, body, mode);
      const strange = answer.status === 403 && !(answer.headers.get("Content-Type") ?? "").startsWith("application/json");
      if (answer.status < 500 && !(strange && !renewed && (await newToken(form)))) return answer;
      renewed = strange;
      if (strange) continue;
    } catch { /* the line */ }
    say(waiting, "", "is-waiting");
    await pause(tries);
  }
}

function save() {
  clearTimeout(timer);
  if (saving) return saving;
  const form = theForm();
  if (!form || !changed || sending || holding) return Promise.resolve();
  saving = saveNow(form).finally(() => {
    saving = null;
    if (changed && !sending && theForm()) timer = setTimeout(save, AFTER);
  });
  return saving;
}

async function saveNow(form) {
  const body = typedNow(form);
  body.set("once", newKey());
  changed = false;
  say("saving");
  const answer = await insist(form, body, "save", "offline");
  if (answer.redirected || !(answer.headers.get("Content-Type") ?? "").startsWith("application/json")) {
    changed = true;
    say("signedOut", "", "is-waiting");
    return;
  }
  const told = await answer.json();
  if (answer.ok) {
    setVersion(told.version);
    say("saved", told.at, "is-saved");
  } else if (answer.status === 412) {
    say("changed", "", "is-waiting");
  } else {
    say("", told.refusals.map((each) => `${each.sentence} ${each.way_on}`).join(" "), "is-waiting");
  }
}

function setVersion(version) {
  const field = document.getElementById("version");
  if (field) field.value = String(version);
}

async function send(form) {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  await saving;
  while (holding) await pause(0);
  say("sending");
  const answer = await insist(form, typedNow(form), "send", "again");
  if ((answer.headers.get("Content-Type") ?? "").startsWith("application/json") && answer.ok) {
    changed = false;
    window.location.assign((await answer.json()).location);
    return;
  }
  if (answer.redirected) {
    sending = false;
    say("signedOut", "", "is-waiting");
    return;
  }
  // Refused: the page again, with the reasons first and everything as it was typed.
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("main").replaceWith(document.adoptNode(page.getElementById("main")));
  window.htmx.process(document.getElementById("main"));
  sending = false;
  changed = Boolean(theForm());
  countDown();
  document.getElementById("refusals")?.focus();
  save();
}

function touched(event) {
  const form = event.target.closest?.("form[data-draft]");
  if (!form || !event.target.name) return;
  changed = true;
  clearTimeout(timer);
  if (event.type === "change") save();
  else {
    say("unsaved");
    timer = setTimeout(save, AFTER);
  }
}
document.addEventListener("input", touched);
document.addEventListener("change", touched);
document.addEventListener("focusout", (event) => {
  if (event.target.closest?.("form[data-draft]") && changed) save();
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-draft]")) return;
  event.preventDefault();
  send(event.target);
});
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-draft]");
  if (form && event.key === "Enter" && event.ctrlKey) {
    event.preventDefault();
    send(form);
  }
});
document.addEventListener("click", (event) => {
  const more = event.target.closest("[data-more]");
  if (!more) return;
  const rows = more.parentElement.querySelectorAll(more.dataset.more);
  const row = rows[rows.length - 1].cloneNode(true);
  for (const field of row.querySelectorAll("input")) field.value = "";
  rows[rows.length - 1].after(row);
  row.querySelector("input").focus();
});
window.addEventListener("beforeunload", (event) => {
  if (changed && !sending && theForm()) event.preventDefault();
});

// A place is held after what was typed is saved: both move the version on.
document.addEventListener("htmx:confirm", (event) => {
  if (!event.target.closest?.("[data-after-save]")) return;
  event.preventDefault();
  save().then(() => {
    holding = true;
    event.detail.issueRequest(true);
  });
});
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (!/\/hold\b/.test(event.detail.requestConfig?.path ?? "")) return;
  holding = false;
  if (changed) timer = setTimeout(save, AFTER);
});
// What was asked for and did not come is asked for again.
const tried = new WeakMap();
document.addEventListener("htmx:sendError", (event) => {
  const asked = event.detail.elt;
  const tries = tried.get(asked) ?? 0;
  tried.set(asked, tries + 1);
  say("offline", "", "is-waiting");
  pause(tries).then(() => asked.isConnected && window.htmx.trigger(asked, "retry"));
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "places") {
    countDown();
    if (event.detail.requestConfig?.verb === "post") {
      say("saved", "", "is-saved");
      document.querySelector(".referral-bar button")?.focus({ preventScroll: true });
    }
  }
  // Another list of institutions: the places are those of the one that stands first now.
  if (event.target.id === "destinations") {
    const chosen = event.target.querySelector("[name=to]:checked");
    if (chosen) {
      window.htmx.trigger(chosen, "retry");
      changed = true;
      save();
    }
  }
});

let counting = null;
function countDown() {
  clearTimeout(counting);
  const shown = document.querySelector("[data-countdown]");
  if (!shown) return;
  // By how long the platform says it lasts: the clock of this computer may be wrong.
  const ends = performance.now() + Number(shown.dataset.countdown) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
    shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left > 0) counting = setTimeout(tick, 1000);
    else counting = setTimeout(() => window.htmx.trigger(document.getElementById("lapsed"), "lapsed"), 1500);
  };
  tick();
}

countDown();
