// The map of grids: colours, borders between grids, names that have room, larger and smaller, and the hand that moves a township.
// It knows nothing of costs: planning.js is told of every move and asks the platform.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const DRAGS = 6; // px: less than that is a click
const STEP = 1.5; // of the zoom buttons
const LARGEST = 12;
const NARROW = 480; // px: a map beside another, or on a phone

class PlanMap {
  constructor(svg, data, { move, choose } = {}) {
    this.svg = svg;
    this.data = data;
    this.full = svg.dataset.full.split(" ").map(Number);
    this.view = [...this.full];
    this.cells = new Map([...svg.querySelectorAll(".cell")].map((cell) => [cell.dataset.key, cell]));
    this.edges = [...svg.querySelectorAll(".edge")];
    this.rings = svg.querySelector(".rings");
    this.numbers = new Map(data.leads.map((lead) => [lead.key, lead]));
    this.seats = new Set(data.leads.map((lead) => lead.seat));
    this.names = [...svg.querySelectorAll(".names text")];
    for (const name of this.names) name.classList.toggle("is-seat", this.seats.has(name.dataset.key));
    this.twin = null; // the map beside this one shows the same part
    this.moves = move;
    this.chooses = choose;
    if (move) this.listen();
  }

  paint(held) {
    for (const [key, cell] of this.cells) {
      const lead = this.numbers.get(held[key]);
      cell.setAttribute("class", `cell h${lead.hue} p${lead.hatch}`);
      if (this.moves) {
        const place = this.data.places[key];
        const says = this.data.words.cell.replace("{place}", place.name).replace("{people}", place.people);
        cell.setAttribute("aria-label", says.replace("{no}", lead.no).replace("{lead}", lead.name));
      }
    }
    for (const name of this.names) {
      const no = name.querySelector(".no");
      if (no) no.textContent = this.numbers.get(held[name.dataset.key]).no;
    }
    for (const edge of this.edges) edge.classList.toggle("is-border", held[edge.dataset.one] !== held[edge.dataset.other]);
  }

  ring(kind, keys) {
    this.rings.querySelectorAll(`.is-${kind}`).forEach((ring) => ring.remove());
    for (const key of keys) {
      const ring = document.createElementNS(SVG, "use");
      ring.setAttribute("href", `#c-${key}`);
      ring.setAttribute("class", `ring is-${kind}`);
      this.rings.append(ring);
    }
  }

  // Only one township is in the order of the tab key: the chosen one.
  focusable(key) {
    for (const [each, cell] of this.cells) cell.setAttribute("tabindex", each === key ? "0" : "-1");
  }

  zoom(by, at) {
    const [x, y, width, height] = this.view;
    const wide = Math.min(this.full[2], Math.max(this.full[2] / LARGEST, width / by));
    const high = (wide / this.full[2]) * this.full[3];
    const [cx, cy] = at ?? [x + width / 2, y + height / 2];
    this.show([cx - ((cx - x) / width) * wide, cy - ((cy - y) / height) * high, wide, high]);
  }

  show([x, y, width, height], told = true) {
    const left = Math.min(Math.max(x, 0), this.full[2] - width);
    const top = Math.min(Math.max(y, 0), this.full[3] - height);
    this.view = [left, top, width, height];
    this.svg.setAttribute("viewBox", this.view.map((each) => each.toFixed(2)).join(" "));
    // Letters keep their size on the screen, however large the picture is drawn.
    const shown = this.svg.clientWidth || this.full[2];
    const k = width / shown;
    this.svg.classList.toggle("is-zoomed", width < this.full[2] * 0.99);
    this.svg.style.setProperty("--k", k.toFixed(3));
    this.seat = k * (shown < NARROW ? 0.72 : 1);
    for (const seat of this.svg.querySelectorAll(".seat")) {
      seat.setAttribute("transform", `translate(${seat.dataset.x} ${seat.dataset.y}) scale(${this.seat.toFixed(3)})`);
    }
    this.letter(k);
    if (told) this.twin?.show(this.view, false);
  }

  // Names that have room at this size: seats first, then as the page orders them, by people.
  letter(k) {
    const disc = 10 * this.seat;
    const taken = [...this.svg.querySelectorAll(".seat")].map((seat) => [seat.dataset.x - disc, seat.dataset.y - disc, 2 * disc, 2 * disc]);
    for (const name of this.names) {
      name.dataset.y0 ??= name.getAttribute("y");
      const seat = this.seats.has(name.dataset.key);
      const x = Number(name.getAttribute("x"));
      const y = seat ? Number(name.dataset.y0) - 18 + disc + 11 * k : Number(name.dataset.y0);
      name.setAttribute("y", y.toFixed(1));
      const wide = ([...name.firstChild.textContent].length + (seat ? 0 : 1)) * 11 * k;
      const box = [x - wide / 2, y - 11 * k, wide, 13 * k];
      const out = taken.some((each) => box[0] < each[0] + each[2] && each[0] < box[0] + box[2] && box[1] < each[1] + each[3] && each[1] < box[1] + box[3]);
      name.classList.toggle("is-out", out);
      if (!out) taken.push(box);
    }
  }

  // Where a point of the screen lies in the picture.
  at(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    return [point.x, point.y];
  }

  under(event) {
    return document.elementFromPoint(event.clientX, event.clientY)?.closest(".cell")?.dataset.key;
  }

  listen() {
    this.hand = null;
    this.svg.addEventListener("pointerdown", (event) => this.take(event));
    this.svg.addEventListener("pointermove", (event) => this.carry(event));
    this.svg.addEventListener("pointerup", (event) => this.put(event));
    this.svg.addEventListener("pointercancel", () => this.let());
    this.svg.addEventListener("keydown", (event) => this.walk(event));
    this.svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return; // the page scrolls; with Ctrl the map grows
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? STEP : 1 / STEP, this.at(event));
    }, { passive: false });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.hand) this.let();
    });
  }

  take(event) {
    if (event.button !== 0 || this.hand) return;
    const key = event.target.closest(".cell")?.dataset.key;
    // A finger moves the picture where it is larger than its frame; what is moved by finger is chosen from the list.
    const pans = event.pointerType === "touch" || !key;
    this.hand = { key, pans, id: event.pointerId, x: event.clientX, y: event.clientY, view: [...this.view], moved: false };
    if (event.pointerType !== "touch") event.preventDefault();
  }

  carry(event) {
    const hand = this.hand;
    if (!hand || hand.id !== event.pointerId) return;
    const [dx, dy] = [event.clientX - hand.x, event.clientY - hand.y];
    if (!hand.moved && Math.hypot(dx, dy) < DRAGS) return;
    if (!hand.moved) {
      hand.moved = true;
      this.svg.setPointerCapture(event.pointerId);
      if (!hand.pans) this.lift(hand);
    }
    const unit = this.view[2] / this.svg.clientWidth;
    if (hand.pans) {
      if (this.svg.classList.contains("is-zoomed")) this.show([hand.view[0] - dx * unit, hand.view[1] - dy * unit, this.view[2], this.view[3]]);
      return;
    }
    hand.ghost.setAttribute("transform", `translate(${(dx * unit).toFixed(1)} ${(dy * unit).toFixed(1)})`);
    const over = this.under(event);
    if (over === hand.over) return;
    hand.over = over;
    const lead = over && this.moves.held(over);
    for (const [key, cell] of this.cells) cell.classList.toggle("is-target", Boolean(lead) && this.moves.held(key) === lead);
  }

  lift(hand) {
    this.svg.classList.add("is-dragging");
    hand.ghost = document.createElementNS(SVG, "use");
    hand.ghost.setAttribute("href", `#c-${hand.key}`);
    hand.ghost.setAttribute("class", "ghost");
    this.svg.append(hand.ghost);
    this.chooses(hand.key);
  }

  put(event) {
    const hand = this.hand;
    if (!hand || hand.id !== event.pointerId) return;
    const over = hand.moved && !hand.pans ? this.under(event) : null;
    this.let();
    if (!hand.moved && hand.key) {
      this.chooses(hand.key);
      this.cells.get(hand.key).focus({ preventScroll: true });
    } else if (over) this.moves.to(hand.key, this.moves.held(over));
  }

  let() {
    this.hand?.ghost?.remove();
    this.hand = null;
    this.svg.classList.remove("is-dragging");
    this.cells.forEach((cell) => cell.classList.remove("is-target"));
  }

  // Arrow keys go to the next township that way, Enter to the list of grids.
  walk(event) {
    const key = event.target.closest(".cell")?.dataset.key;
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!key || (!way && event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    if (!way) {
      this.chooses(key);
      document.getElementById("to").focus();
      return;
    }
    const from = this.middle(key);
    let best = null;
    for (const each of this.cells.keys()) {
      const to = this.middle(each);
      const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
      const along = dx * way[0] + dy * way[1];
      const aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
      if (each === key || along <= 0 || aside > along * 1.6) continue;
      const far = along + 1.5 * aside;
      if (!best || far < best[1]) best = [each, far];
    }
    if (!best) return;
    this.chooses(best[0]);
    this.cells.get(best[0]).focus({ preventScroll: true });
  }

  middle(key) {
    const name = this.names.find((each) => each.dataset.key === key);
    return [Number(name.getAttribute("x")), Number(name.dataset.y0 ?? name.getAttribute("y"))];
  }
}
