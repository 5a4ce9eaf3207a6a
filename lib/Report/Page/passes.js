"use strict";
const passes = [...document.querySelectorAll(".pass")];
document.getElementById("open").addEventListener("click", () => passes.forEach(pass => { pass.open = true; }));
document.getElementById("close").addEventListener("click", () => passes.forEach(pass => { pass.open = false; }));
document.getElementById("changes").addEventListener("change", event =>
  passes.forEach(pass => { pass.hidden = event.target.checked && pass.classList.contains("same"); }));
