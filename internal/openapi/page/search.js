"use strict";
const find = document.getElementById("find");
const articles = [...document.querySelectorAll("[data-find]")];
const said = new Map(articles.map((a) => [a, a.textContent.toLowerCase()]));

function show() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  let any = false;
  for (const a of articles) {
    a.hidden = !words.every((word) => said.get(a).includes(word));
    any ||= !a.hidden;
    const link = document.querySelector(`[data-of="${CSS.escape(a.id)}"]`);
    if (link) link.hidden = a.hidden;
  }
  for (const g of document.querySelectorAll("[data-group]")) {
    g.hidden = ![...g.querySelectorAll("[data-find],[data-of]")].some((e) => !e.hidden);
  }
  document.getElementById("none").hidden = any;
}

find.addEventListener("input", show);
document.addEventListener("keydown", (e) => {
  if (e.key === "/" && document.activeElement !== find) {
    e.preventDefault();
    find.focus();
  }
});
window.addEventListener("hashchange", () => {
  const target = document.getElementById(location.hash.slice(1));
  if (target && target.closest("[hidden]")) {
    find.value = "";
    show();
    target.scrollIntoView();
  }
});
