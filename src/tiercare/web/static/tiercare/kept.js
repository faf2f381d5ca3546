// What is not saved yet, laid aside in this browser: a closed tab, a reload, a dead battery lose nothing. It is sealed with a
// key that only the page of this draft brings, for this account; no name stands in where it lies. It goes once the platform
// has it, with the sending, and with signing out (tiercare.js). Where nothing can be sealed (a page that came
// over plain http from another machine) nothing is laid aside: the page asks before it is left.
"use strict";

const KEPT = "tiercare.draft."; // tiercare.js clears what begins so
const KEPT_FOR = 7 * 24 * 3600 * 1000; // ms
// What is no word of whoever writes: keys of this showing, and lists that are made anew.
const NOT_KEPT = new Set([
  "csrfmiddlewaretoken", "once", "version", "find", "q", "offered", "proposed", "packing", "observing", "needing", "file", "without_place",
]);
const WORDS = "textarea[name], select[name], input[name]:not([type=hidden], [type=radio], [type=checkbox], [type=file])";

const inBytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const inText = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));

// The texts of a form, to tell whether the platform has the same: choices that lists propose are none.
function wordsOf(form) {
  const fields = [...form.querySelectorAll(WORDS)].filter((each) => !NOT_KEPT.has(each.name));
  return JSON.stringify(fields.map((each) => [each.name, each.value.trim()]).filter(([, value]) => value).sort());
}

function fieldsOf(form) {
  return [...new FormData(form)].filter(([name, value]) => !NOT_KEPT.has(name) && typeof value === "string");
}

class Kept {
  constructor(bar) {
    this.name = KEPT + bar.dataset.kept;
    this.written = 0;
    this.store = null;
    if (!window.crypto?.subtle) return;
    try {
      this.store = window.localStorage;
      for (const each of Object.keys(this.store)) if (each.startsWith(KEPT)) this.tooOld(each);
    } catch {
      this.store = null; // a browser that allows none
    }
    this.key = window.crypto.subtle.importKey("raw", inBytes(bar.dataset.keptKey), "AES-GCM", false, ["encrypt", "decrypt"]);
  }

  tooOld(name) {
    const at = Number(JSON.parse(this.store.getItem(name) ?? "{}").at ?? 0);
    if (Date.now() - at > KEPT_FOR) this.store.removeItem(name);
  }

  // ``told``: fields, and the texts that the platform had, or was sent, when they were written.
  async keep(told) {
    if (!this.store) return;
    const turn = ++this.written;
    const iv = window.crypto.getRandomValues(new Uint8Array(12));
    const bytes = new TextEncoder().encode(JSON.stringify(told));
    const text = await window.crypto.subtle.encrypt({ name: "AES-GCM", iv }, await this.key, bytes);
    const entry = { at: Date.now(), iv: inText(iv), text: inText(text) };
    if (turn !== this.written) return; // written anew, or dropped, meanwhile
    try {
      this.store.setItem(this.name, JSON.stringify(entry));
    } catch {
      this.store = null; // full
    }
  }

  drop() {
    this.written += 1;
    this.store?.removeItem(this.name);
  }

  async read() {
    const entry = JSON.parse(this.store?.getItem(this.name) ?? "null");
    if (!entry) return null;
    try {
      const how = { name: "AES-GCM", iv: inBytes(entry.iv) };
      const bytes = await window.crypto.subtle.decrypt(how, await this.key, inBytes(entry.text));
      return { at: entry.at, ...JSON.parse(new TextDecoder().decode(bytes)) };
    } catch {
      return null; // another account's: it stays sealed for them
    }
  }
}

// Put the fields back; answers whether the list of institutions has to be asked for anew.
function putBack(form, fields) {
  const wanted = new Map();
  for (const [name, value] of fields) wanted.set(name, [...(wanted.get(name) ?? []), value]);
  let anew = false;
  for (const name of new Set([...form.elements].map((each) => each.name))) {
    if (!name || NOT_KEPT.has(name)) continue;
    const values = wanted.get(name) ?? [];
    const of = () => [...form.elements].filter((each) => each.name === name);
    if (of()[0].type === "radio" || of()[0].type === "checkbox") {
      for (const each of of().filter((one) => one.type === "radio" || one.type === "checkbox")) {
        const on = values.includes(each.value);
        if (each.checked !== on) anew ||= ["to", "urgency", "function"].includes(name);
        each.checked = on;
      }
      continue;
    }
    const more = () => [...form.querySelectorAll("[data-more]")].find((each) => of()[0].closest(each.dataset.more));
    while (of().length < values.length && more()) more().click();
    of().forEach((each, place) => {
      if (values[place] === undefined || each.value === values[place]) return;
      if (each.type === "hidden") anew ||= ["specialty", "wish"].includes(name);
      each.value = values[place];
    });
  }
  const to = wanted.get("to")?.at(-1);
  const list = form.querySelector("#destinations");
  if (to && list && !form.querySelector(`[name="to"][value="${CSS.escape(to)}"]`)) {
    list.append(Object.assign(document.createElement("input"), { type: "hidden", name: "to", value: to }));
    anew = true;
  }
  return anew;
}
