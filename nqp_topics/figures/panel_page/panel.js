"use strict";
// The topic panel: circles are topics, bars are words. What is chosen is one number, a topic's place or -1; everything is drawn from it.
const { topics, words, given, says } = JSON.parse(document.getElementById("numbers").textContent);
const SIDE = 600, REACH = 0.24 * SIDE; // of the map; the radius that a topic of all their tokens would have
const map = document.querySelector("#map svg"), bars = document.getElementById("bars"), head = document.querySelector("h2");
const slider = document.querySelector("input"), shown = document.querySelector("output");
const entries = [...document.querySelectorAll("#topics-list button")];
const many = topics.topic.length;
const rowsOf = new Map([["", []], ...topics.topic.map(topic => [topic, []])]);
words.topic.forEach((topic, row) => rowsOf.get(topic).push(row));
const shares = new Map(); // word → its share in each topic
given.word.forEach((word, row) => {
  if (!shares.has(word)) shares.set(word, new Array(many).fill(0));
  shares.get(word)[topics.topic.indexOf(given.topic[row])] = given.share[row];
});
let chosen = -1;

function made(kind, parent, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  return parent.appendChild(element);
}

function told(text, parts) {
  return text.replace(/\{(\w+)\}/g, (_, name) => parts[name]);
}

// the map: one scale for both axes, so that near is near
const span = Math.max(...[topics.x, topics.y].map(places => Math.max(...places) - Math.min(...places)));
const edge = Math.max(...topics.share.map(share => REACH * Math.sqrt(share))) + 10;
const scale = span > 0 ? (SIDE - 2 * edge) / span : 0;
const middle = places => (Math.max(...places) + Math.min(...places)) / 2;
const across = place => SIDE / 2 + (place - middle(topics.x)) * scale;
const down = place => SIDE / 2 - (place - middle(topics.y)) * scale;
made("line", map, { class: "axis", x1: 0, x2: SIDE, y1: down(0), y2: down(0) });
made("line", map, { class: "axis", y1: 0, y2: SIDE, x1: across(0), x2: across(0) });
const order = topics.topic.map((_, place) => place).sort((one, other) => topics.share[other] - topics.share[one] || one - other);
const circles = new Array(many);
for (const place of order) {
  const name = entries[place].textContent;
  const circle = made("circle", map, { cx: across(topics.x[place]), cy: down(topics.y[place]), tabindex: 0, role: "button", "aria-label": name });
  made("title", circle).textContent = name;
  circle.addEventListener("click", () => choose(place));
  circle.addEventListener("keydown", event => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(place); } });
  circles[place] = circle;
}
for (const place of order) {
  made("text", map, { x: across(topics.x[place]), y: down(topics.y[place]) }).textContent = topics.topic[place];
}

function sizes(parts) {
  circles.forEach((circle, place) => circle.setAttribute("r", REACH * Math.sqrt(parts[place])));
}

function heading() {
  const parts = { most: bars.childElementCount, topic: topics.topic[chosen], share: (100 * topics.share[chosen]).toFixed(1) };
  head.textContent = told(chosen < 0 ? says.all : says.topic, parts);
}

function point(word) {
  sizes(shares.get(word) || new Array(many).fill(0));
  head.textContent = told(says.word, { word });
}

function leave() {
  sizes(topics.share);
  heading();
}

function ranked() {
  const weight = +slider.value;
  const relevance = row => Math.round((weight * words.log_share[row] + (1 - weight) * words.log_lift[row]) * 1e9) / 1e9;
  const rows = rowsOf.get(chosen < 0 ? "" : topics.topic[chosen]);
  return rows.map(row => [relevance(row), row]).sort((one, other) => other[0] - one[0] || one[1] - other[1]).slice(0, says.most).map(pair => pair[1]);
}

function draw() {
  const rows = ranked(), longest = Math.max(...rows.map(row => words.total[row]));
  const written = number => Math.round(number).toLocaleString("en");
  bars.replaceChildren(...rows.map(row => {
    const line = document.createElement("li"), word = document.createElement("button"), track = document.createElement("div");
    const numbers = document.createElement("span");
    word.textContent = words.word[row];
    word.title = told(says.word, { word: words.word[row] });
    for (const event of ["mouseenter", "focus"]) word.addEventListener(event, () => point(words.word[row]));
    for (const event of ["mouseleave", "blur"]) word.addEventListener(event, leave);
    track.className = "track";
    const values = chosen < 0 ? [words.total[row]] : [words.total[row], words.inside[row]];
    for (const value of values) track.appendChild(document.createElement("i")).style.width = 100 * value / longest + "%";
    numbers.textContent = values.map(written).reverse().join(" / ");
    line.append(word, track, numbers);
    return line;
  }));
  slider.disabled = chosen < 0;
  [...entries, ...circles].forEach((element, place) => element.setAttribute("aria-pressed", String(place % many === chosen)));
  leave();
}

function choose(place) {
  chosen = place === chosen ? -1 : place;
  draw();
}

entries.forEach((entry, place) => entry.addEventListener("click", () => choose(place)));
slider.addEventListener("input", () => { shown.textContent = +slider.value; draw(); });
addEventListener("keydown", event => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (event.key === "Escape") { chosen = -1; draw(); }
  if (step && event.target !== slider) { chosen = ((chosen < 0 ? (step > 0 ? -1 : 0) : chosen) + step + many) % many; draw(); }
});
chosen = topics.topic.indexOf(location.hash.slice(1)); // topics.html#T03 opens at T03
draw();
