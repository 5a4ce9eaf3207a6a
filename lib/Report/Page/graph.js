"use strict";
const nodes = new Map([...document.querySelectorAll(".node")].map(node => [node.dataset.node, node]));
const edges = [...document.querySelectorAll(".edge[data-from]")];
const details = document.getElementById("details");
const units = ["FLOP", "bytes of weights", "bytes of activations", "bytes of cache read", "bytes of cache written"];
let chosen = null;

function mark(node, on) {
  node.classList.toggle("near", on);
  for (const edge of edges) {
    if (edge.dataset.from !== node.dataset.node && edge.dataset.to !== node.dataset.node) continue;
    edge.classList.toggle("near", on);
    for (const end of [edge.dataset.from, edge.dataset.to]) nodes.get(end)?.classList.toggle("near", on);
  }
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function show(node) {
  if (chosen) chosen.classList.remove("chosen");
  chosen = node;
  node.classList.add("chosen");
  details.replaceChildren(element("b", node.dataset.name || "value"), element("pre", node.dataset.ir));
  if (!node.dataset.cost) return;
  const table = document.createElement("table");
  const rows = [["runs", Number(node.dataset.times)]];
  node.dataset.cost.split(" ").forEach((value, i) => rows.push([units[i], Number(value)]));
  for (const [what, value] of rows.filter(row => row[1])) {
    const row = document.createElement("tr");
    row.append(element("td", what), element("td", value.toLocaleString("en")));
    table.append(row);
  }
  details.append(table);
}

for (const node of nodes.values()) {
  if (node.classList.contains("box")) {
    node.querySelector(".boxname").addEventListener("click", event => { event.stopPropagation(); show(node); });
    continue;
  }
  node.addEventListener("mouseenter", () => mark(node, true));
  node.addEventListener("mouseleave", () => mark(node, false));
  node.addEventListener("click", event => { event.stopPropagation(); show(node); });
}

document.getElementById("find").addEventListener("input", event => {
  const wanted = event.target.value.toLowerCase();
  for (const node of nodes.values())
    if (!node.classList.contains("box"))
      node.classList.toggle("faded", wanted !== "" && !node.dataset.ir.toLowerCase().includes(wanted));
});

let scale = 1;
function zoom(factor) {
  scale = Math.min(3, Math.max(0.2, scale * factor));
  for (const svg of document.querySelectorAll(".canvas svg")) {
    const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    svg.setAttribute("width", width * scale);
    svg.setAttribute("height", height * scale);
  }
}
document.getElementById("smaller").addEventListener("click", () => zoom(1 / 1.25));
document.getElementById("larger").addEventListener("click", () => zoom(1.25));
