// A plan on the screen: townships moved, undone, weighed by the platform at every move, proposed anew.
// Without this file the forms do the same, one page at a time.
"use strict";

document.documentElement.classList.add("scripted");

const form = document.getElementById("plan");
const data = JSON.parse(document.getElementById("planning-data").textContent);
const place = document.getElementById("place");
const to = document.getElementById("to");
const facts = document.querySelector("[data-facts]");
const status = document.querySelector("[data-status]");
const leads = new Map(data.leads.map((lead) => [lead.key, lead]));
const LAID = "moved=";
const ASKS = 700; // ms between two looks at a search

let held = { ...data.held };
const done = [];
let undone = [];
let broken = [];
let asking = null;

const first = { ...data.held };
const after = document.getElementById("map-after");
const before = after && copied(after);
const map = after && new PlanMap(after, data, { move: { held: (key) => held[key], to: move }, choose });
const beside = before && new PlanMap(before, data);
if (map) {
  map.twin = beside;
  beside.twin = map;
  beside.paint(data.today);
}

// Today's map is the same picture: drawn once by the page, copied here.
function copied(svg) {
  const made = svg.cloneNode(true);
  made.id = "map-before";
  made.setAttribute("aria-label", data.words.today_map);
  for (const cell of made.querySelectorAll(".cell")) for (const name of ["role", "tabindex", "aria-label"]) cell.removeAttribute(name);
  const frame = document.querySelector("[data-before]");
  frame.append(made);
  frame.hidden = false;
  return made;
}

const say = (text) => { status.textContent = text; };
const filled = (text, fields) => text.replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole);
const changed = () => Object.keys(held).filter((key) => held[key] !== data.today[key]);

function mark(lead) {
  const made = document.createElement("span");
  made.className = `plan-mark h${lead.hue} p${lead.hatch}`;
  made.textContent = lead.no;
  return made;
}

// What the chosen township is, and how far each grid's lead lies from it.
function tell() {
  const key = place.value;
  const known = data.places[key];
  facts.hidden = !known;
  map?.ring("chosen", known ? [key] : []);
  beside?.ring("chosen", known ? [key] : []);
  map?.focusable(known ? key : Object.keys(data.places)[0]);
  if (!known) return;
  const line = (name, lead) => {
    const at = data.leads.indexOf(lead);
    const minutes = known.minutes[at];
    const words = minutes === null ? data.words.not_allowed : filled(data.words.minutes, { n: minutes });
    facts.querySelector(`[data-fact=${name}]`).replaceChildren(mark(lead), ` ${lead.name} · ${words}`);
  };
  facts.querySelector("[data-fact=people]").textContent = known.people;
  line("today", leads.get(data.today[key]));
  line("now", leads.get(held[key]));
  facts.querySelector("[data-fact=beside]").textContent = known.beside.map((each) => data.places[each]?.name).filter(Boolean).join("、");
  for (const option of to.options) {
    const lead = leads.get(option.value);
    if (!lead) continue;
    const minutes = known.minutes[data.leads.indexOf(lead)];
    const words = minutes === null ? data.words.not_allowed : filled(data.words.minutes, { n: minutes });
    option.textContent = `${lead.no} ${lead.name} · ${words}`;
  }
  to.value = held[key];
}

function choose(key) {
  place.value = key;
  tell();
}

function draw() {
  map?.paint(held);
  const moved = changed();
  map?.ring("broken", broken);
  map?.ring("changed", moved);
  beside?.ring("changed", moved);
  form.elements.lead_of.value = JSON.stringify(held);
  document.querySelector("[data-act=undo]")?.toggleAttribute("disabled", !done.length);
  document.querySelector("[data-act=redo]")?.toggleAttribute("disabled", !undone.length);
  tell();
}

function take(next, words = "") {
  held = next;
  draw();
  lay();
  weigh(words);
}

function move(key, lead) {
  if (!lead || held[key] === lead) return tell();
  const [from, into] = [leads.get(held[key]), leads.get(lead)];
  done.push(held);
  undone = [];
  const words = data.places[key].seat && data.places[key].seat !== lead
    ? filled(data.words.seat, { lead: leads.get(data.places[key].seat).name })
    : filled(data.words.moved, { place: data.places[key].name, before: from.no, after: into.no });
  take({ ...held, [key]: lead }, words);
}

function whole(next) {
  if (JSON.stringify(next) === JSON.stringify(held)) return;
  done.push(held);
  undone = [];
  take({ ...next });
}

const ACTS = {
  undo: () => { if (done.length) { undone.push(held); take(done.pop()); } },
  redo: () => { if (undone.length) { done.push(held); take(undone.pop()); } },
  today: () => whole(data.today),
  start: () => whole(first),
  in: () => map.zoom(1.5),
  out: () => map.zoom(1 / 1.5),
  all: () => map.show(map.full),
  pair: () => view(true),
  single: () => view(false),
};

function view(pair) {
  document.querySelector("[data-maps]").classList.toggle("is-pair", pair);
  for (const [name, on] of [["pair", pair], ["single", !pair]]) {
    const button = document.querySelector(`[data-act=${name}]`);
    button.classList.toggle("is-on", on);
    button.setAttribute("aria-pressed", String(on));
  }
  fit();
}

function fit() {
  map?.show(map.view);
  beside?.show(map.view, false);
}
window.addEventListener("resize", fit);

// What the plan costs and breaks: the platform says it, in words, after every move.
async function weigh(words = "") {
  asking?.abort();
  const mine = asking = new AbortController();
  say(words || data.words.weighing);
  document.getElementById("score").classList.add("is-waiting");
  try {
    const answer = await fetch(form.dataset.weigh, { method: "POST", body: new FormData(form), signal: mine.signal });
    const parts = document.createElement("template");
    parts.innerHTML = await answer.text();
    if (answer.redirected) return window.location.reload(); // signed out meanwhile
    if (!answer.ok) {
      say(parts.content.textContent.trim().replace(/\s+/g, " "));
      document.getElementById("score").classList.remove("is-waiting");
      return;
    }
    for (const id of ["score", "grids", "moves"]) document.getElementById(id).replaceWith(parts.content.getElementById(id));
    mend();
    say(words);
  } catch (problem) {
    if (problem.name === "AbortError") return;
    document.getElementById("score").classList.remove("is-waiting");
    say(data.words.lost);
  }
}

function mend() {
  broken = [...document.querySelectorAll("#score [data-broken]")].flatMap((line) => line.dataset.broken.split(" ")).filter(Boolean);
  map?.ring("broken", broken);
  map?.ring("changed", changed());
  tell();
}

// What was moved stands in the address: a reload loses nothing, and a link shows the same to everybody who may see the map.
function lay() {
  const moved = Object.keys(held).filter((key) => held[key] !== first[key]).map((key) => `${key}.${leads.get(held[key]).no}`);
  const plain = window.location.pathname + window.location.search;
  window.history.replaceState(null, "", moved.length ? `${plain}#${LAID}${moved.join("-")}` : plain);
}

function restore() {
  if (!window.location.hash.startsWith(`#${LAID}`)) return;
  const next = { ...held };
  for (const each of window.location.hash.slice(LAID.length + 1).split("-")) {
    const [key, no] = each.split(".");
    const lead = data.leads.find((known) => String(known.no) === no);
    if (lead && key in next) next[key] = lead.key;
  }
  if (JSON.stringify(next) === JSON.stringify(held)) return;
  done.push(held);
  take(next, data.words.restored);
}

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]");
  if (act) ACTS[act.dataset.act]();
  const line = event.target.closest("#score [data-broken], #score [data-far]");
  const keys = line && (line.dataset.broken ?? line.dataset.far).split(" ").filter(Boolean);
  if (keys?.length) choose(keys[0]);
});
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.target.matches("input:not([type=range]), textarea")) return;
  const name = { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()];
  if (!name) return;
  event.preventDefault();
  ACTS[name]();
});
place.addEventListener("change", tell);
to.addEventListener("change", () => { if (place.value) move(place.value, to.value); });
document.addEventListener("input", (event) => {
  const slider = event.target.closest(".plan-slider input");
  if (slider) slider.parentElement.querySelector("output").textContent = filled(slider.parentElement.querySelector("output").dataset.says, { n: slider.value });
});
document.addEventListener("change", (event) => { if (event.target.closest(".plan-slider")) weigh(); });

// A search runs on the platform; the page looks at it until it is over and opens what it found.
document.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (event.target !== form || !button?.matches("[data-propose]")) return;
  event.preventDefault();
  const shown = document.querySelector("[data-progress]");
  button.disabled = true;
  shown.hidden = false;
  shown.textContent = data.words.searching;
  try {
    let answer = await fetch(button.formAction, { method: "POST", body: new FormData(form) });
    for (;;) {
      const parts = document.createElement("template");
      parts.innerHTML = await answer.text();
      const found = parts.content.querySelector("[data-search]");
      if (!found) {
        shown.textContent = parts.content.querySelector(".refusals")?.textContent.trim().replace(/\s+/g, " ") || data.words.lost;
        break;
      }
      shown.replaceChildren(found);
      if (found.dataset.open) return window.location.assign(found.dataset.open);
      if (!found.dataset.again) break;
      await new Promise((go) => { window.setTimeout(go, ASKS); });
      answer = await fetch(found.dataset.again);
    }
  } catch {
    shown.textContent = data.words.lost;
  }
  button.disabled = false;
});

// Only the fields that a what-if of the chosen kind needs.
const act = document.getElementById("if-act");
function fitting() {
  for (const field of document.querySelectorAll("[data-if]")) field.hidden = !field.dataset.if.split(" ").includes(act.value);
}
act?.addEventListener("change", fitting);
if (act) fitting();

draw();
mend();
fit();
restore();
