"use strict";
// The story (steps, Values, facts) was written by Python; here it is only shown.
const { values, facts, steps } = JSON.parse(document.getElementById("story").textContent);
const $ = (id) => document.getElementById(id);
const svg = document.querySelector("svg.graph");
const boxes = [...svg.querySelectorAll("[data-value]")];
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const END = steps.length - 1;
const PACE = 1800; // milliseconds a step at speed 1
const PHASES = { start: "Start", forward: "Forward", seed: "Backward", rule: "Backward", end: "Done" };

let at = 0; // the step that is shown
let chosen = null; // the place of the Value that was clicked
let timer = 0;
let scale = 1; // CSS pixels for a unit of the drawing

// --- making elements -------------------------------------------------------------------------

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, one] of Object.entries(attributes || {})) element.setAttribute(name, one);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function press(text, action, attributes) {
  const button = make("button", { type: "button", ...attributes }, text);
  button.addEventListener("click", action);
  return button;
}

// Every digit of a small array, a row a line.
function exact(numbers) {
  if (!Array.isArray(numbers)) return String(numbers);
  if (!numbers.some(Array.isArray)) return `[${numbers.map(exact).join(", ")}]`;
  return `[${numbers.map(exact).join(",\n ")}]`;
}

function array(place) {
  const fact = facts[place];
  const whole = $("digits").checked && fact.numbers !== null;
  const text = whole ? exact(fact.numbers) : fact.lines.join("\n");
  return make("pre", { class: "array", "data-fact": place }, text);
}

// One row: a symbol, whose it is, and its numbers. `key` names the row for those who read the page.
function row(key, symbol, whose, places, made) {
  const shapes = places.map((place) => facts[place].shape).filter((shape) => shape && shape !== "()");
  return make("tr", { "data-row": key, ...(made ? { class: "made" } : {}) },
    make("th", { scope: "row" }, make("code", {}, symbol),
      whose ? make("small", { title: whose }, whose) : null,
      shapes.length ? make("span", { class: "shape" }, shapes.join(" ")) : null),
    make("td", {}, ...places.map(array)));
}

function table(...rows) {
  return make("table", { class: "numbers" }, make("tbody", {}, ...rows));
}

// --- what is known at a step -----------------------------------------------------------------

const born = values.map(() => 0); // the step at which a Value has its data
const sums = values.map(() => []); // [step, fact] for each share of a Value's gradient
steps.forEach((step, place) => {
  if (step.kind === "forward") for (const value of step.results) born[value] = place;
  if (step.parent !== undefined) sums[step.parent].push([place, step.sum]);
});

function gradient(value) { // the place of its running sum, or null before the first share
  const arrived = sums[value].filter(([place]) => place <= at);
  return arrived.length ? arrived[arrived.length - 1][1] : null;
}

function name(place) { return place === null ? "a constant" : values[place].name; }

// --- the picture -----------------------------------------------------------------------------

function paint() {
  const step = steps[at];
  const forward = step.kind === "forward", back = step.kind === "rule";
  for (const box of boxes) {
    const value = Number(box.dataset.value);
    const place = gradient(value);
    box.classList.toggle("waiting", born[value] > at);
    box.classList.toggle("arrived", place !== null);
    box.classList.toggle("now", (forward || back || step.kind === "seed") && step.results.includes(value));
    box.classList.toggle("receives", step.parent === value);
    box.classList.toggle("chosen", chosen === value);
    const lines = place === null ? ["—"] : facts[place].lines;
    box.querySelectorAll("text.gradient").forEach((text, i) => {
      text.textContent = (i === 0 ? "gradient" : "").padEnd(10) + (lines[i] || "");
    });
  }
  for (const op of svg.querySelectorAll(".node[data-call]")) {
    op.classList.toggle("waiting", born[op.dataset.call] > at);
    op.classList.toggle("now", (forward || back) && Number(op.dataset.call) === step.call);
  }
  for (const edge of svg.querySelectorAll(".edge")) {
    const { from, to, call, position } = edge.dataset;
    const end = to ?? call;
    const inward = Number(to) === step.call && (forward || (Number(from) === step.parent && Number(position) === step.position));
    edge.classList.toggle("waiting", end !== undefined && born[end] > at);
    edge.classList.toggle("flow", (forward || back) && (inward || Number(call) === step.call));
  }
}

function resize(wanted) {
  const { width, height } = svg.viewBox.baseVal;
  scale = Math.min(4, Math.max(0.05, wanted));
  svg.style.width = `${width * scale}px`;
  svg.style.height = `${height * scale}px`;
  survey();
}

// The whole graph below, if it is not whole above, with a frame round what is seen.
function survey() {
  const { width, height } = svg.viewBox.baseVal, room = $("canvas"), map = $("map");
  map.setAttribute("viewBox", `0 0 ${width} ${height}`);
  map.toggleAttribute("hidden", width * scale <= room.clientWidth && height * scale <= room.clientHeight);
  const outer = room.getBoundingClientRect(), inner = svg.getBoundingClientRect();
  const left = Math.max(0, (outer.left - inner.left) / scale), top = Math.max(0, (outer.top - inner.top) / scale);
  const frame = { x: left, y: top, width: Math.min(width - left, room.clientWidth / scale), height: Math.min(height - top, room.clientHeight / scale) };
  for (const [side, size] of Object.entries(frame)) map.querySelector("rect").setAttribute(side, size);
}

function travel(event) { // to where the map was clicked
  const box = $("map").getScreenCTM().inverse(), room = $("canvas");
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(box);
  room.scrollTo({ left: x * scale - room.clientWidth / 2, top: y * scale - room.clientHeight / 2 });
}

function fitting() {
  const { width, height } = svg.viewBox.baseVal;
  const room = $("canvas");
  return Math.min((room.clientWidth - 40) / width, (room.clientHeight - 40) / height, 1.6);
}

// Bring what moves into view: all of it if there is room, else where it moves to.
function follow() {
  const moving = [...svg.querySelectorAll(".now, .receives")];
  const room = $("canvas"), frame = room.getBoundingClientRect();
  if (!moving.length) {
    const end = steps[at].kind === "end";
    return room.scrollTo({ left: end ? room.scrollWidth : 0, behavior: calm.matches ? "auto" : "smooth" });
  }
  const around = (elements) => {
    const rects = elements.map((element) => element.getBoundingClientRect());
    const left = Math.min(...rects.map((r) => r.left)), right = Math.max(...rects.map((r) => r.right));
    const top = Math.min(...rects.map((r) => r.top)), bottom = Math.max(...rects.map((r) => r.bottom));
    return { left, right, top, bottom };
  };
  const goals = moving.filter((one) => one.matches(steps[at].kind === "rule" ? ".receives" : ".value"));
  const fits = (one) => one.right - one.left <= frame.width && one.bottom - one.top <= frame.height;
  const choices = [moving, [...goals, ...svg.querySelectorAll(".op.now")], goals].map(around);
  const target = choices.find(fits) || around(goals.slice(0, 1));
  room.scrollBy({
    left: (target.left + target.right - frame.left - frame.right) / 2,
    top: (target.top + target.bottom - frame.top - frame.bottom) / 2,
    behavior: calm.matches ? "auto" : "smooth",
  });
}

// --- the numbers beside it -------------------------------------------------------------------

function inputs(step) {
  return step.inputs.map((one, i) => row(`input-${i}`, one.argument, name(one.value), [one.fact]));
}

function tell() {
  const step = steps[at];
  const parts = [make("p", { class: "phase" }, PHASES[step.kind]), make("h2", {}, step.title)];
  if (step.maths) parts.push(make("div", { class: "maths" }, step.maths));
  if (step.kind === "forward") {
    parts.push(table(...inputs(step), row("out", "out", step.results.map(name).join(", "), step.out, true)));
  } else if (step.kind === "rule") {
    const many = step.before !== null;
    parts.push(table(
      row("g", "g", `gradient of ${step.results.map(name).join(", ")}`, step.g),
      row("out", "out", step.results.map(name).join(", "), step.out),
      ...inputs(step),
      row("result", "result", `${step.shares > 1 ? `share ${step.share} of ${step.shares} for` : "gradient of"} ${name(step.parent)}`, [step.result], true),
      ...(many ? [row("before", "before", "shares so far", [step.before]), row("sum", "sum", "before + result", [step.sum], true)] : [])));
    if (step.share < step.shares) parts.push(make("p", { class: "note" }, `${name(step.parent)} is used ${step.shares} times. Its gradient is the sum over all paths: ${step.shares - step.share} to come.`));
    if (step.note) parts.push(make("p", { class: "note" }, step.note));
  } else {
    parts.push(make("p", { class: "text" }, step.text));
    if (step.kind === "seed") parts.push(table(row("sum", "g", name(step.parent), [step.sum], true)));
    if (step.kind === "end") parts.push(table(...step.gradients.map((one) => row(`gradient-${one.value}`, name(one.value), "gradient", [one.fact]))));
    if (step.kind === "start") parts.push(table(...step.results.map((one) => row(`data-${one}`, name(one), values[one].kind, [values[one].data]))));
  }
  $("step").replaceChildren(...parts);
}

function show() { // the Value that was chosen
  const panel = $("value");
  panel.hidden = chosen === null;
  if (chosen === null) return panel.replaceChildren();
  const value = values[chosen], now = gradient(chosen);
  const links = (places) => make("p", { class: "links" }, ...places.map((one) => press(name(one), () => choose(one))));
  const users = values.flatMap((one, place) => (one.operands.includes(chosen) ? [place] : []));
  const part = steps.flatMap((step, place) => ((step.results || []).includes(chosen) && /forward|seed|rule/.test(step.kind)) || step.parent === chosen ? [place] : []);
  panel.replaceChildren(...[
    press("×", () => choose(null), { class: "close", "aria-label": "Let go of this Value" }),
    make("h2", {}, value.name),
    make("p", { class: "text" }, [value.kind, value.dtype, value.scope && `in ${value.scope}`, value.how && `= ${value.how}`].filter(Boolean).join(" · ")),
    table(
      ...(born[chosen] > at ? [] : [row("data", "data", "", [value.data])]),
      ...(now === null ? [] : [row("gradient", "gradient", now === value.gradient ? "complete" : "so far", [now])])),
    born[chosen] > at ? make("p", { class: "note" }, "Not computed yet at this step.") : null,
    value.gradient === null ? make("p", { class: "note" }, "It wants no gradient.") : now === null ? make("p", { class: "note" }, "No gradient has arrived yet.") : null,
    value.operands.length ? make("p", { class: "shape" }, "made from") : null,
    value.operands.length ? links(value.operands) : null,
    users.length ? make("p", { class: "shape" }, "used by") : null,
    users.length ? links(users) : null,
    part.length ? make("p", { class: "shape" }, "its steps") : null,
    part.length ? make("p", { class: "links" }, ...part.map((place) => press(`${place}`, () => go(place), { title: steps[place].title, "aria-label": `Step ${place}: ${steps[place].title}` }))) : null,
  ].filter(Boolean));
}

// --- moving ----------------------------------------------------------------------------------

function go(place, quiet) {
  at = Math.min(END, Math.max(0, place));
  const step = steps[at];
  for (const one of [document.body, $("graph0")]) one.classList.toggle("backwards", /seed|rule|end/.test(step.kind)); // the map is a copy of the drawing alone
  paint();
  tell();
  show();
  $("slider").value = at;
  $("slider").setAttribute("aria-valuetext", `${at} of ${END}: ${step.title}`);
  $("count").replaceChildren(make("b", {}, PHASES[step.kind]), ` ${at} of ${END}`);
  for (const id of ["first", "previous"]) $(id).disabled = at === 0;
  for (const id of ["next", "last"]) $(id).disabled = at === END;
  $("list").querySelectorAll("button").forEach((button, i) => {
    if (i === at) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  });
  if (!quiet) $("spoken").textContent = `Step ${at} of ${END}. ${step.text}`;
  follow();
}

function whole(direction) { // to where another op begins
  let place = at + direction;
  while (place > 0 && place < END && steps[place].kind === steps[place - 1].kind && steps[place].call === steps[place - 1].call) place += direction;
  go(place);
}

function run(wanted) {
  clearTimeout(timer);
  timer = 0;
  document.body.classList.toggle("playing", wanted);
  $("play").setAttribute("aria-label", wanted ? "Pause" : "Play");
  if (!wanted) return;
  timer = setTimeout(() => {
    go(at + 1);
    run(at < END);
  }, PACE / Number($("speed").value));
}

function toggle() {
  if (!timer && at === END) go(0);
  run(!timer);
}

function choose(value) {
  chosen = value;
  paint();
  show();
  if (value === null) return;
  boxes.find((box) => Number(box.dataset.value) === value)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  $("value").scrollIntoView({ block: "nearest" });
  const spoken = [values[value].name, values[value].kind, ...facts[values[value].data].lines];
  $("spoken").textContent = spoken.join(", ");
}

function matches() {
  const query = $("query").value.trim().toLowerCase();
  const found = values.flatMap((value, place) => (query && [value.name, value.op, value.scope].some((text) => text.toLowerCase().includes(query)) ? [place] : []));
  svg.classList.toggle("searching", query !== "");
  for (const box of boxes) box.classList.toggle("match", found.includes(Number(box.dataset.value)));
  $("found").textContent = query ? `${found.length} found` : "";
  return found;
}

// --- what the user does ----------------------------------------------------------------------

const moves = { first: () => go(0), previous: () => go(at - 1), next: () => go(at + 1), last: () => go(END) };
for (const [id, move] of Object.entries(moves)) $(id).addEventListener("click", () => { run(false); move(); });
$("play").addEventListener("click", toggle);
$("speed").addEventListener("change", () => run(timer !== 0));
$("slider").addEventListener("input", () => { run(false); go(Number($("slider").value)); });
$("digits").addEventListener("change", () => { tell(); show(); });
$("out").addEventListener("click", () => { resize(scale / 1.3); follow(); });
$("in").addEventListener("click", () => { resize(scale * 1.3); follow(); });
$("fit").addEventListener("click", () => resize(fitting()));
$("canvas").addEventListener("scroll", survey);
addEventListener("resize", survey);
$("map").addEventListener("click", travel);
$("query").addEventListener("input", matches);
$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const found = matches(); // each Enter goes on to the next one
  if (found.length) choose(found[(found.indexOf(chosen) + 1) % found.length]);
});
svg.addEventListener("click", (event) => {
  const box = event.target.closest("[data-value]");
  choose(box ? Number(box.dataset.value) : null);
});

const KEYS = { ArrowRight: moves.next, ArrowLeft: moves.previous, Home: moves.first, End: moves.last };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const { key, target } = event, box = target.closest("[data-value]");
  if (key === "Escape") { $("query").value = ""; matches(); target.blur(); return choose(null); }
  if (target.matches("input[type=search], select, input[type=range]")) return;
  if (key === "Enter" && box) return choose(Number(box.dataset.value));
  if (key === " " && target.closest("button, summary, input")) return; // they have a use for it
  if (key === " ") toggle();
  else if (key === "/") $("query").focus();
  else if (event.shiftKey && /^Arrow(Left|Right)$/.test(key)) { run(false); whole(key === "ArrowRight" ? 1 : -1); }
  else if (KEYS[key]) { run(false); KEYS[key](); }
  else return;
  event.preventDefault();
});

const dark = matchMedia("(prefers-color-scheme: dark)");
function dress(night) {
  document.documentElement.classList.toggle("dark", night);
  $("theme").textContent = night ? "Light" : "Dark";
}
$("theme").addEventListener("click", () => dress(!document.documentElement.classList.contains("dark")));
dark.addEventListener("change", () => dress(dark.matches));
let night = null;
addEventListener("beforeprint", () => {
  night ??= document.documentElement.classList.contains("dark");
  dress(false); // paper is light
  $("all").open = true;
});
addEventListener("afterprint", () => {
  if (night !== null) dress(night);
  night = null;
});

$("slider").max = END;
$("list").append(...steps.map((step, place) => make("li", {}, press(step.title, () => go(place)))));
dress(dark.matches);
resize(Math.max(fitting(), 1.1));
go(0, true);
