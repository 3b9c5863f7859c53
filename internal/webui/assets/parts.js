// Parts that several pages show.
import { h } from "./api.js";

export const words = (s) => (s || "").replaceAll("_", " ");
export const percent = (p) => (p === null || p === undefined ? "–" : Math.floor(100 * p) + " %");

// dollars writes cents, and of less than a dollar three digits that count.
export const dollars = (usd) => "$" + usd.toFixed(usd > 0 && usd < 1 ? Math.max(2, 2 - Math.floor(Math.log10(usd))) : 2);

// money writes a cost for people.
export function money(cost) {
  if (!cost) return "";
  const usd = Number(cost.usd ?? cost.estimated_usd ?? 0);
  if (usd === 0 && cost.known) return "free";
  return (cost.known ? "" : "at least ") + dollars(usd);
}

export const took = (ms) => (ms >= 1000 ? (ms / 1000).toFixed(1) + " s" : Math.round(ms) + " ms");

// bar draws a confidence, and what was needed where that is known.
export function bar(confidence, need) {
  const share = 100 * (confidence ?? 0);
  let label = confidence === null || confidence === undefined ? "no confidence" : "confidence " + percent(confidence);
  if (need !== undefined) label += `, ${percent(need)} needed`;
  const low = need !== undefined && share < 100 * need;
  return h("svg", { class: "bar" + (low ? " low" : ""), viewBox: "0 0 100 8", preserveAspectRatio: "none", role: "img", "aria-label": label },
    h("rect", { class: "track", width: 100, height: 8 }), h("rect", { class: "fill", width: share.toFixed(1), height: 8 }),
    need !== undefined && h("line", { class: "need", x1: 100 * need, x2: 100 * need, y1: 0, y2: 8 }));
}

// needed returns what the stage that answered asks for.
export function needed(result, thresholds) {
  const last = (result.attempts || []).findLast((a) => ["accepted", "unsure", "unknown"].includes(a.outcome));
  return last && thresholds[last.stage];
}

// flags are what is to be known of an answer.
export function flags(r) {
  const all = [];
  if (r.review?.needed) all.push(["review: " + words(r.review.reason), "review"]);
  for (const name of ["upgraded", "degraded", "cached"]) if (r[name]) all.push([name, name === "degraded" ? "bad" : ""]);
  if (r.is_backup) all.push(["backup", ""]);
  return all.map(([text, kind]) => h("span", { class: "tag " + kind }, text));
}

let fading;

// toast says something in passing.
export function toast(text) {
  const at = document.getElementById("toast");
  at.textContent = text;
  clearTimeout(fading);
  fading = setTimeout(() => at.replaceChildren(), 6000);
}

// trouble shows what is wrong, or that nothing is.
export function trouble(text) {
  const at = document.getElementById("trouble");
  at.hidden = !text;
  if (at.textContent !== (text || "")) at.textContent = text || "";
}

// ask has a person confirm something.
export function ask(text) {
  return new Promise((done) => {
    const d = h("dialog", { "aria-label": "Please confirm" }, h("p", {}, text), h("form", { method: "dialog", class: "row" },
      h("button", { value: "" }, "Leave it"), h("button", { value: "yes", class: "primary" }, "Go ahead")));
    d.addEventListener("close", () => { done(d.returnValue === "yes"); d.remove(); });
    document.body.append(d);
    d.showModal();
  });
}

// remembered keeps what a person wrote into a field for the next page.
export function remembered(field) {
  const key = "field." + field.dataset.remember;
  try {
    field.value ||= localStorage.getItem(key) || "";
    field.addEventListener("change", () => localStorage.setItem(key, field.value));
  } catch { /* no storage: it is asked for again */ }
}
