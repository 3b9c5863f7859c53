// Documents that wait for a person, one after the other, by the keyboard. Each is claimed, so that two people
// are never given the same; the next ones are here before they are asked for.
import { call, h } from "./api.js";
import { bar, needed, percent, trouble, words } from "./parts.js";

const $ = (id) => document.getElementById(id);
const thresholds = JSON.parse($("review").dataset.thresholds);
const ahead = 3;

let queue = [], current, decided = [], left = 0, more = false, busy = false;
const passed = new Set(); // what was decided or left here, which the server may not know yet

// seat tells this window from others of the same person.
const seat = (() => {
  let s = "";
  try { s = sessionStorage.getItem("seat") || ""; } catch { /* a new one each time */ }
  s ||= crypto.getRandomValues(new Uint32Array(2)).join("-");
  try { sessionStorage.setItem("seat", s); } catch { /* likewise */ }
  return s;
})();


// --- the queue ---

let filling;
function fill() {
  return (filling ??= (async () => {
    try {
      const got = await call("POST", "/v1/reviews/claim", { by: seat, n: ahead + 1 });
      ({ left, more } = got);
      for (const r of got.reviews) {
        const id = r.classification.id;
        if (passed.has(id) || current?.id === id || queue.some((c) => c.id === id)) continue;
        queue.push(prepare(r));
      }
      trouble("");
    } catch (err) {
      trouble(`${err.message[0].toUpperCase()}${err.message.slice(1)}. What you have decided is kept; this page tries again.`);
      setTimeout(fill, Math.max(3000, err.after * 1000));
    } finally {
      filling = undefined;
    }
    count();
    if (!current) show();
  })());
}

// prepare fetches what is shown of a document before it is its turn.
function prepare({ classification, categories }) {
  const c = { id: classification.id, result: classification, categories, images: h("div") };
  const path = "/v1/classifications/" + c.id;
  c.text = call("GET", path + "/text").catch((err) => ({ pages: [], problem: err.message }));
  const n = /^(application\/pdf$|image\/)/.test(classification.document.mime) ? Math.min(classification.document.pages || 0, 2) : 0;
  c.blind = n === 0;
  for (let i = 1; i <= n; i++) {
    const img = h("img", { alt: `page ${i}`, src: `${path}/pages/${i}` });
    img.addEventListener("error", () => img.replaceWith(h("p", { class: "muted" }, `Page ${i} cannot be drawn.`)));
    c.images.append(h("figure", {}, img));
  }
  return c;
}

function count() {
  $("left").textContent = left ? `${left.toLocaleString()}${more ? " or more" : ""} left` : "None left";
}

// --- one document ---

// options are the categories by how likely they are.
function options(c) {
  const r = c.result, first = r.classification, seen = new Map();
  if (first && first !== "unknown") seen.set(first, r.confidence);
  for (const a of r.alternatives || []) seen.set(a.classification, a.confidence);
  for (const name of c.categories) if (seen.size < 8 && !seen.has(name)) seen.set(name, undefined);
  seen.delete("unknown");
  return [...seen].slice(0, 8).concat([["unknown", first === "unknown" ? r.confidence : undefined]]);
}

function show() {
  current = queue.shift();
  $("case").hidden = !current;
  $("none").hidden = Boolean(current) || left > 0;
  if (!current) {
    if (left > 0) $("left").textContent = `${left} left, which others are looking at or which were set aside`;
    $("none").hidden = false;
    return;
  }
  const c = current, r = c.result, need = needed(r, thresholds);
  $("name").textContent = r.document.filename || "(no name)";
  $("facts").replaceChildren(`${r.document.mime}, ${r.document.pages || 0} page${r.document.pages === 1 ? "" : "s"} · for review: ${words(r.review.reason)} · `, h("a", { href: "/documents/" + c.id }, "all about it"));
  $("proposal").replaceChildren(...(r.error ? [h("p", { class: "error" }, r.error.message)] : []),
    h("p", { class: "verdict" }, h("strong", {}, words(r.classification)), h("span", {}, percent(r.confidence))), bar(r.confidence, need),
    h("p", { class: "muted" }, c.was ? `was decided: ${words(c.was)}. Decide again.` : `${r.model ? "by " + r.model : "no model could say"}${need !== undefined ? `; ${percent(need)} is needed` : ""}`));
  c.options = options(c);
  $("choices").replaceChildren(...c.options.map(([name, p], i) => h("li", {}, h("button", { type: "button", class: name === r.classification ? "first" : "", onclick: () => decide(name) },
    h("kbd", {}, String(i + 1)), h("span", {}, words(name)), h("span", { class: "muted num" }, p === undefined || p === null ? "" : percent(p))))));
  $("categories").replaceChildren(...c.categories.map((name) => h("option", { value: name })));
  $("search").value = "";
  $("images").replaceChildren(c.images);
  $("images").parentElement.classList.toggle("blind", c.blind);
  $("text").textContent = "Reading …";
  c.text.then((t) => {
    if (current !== c) return;
    const parts = (r.document.hidden_text || []).map((x) => h("p", { class: "warn" }, `Page ${x.page} hides ${x.letters} letters: ${words(x.kind)}. They are not shown.`));
    for (const p of t.pages) if (p.text.trim()) parts.push(h("h3", {}, `page ${p.page}${p.ocr ? ", read from its picture" : ""}`), p.text);
    $("text").replaceChildren(...(parts.length ? parts : [t.problem || "No text was found in it."]));
  });
  $("text").scrollTop = 0;
  $("review").dataset.id = c.id;
}

// --- deciding ---

async function decide(category) {
  if (!current || busy) return;
  const c = current;
  busy = true;
  try {
    await call("POST", `/v1/classifications/${c.id}/feedback`, { category, by: $("by").value || "somebody", note: c.was ? `instead of ${c.was}` : "" });
  } catch (err) {
    trouble(err.message + ". It is not decided: try again.");
    busy = false;
    return;
  }
  busy = false;
  if (!c.was) left = Math.max(0, left - 1);
  c.was = category;
  decided.push(c);
  if (decided.length > 20) decided.shift();
  passed.add(c.id);
  next(`${c.result.document.filename}: ${words(category)}`);
}

async function skip() {
  if (!current || busy) return;
  const c = current;
  passed.add(c.id);
  next(`${c.result.document.filename}: left for ten minutes`);
  if (!c.was) await call("POST", `/v1/reviews/${c.id}/skip`, { by: seat }).catch((err) => trouble(err.message));
  setTimeout(() => passed.delete(c.id), 10 * 60 * 1000);
}

function next(said) {
  $("last").textContent = said;
  $("undo").disabled = decided.length === 0;
  trouble("");
  count();
  current = undefined;
  if (queue.length) show();
  if (queue.length < ahead) fill();
}

function undo() {
  const last = decided.pop();
  if (!last || busy) return;
  if (current) queue.unshift(current);
  queue.unshift(last);
  $("undo").disabled = decided.length === 0;
  show();
}

const accept = () => current && decide(current.result.classification || "unknown");

$("accept").addEventListener("click", accept);
$("skip").addEventListener("click", skip);
$("undo").addEventListener("click", undo);
$("look").addEventListener("click", fill);
$("other").addEventListener("submit", (e) => {
  e.preventDefault();
  const name = $("search").value.trim().replaceAll(" ", "_");
  if (current?.categories.includes(name) || name === "unknown") { $("search").blur(); decide(name); } else trouble(`There is no category ${name || "without a name"} in this taxonomy.`);
});
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.repeat || document.querySelector("dialog[open]")) return;
  if (e.target.matches("input, select, textarea")) {
    if (e.key === "Escape") e.target.blur();
    return;
  }
  if (!current && e.key !== "u") return;
  const n = Number(e.key);
  if (n >= 1 && n <= 9 && current?.options[n - 1]) decide(current.options[n - 1][0]);
  else if (e.key === "Enter" && !e.target.closest("button, a, summary")) accept();
  else if (e.key === "s") skip();
  else if (e.key === "u") undo();
  else if (e.key === "/") $("search").focus();
  else return;
  e.preventDefault();
});
setInterval(() => current && fill(), 120000); // what is looked at stays claimed

fill();
