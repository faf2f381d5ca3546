// What is typed is kept by the platform: every few seconds, on leaving a field, and again until it is answered. Sending is
// tried again with the same key, so that a line that drops neither loses nor doubles anything. What the platform has not
// answered for yet is laid aside, sealed (kept.js), and is there again after a closed tab. Without this file the form still
// sends.
"use strict";

const AFTER = 5000; // ms after the last key
const PAUSES = [500, 1000, 2000, 4000]; // ms between tries
const pause = (tries) => new Promise((go) => setTimeout(go, PAUSES[Math.min(tries, PAUSES.length - 1)]));
const LONGEST = 20000; // ms until an answer
const UNDER_WAY = "ledger.idempotency_twin_in_flight";
const newKey = () => crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");
const theForm = () => document.querySelector("form[data-draft]");

let changed = false; // since what was last sent
let saving = null; // the promise of what is under way
let sending = false;
let holding = false; // a place is being taken, which moves the version on too
let leaving = false; // by signing out: what lies aside goes with it
let timer = null;
let kept = null;
let known = ""; // the texts that the platform is known to have
let sent = ""; // those that were sent last, answered or not
let earlier = []; // those of the page before this one, whose saving may come yet
let sentTo = ""; // the institution in it
let calm = null; // what was said before the line dropped

function say(what, more = "", tone = "") {
  const line = document.getElementById("saved");
  if (!line) return;
  if (tone !== "is-waiting") calm = [what, more, tone];
  line.textContent = `${line.dataset[what] ?? ""} ${more}`.trim();
  line.className = `referral-saved ${tone}`;
}

function typedNow(form) {
  const body = new URLSearchParams(new FormData(form));
  body.delete("csrfmiddlewaretoken");
  body.delete("file");
  return body;
}

function layAside(form) {
  kept?.keep({ fields: fieldsOf(form), known, sent, earlier });
}

async function post(form, body, mode, to) {
  body.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  return fetch((to ?? form.action).replace(/#.*/, ""), {
    method: "POST",
    body,
    headers: { "X-Draft": mode },
    credentials: "same-origin",
    // A line that neither answers nor breaks counts as broken; a file takes its time.
    signal: body.has("file") ? undefined : AbortSignal.timeout(LONGEST),
  });
}

// Whoever signed in again in another window has another token; the page is asked for it, and keeps what was typed.
async function newToken(form) {
  const page = new DOMParser().parseFromString(await (await fetch(window.location.href)).text(), "text/html");
  const token = page.querySelector("form[data-draft] [name=csrfmiddlewaretoken]");
  if (token) form.querySelector("[name=csrfmiddlewaretoken]").value = token.value;
  return Boolean(token);
}

// Whether what was sent before, and not answered in time, is still being worked on: the answer comes to whoever asks again.
async function underWay(answer) {
  if (answer.status !== 409 || !(answer.headers.get("Content-Type") ?? "").startsWith("application/json")) return false;
  return (await answer.clone().json()).refusals?.some((each) => each.code === UNDER_WAY) ?? false;
}

// The same again and again until there is an answer; a server that is just restarting counts as a line that dropped.
async function insist(form, body, mode, waiting, to) {
  let renewed = false;
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await post(form, body, mode, to);
      if (await underWay(answer)) {
        say({ save: "saving", send: "sending", attach: "uploading" }[mode], "", "is-waiting");
        await pause(tries);
        continue;
      }
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
  sent = wordsOf(form);
  sentTo = body.getAll("to").at(-1);
  layAside(form);
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
    known = sent;
    earlier = [];
    if (!changed) kept?.drop();
    say("saved", told.at, "is-saved");
  } else if (answer.status === 412) {
    changed = true;
    if (await rebased(form)) return saveNow(form);
    say("changed", "", "is-waiting");
    changed = false;
  } else {
    say("", told.refusals.map((each) => `${each.sentence} ${each.way_on}`).join(" "), "is-waiting");
  }
}

// Somebody went on meanwhile: ourselves, where an answer was lost on its way or the page was loaded while it was saved.
async function rebased(form) {
  const page = await pageNow();
  const theirs = page.querySelector("form[data-draft]");
  const version = page.getElementById("version")?.value;
  if (!theirs || !version || version === document.getElementById("version").value) return false;
  if (![known, sent, ...earlier].includes(wordsOf(theirs))) return false;
  setVersion(version);
  return true;
}

// This page as the platform has it now. A line that drops says nothing about colleagues: asked for until it comes.
async function pageNow() {
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await fetch(window.location.href, { signal: AbortSignal.timeout(LONGEST) });
      if (answer.status < 500) return new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch { /* the line */ }
    say("offline", "", "is-waiting");
    await pause(tries);
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
  if (form.querySelector("[name=file]")?.files.length && !(await attach(form))) {
    sending = false;
    return;
  }
  layAside(form);
  say("sending");
  const answer = await insist(form, typedNow(form), "send", "again");
  if ((answer.headers.get("Content-Type") ?? "").startsWith("application/json") && answer.ok) {
    changed = false;
    kept?.drop();
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

// A file goes with everything typed so far; answers whether it was taken. What it is, the platform sees.
async function attach(form) {
  const field = form.querySelector("[name=file]");
  const tooLarge = Number(field.dataset.most ?? Infinity) < (field.files[0]?.size ?? 0);
  document.getElementById("file-too-large").hidden = !tooLarge;
  if (tooLarge) {
    field.focus();
    return false;
  }
  clearTimeout(timer);
  await saving;
  holding = true;
  const body = new FormData(form);
  body.set("once", newKey());
  changed = false;
  sent = wordsOf(form);
  say("uploading");
  const answer = await insist(form, body, "attach", "again", form.querySelector("[data-attach]").formAction);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  holding = false;
  const box = page.getElementById("package-box");
  if (!box) {
    changed = true;
    if (answer.redirected) say("signedOut", "", "is-waiting");
    else say("", page.querySelector("#main .refusals, #main h1")?.textContent.trim().replace(/\s+/g, " ") ?? "", "is-waiting");
    return false;
  }
  const version = page.getElementById("version")?.value;
  document.getElementById("package-box").replaceWith(document.adoptNode(box));
  if (!answer.ok) {
    changed = true;
    say("", document.getElementById("file-error")?.textContent.trim() ?? "", "is-waiting");
    document.getElementById("file")?.focus();
    return false;
  }
  setVersion(version);
  known = sent;
  if (!changed) kept?.drop();
  say("attached", "", "is-saved");
  document.querySelector(".referral-attach summary")?.focus();
  return true;
}

function touched(event) {
  const form = event.target.closest?.("form[data-draft]");
  if (!form || !event.target.name || ["file", "find", "q"].includes(event.target.name)) return;
  changed = true;
  layAside(form);
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
  if (/\/(sign-out|switch)$/.test(event.target.action)) leaving = true;
  if (!event.target.matches("form[data-draft]")) return;
  event.preventDefault();
  if (event.submitter?.matches("[data-attach]")) attach(event.target);
  else send(event.target);
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
  if ((changed || saving) && !sending && theForm() && (leaving || !kept?.store)) event.preventDefault();
  leaving = false;
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
  if (calm && !changed && !saving) say(...calm); // the line is there again
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
  pause(tries).then(() => {
    if (calm && !changed && !saving) say(...calm); // what was typed is kept, whatever else did not come
    if (asked.isConnected) window.htmx.trigger(asked, "retry");
  });
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "places") {
    countDown();
    follow(event.target.querySelector("[data-at]")?.dataset.at);
    if (sentTo && new FormData(theForm()).getAll("to").at(-1) !== sentTo) {
      changed = true;
      save();
    }
    if (event.detail.requestConfig?.verb === "post") {
      say("saved", "", "is-saved");
      document.querySelector(".referral-bar [type=submit]")?.focus({ preventScroll: true });
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
    if (event.detail.requestConfig?.verb === "get" && document.activeElement === document.body) chosen?.focus({ preventScroll: true });
  }
});

// The place that was taken may be of another institution than the one that stood chosen.
function follow(institution) {
  const radio = institution && document.getElementById(`to-${institution}`);
  if (radio && !radio.checked) {
    radio.checked = true;
    window.htmx.trigger(document.getElementById("department-box"), "retry");
  }
}

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

// What was laid aside comes back by itself where the platform has what it grew out of; else whoever writes decides.
async function begin() {
  const form = theForm(), bar = document.getElementById("bar");
  if (!form || !bar?.dataset.keptKey) return;
  kept = new Kept(bar);
  known = sent = wordsOf(form);
  const found = await kept.read();
  if (!found || changed) return;
  const words = wordsOf(form);
  if (JSON.stringify(found.fields) === JSON.stringify(fieldsOf(form))) kept.drop();
  else {
    earlier = [found.known, found.sent, ...(found.earlier ?? [])];
    if (earlier.includes(words)) take(form, found);
    else offer(form, found);
  }
}

function take(form, found) {
  changed = true;
  if (putBack(form, found.fields)) window.htmx.trigger(document.getElementById("destinations"), "retry");
  say("restored", "", "is-saved");
  save();
}

function offer(form, found) {
  const line = document.getElementById("kept");
  line.querySelector("[data-kept-at]").textContent = new Date(found.at).toLocaleString();
  line.hidden = false;
  line.querySelector("[data-kept-take]").onclick = () => {
    line.hidden = true;
    take(form, found);
  };
  line.querySelector("[data-kept-drop]").onclick = () => {
    line.hidden = true;
    kept.drop();
  };
}

if (document.readyState === "complete") begin();
else document.addEventListener("DOMContentLoaded", begin);
countDown();
