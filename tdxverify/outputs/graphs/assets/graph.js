"use strict";
// Zoom, pan and selection. Without this script the page is a picture and a list.
const main = document.querySelector("main");
const svg = main.querySelector("svg");
const panel = document.querySelector(".chosen");
const graph = JSON.parse(document.getElementById("graph").textContent);
const named = (kind) => [...svg.querySelectorAll(`g.${kind}`)].map(
  (group) => [group.querySelector("title").textContent, group]);
const nodes = new Map(named("node"));
const edges = named("edge");
const full = svg.viewBox.baseVal;
const natural = { width: svg.getBoundingClientRect().width, height: svg.getBoundingClientRect().height };
let scale = 1;
let chosen = null;

const zoom = (factor) => {
  const middle = { x: (main.scrollLeft + main.clientWidth / 2) / scale, y: (main.scrollTop + main.clientHeight / 2) / scale };
  scale = Math.min(4, Math.max(0.02, factor));
  svg.setAttribute("width", natural.width * scale);
  svg.setAttribute("height", natural.height * scale);
  main.scrollLeft = middle.x * scale - main.clientWidth / 2;
  main.scrollTop = middle.y * scale - main.clientHeight / 2;
};
const all = () => zoom(Math.min(1, main.clientWidth / natural.width, main.clientHeight / natural.height));
const zooms = { in: () => zoom(scale * 1.25), out: () => zoom(scale / 1.25), all };

const line = (text, target) => {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = target;
  button.addEventListener("click", () => choose(target));
  item.append(`${text.replace(/\n/g, ", ")} `, button);
  return item;
};
const list = (title, lines) => {
  if (!lines.length) return [];
  const head = document.createElement("div"), items = document.createElement("ul");
  head.textContent = title;
  items.append(...lines);
  return [head, items];
};

const choose = (name) => {
  const near = new Set();
  for (const [source, target] of graph.edges) {
    if (source === name) near.add(target);
    if (target === name) near.add(source);
  }
  for (const [node, group] of nodes) {
    group.classList.toggle("chosen-one", node === name);
    group.classList.toggle("near", near.has(node));
  }
  for (const [title, group] of edges) {
    const [source, target] = title.split("->");
    group.classList.toggle("near", source === name || target === name);
  }
  main.classList.toggle("choosing", name !== null);
  panel.hidden = name === null;
  chosen = name;
  if (name === null) return;
  const head = document.createElement("h2"), text = document.createElement("pre");
  head.textContent = `${name} (${graph.nodes[name].kind})`;
  text.textContent = graph.nodes[name].text;
  panel.replaceChildren(head, text,
    ...list("leads to", graph.edges.filter((e) => e[0] === name).map((e) => line(e[2], e[1]))),
    ...list("reached from", graph.edges.filter((e) => e[1] === name).map((e) => line(e[2], e[0]))));
  const box = nodes.get(name).getBoundingClientRect(), frame = main.getBoundingClientRect();
  if (box.left < frame.left || box.right > frame.right) main.scrollLeft += box.left - frame.left - frame.width / 2;
  if (box.top < frame.top || box.bottom > frame.bottom) main.scrollTop += box.top - frame.top - frame.height / 2;
};

const walk = (from, to, by) => {
  const first = nodes.keys().next().value;
  if (chosen === null) return choose(first);
  const ways = graph.edges.filter((edge) => edge[from] === chosen && edge[to] !== chosen);
  const way = ways.find((edge) => edge[3] === "path") || ways[by < 0 ? ways.length - 1 : 0];
  if (way) choose(way[to]);
};
const keys = {
  ArrowRight: () => walk(0, 1, 1), ArrowDown: () => walk(0, 1, 1), ArrowLeft: () => walk(1, 0, 1), ArrowUp: () => walk(1, 0, 1),
  "+": zooms.in, "=": zooms.in, "-": zooms.out, 0: all, Escape: () => choose(null),
};
main.addEventListener("keydown", (event) => {
  const answer = keys[event.key];
  if (!answer || event.altKey || event.ctrlKey || event.metaKey) return;
  answer();
  event.preventDefault();
});
main.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  zoom(scale * (event.deltaY < 0 ? 1.15 : 1 / 1.15));
  event.preventDefault();
}, { passive: false });
let grip = null;
main.addEventListener("pointerdown", (event) => {
  if (event.pointerType === "mouse") grip = { x: event.clientX + main.scrollLeft, y: event.clientY + main.scrollTop };
});
addEventListener("pointermove", (event) => {
  if (!grip) return;
  main.classList.add("dragged");
  main.scrollLeft = grip.x - event.clientX;
  main.scrollTop = grip.y - event.clientY;
});
addEventListener("pointerup", () => { grip = null; main.classList.remove("dragged"); });
for (const [name, group] of nodes) group.addEventListener("click", () => choose(name));
const controls = document.querySelector(".controls");
controls.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) zooms[button.dataset.zoom]();
});
controls.hidden = false;
main.classList.add("live");
if (full.width && natural.width > main.clientWidth && nodes.size <= 60) all();
