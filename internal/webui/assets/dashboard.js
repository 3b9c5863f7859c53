// What became of the documents over time. The figures are those of GET /v1/stats.
import { call, h } from "./api.js";
import { dollars as usd, took, trouble, words } from "./parts.js";

const form = document.getElementById("range").elements;
const spans = { "24h": [24, "hour"], "3d": [72, "hour"], "7d": [168, "hour"], "30d": [720, "day"], "90d": [2160, "day"] };
const plots = new Map();
let data;

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const number = (v) => (v === null || v === undefined ? "–" : Number(v.toPrecision(4)).toLocaleString());
const figure = { cost: usd, latency: took, upgrades: (v) => number(v) + " %" };

async function load() {
  const [hours, by] = spans[form.range.value], from = new Date(Date.now() - hours * 3600e3).toISOString().slice(0, 19) + "Z";
  const get = (group) => call("GET", "/v1/stats?" + new URLSearchParams({ from, by, ...(group && { group }) }));
  try {
    const [all, provider, error] = await Promise.all([get(), get("provider"), get("error")]);
    data = { all, provider, error, by };
    trouble("");
  } catch (err) {
    trouble(`${err.message}. The figures shown are older.`);
    return;
  }
  draw();
}

// axis returns all periods, in seconds: also those in which nothing happened.
function axis() {
  const step = data.by === "day" ? 86400 : 3600, at = [];
  for (let t = Date.parse(data.all.from) / 1000; t < Date.parse(data.all.to) / 1000; t += step) at.push(t);
  return at;
}

// along puts rows onto an axis. Periods without a row are empty, or none where nothing can be said of them.
function along(at, rows, value, empty = 0) {
  const by = new Map(rows.map((r) => [Date.parse(r.at) / 1000, value(r)]));
  return at.map((t) => by.get(t) ?? empty);
}

function series() {
  const at = axis(), rows = data.all.rows, of = (value, empty) => along(at, rows, value, empty);
  const grouped = (stats, value, drop) => {
    const sums = new Map();
    for (const r of stats.rows) if (!drop(r.group)) sums.set(r.group, (sums.get(r.group) ?? 0) + value(r));
    return [...sums].sort((a, b) => b[1] - a[1]).slice(0, 5).map(([g]) => [words(g) || "nobody", along(at, stats.rows.filter((r) => r.group === g), value)]);
  };
  const rate = (f) => of((r) => (r.documents ? (100 * f(r)) / r.documents : null), null);
  return { at, charts: {
    volume: [["all", of((r) => r.documents)], ["cached", of((r) => r.cached)]],
    share: grouped(data.provider, (r) => r.documents, () => false),
    upgrades: [["upgraded", rate((r) => r.upgraded)], ["for review", rate((r) => r.review)], ["backup", rate((r) => r.backup)]],
    latency: [["median", of((r) => r.latency_ms?.p50, null)], ["95 % within", of((r) => r.latency_ms?.p95, null)], ["99 % within", of((r) => r.latency_ms?.p99, null)]],
    cost: [["spent", of((r) => Number(r.cost_usd))], ["the guide’s way", of((r) => Number(r.guide_cost_usd))], ["saved", of((r) => Number(r.saved_usd))]],
    errors: grouped(data.error, (r) => r.documents, (g) => g === ""),
  } };
}

function draw() {
  totals();
  calls();
  const { at, charts } = series();
  for (const at_ of document.querySelectorAll("[data-chart]")) {
    const name = at_.dataset.chart, into = at_.querySelector(".chart"), lines = charts[name];
    if (form.tables.checked || !lines.length) {
      plots.get(name)?.destroy();
      plots.delete(name);
      into.replaceChildren(lines.length ? table(at, lines, at_.querySelector("h2").textContent, figure[name] ?? number) : h("p", { class: "muted" }, "None."));
    } else {
      chart(name, into, at, lines);
    }
  }
}

const colours = () => [css("--fill"), css("--low"), css("--bad"), css("--soft"), css("--brand")];

function chart(name, into, at, lines) {
  const values = [at, ...lines.map((l) => l[1])], labels = lines.map((l) => l[0]).join("|"), old = plots.get(name);
  if (old?.labels === labels) return old.setData(values);
  old?.destroy();
  into.replaceChildren();
  const grid = { stroke: css("--line"), width: 1 }, write = figure[name] ?? number, axis = { stroke: css("--soft"), grid, ticks: grid, font: "12px system-ui" }, hues = colours();
  const p = new uPlot({
    width: into.clientWidth || 400, height: 190, scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } }, cursor: { points: { size: 6 } },
    axes: [{ ...axis, values: ticks }, { ...axis, size: 58, values: (_, v) => v.map((x) => write(x).replace(/(\.\d\d\d*?)0+$/, "$1")) }], tzDate: (t) => (data.by === "day" ? uPlot.tzDate(new Date(t * 1e3), "UTC") : new Date(t * 1e3)),
    series: [{ value: (_, t) => (t ? when(t) : "–") }, ...lines.map((l, i) => ({ label: l[0], stroke: hues[i], width: 2, fill: i === 0 ? hues[0] + "22" : undefined, spanGaps: false, points: { show: at.length < 40, size: 5 }, value: (_, v) => (v === null || v === undefined ? "–" : write(v)) }))],
  }, values, into);
  p.root.setAttribute("role", "img");
  p.root.setAttribute("aria-label", `Chart of ${into.parentElement.querySelector("h2").textContent}; the same as tables: tick "tables" above`);
  p.labels = labels;
  plots.set(name, p);
}

// when writes the period that begins at t: days are those of UTC, as the server sums them up.
const when = (t) => new Date(t * 1000).toLocaleString(undefined, data.by === "day" ? { dateStyle: "medium", timeZone: "UTC" } : { dateStyle: "medium", timeStyle: "short" });

// ticks writes hours, and the day where one begins.
function ticks(_, at, __, ___, step) {
  let last = "";
  return at.map((t) => {
    const d = new Date(t * 1000), zone = data.by === "day" ? { timeZone: "UTC" } : {};
    const day = d.toLocaleDateString(undefined, { day: "numeric", month: "short", ...zone });
    const hour = step < 86400 ? d.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", ...zone }) + "\n" : "";
    const text = hour + (day === last && hour ? "" : day);
    last = day;
    return text;
  });
}

function table(at, lines, caption, write) {
  const rows = at.map((t, i) => [t, lines.map((l) => l[1][i])]).filter(([, v]) => v.some((x) => x)).reverse();
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "From"), ...lines.map((l) => h("th", { scope: "col", class: "num" }, l[0])))),
    h("tbody", {}, ...rows.map(([t, v]) => h("tr", {}, h("th", { scope: "row" }, when(t)), ...v.map((x) => h("td", { class: "num" }, x === null || x === undefined ? "–" : write(x))))))));
}

function totals() {
  const t = data.all.total, of100 = (n) => (t.documents ? `${((100 * n) / t.documents).toFixed(1)} %` : "–"), l = t.latency_ms;
  const failed = data.error.rows.filter((r) => r.group !== "").reduce((n, r) => n + r.documents, 0);
  const show = (name, value, note) => h("div", {}, h("dt", {}, name), h("dd", {}, value, note && h("small", {}, note)));
  document.getElementById("totals").replaceChildren(
    show("Documents", t.documents.toLocaleString(), `${t.cached.toLocaleString()} from the cache`), show("Upgraded", of100(t.upgraded), `backup ${of100(t.backup)}`),
    show("For review", of100(t.review), `degraded ${of100(t.degraded)}`), show("Failed", of100(failed), `${failed} document${failed === 1 ? "" : "s"}`),
    show("Median time", l ? took(l.p50) : "–", l && `95 % within ${took(l.p95)}`),
    show("Cost", usd(Number(t.cost_usd)), `the guide’s way ${usd(Number(t.guide_cost_usd))}${t.unpriced ? `; ${t.unpriced} not known` : ""}`), show("Saved", usd(Number(t.saved_usd)), "by the cache"));
}

function calls() {
  document.getElementById("calls").replaceChildren(...(data.all.calls.length ? data.all.calls.map((c) => h("tr", {}, h("th", { scope: "row" }, c.model), h("td", { class: c.error ? "bad" : "" }, words(c.error) || "answered"),
    ...[c.calls.toLocaleString(), c.input_tokens.toLocaleString(), c.output_tokens.toLocaleString(), usd(Number(c.cost_usd))].map((v) => h("td", { class: "num" }, v)))) : [h("tr", {}, h("td", { colspan: 6, class: "muted" }, "No provider was asked."))]));
}

function redraw() {
  for (const p of plots.values()) p.destroy();
  plots.clear();
  if (data) draw();
}

form.range.addEventListener("change", load);
form.tables.addEventListener("change", draw);
document.addEventListener("theme", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
let width = innerWidth;
addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; redraw(); } });
setInterval(() => form.live.checked && !document.hidden && load(), 10000);
load();
