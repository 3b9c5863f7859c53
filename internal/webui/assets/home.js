// Documents are dropped, sent, and followed until there is an answer. Each is sent under a key of its own,
// so that it is kept once however often it had to be sent. What the server has accepted is found again
// after a reload.
import { ApiError, call, failure, h, pause } from "./api.js";
import { bar, flags, money, needed, percent, toast, took, trouble, words } from "./parts.js";

const home = document.getElementById("home"), list = document.getElementById("rows"), how = document.getElementById("how");
const kept = home.dataset.kept === "true", thresholds = JSON.parse(home.dataset.thresholds);
const atOnce = 4, shownAtFirst = 200, storageKey = "work";

const items = []; // {name, key, file, id, state, note, result, row}; state: waiting, sending, accepted, running, done, failed, lost
let shown = shownAtFirst, sending = 0, quiet = 0; // until when the server is left alone

// --- what is remembered ---

const save = throttled(() => {
  const all = items.filter((i) => i.id || i.state === "waiting" || i.state === "sending").slice(-1000)
    .map(({ name, key, id }) => ({ name, key, id }));
  try { sessionStorage.setItem(storageKey, JSON.stringify(all)); } catch { /* the page itself has it all */ }
}, 300);

function restore() {
  let all = [];
  try { all = JSON.parse(sessionStorage.getItem(storageKey) || "[]"); } catch { /* nothing that can be read */ }
  for (const { name, key, id } of all) {
    if (id) add({ name, key, id, state: "accepted" });
    else add({ name, key, state: "lost", note: "it had not been sent when the page was left: drop it again" });
  }
}

// throttled calls f a while after it is asked to, once however often, or now.
function throttled(f, ms) {
  let timer;
  const later = () => { timer ??= setTimeout(later.now, ms); };
  later.now = () => { clearTimeout(timer); timer = undefined; f(); };
  return later;
}

// --- rows ---

const states = {
  waiting: "waits to be sent", sending: "is being sent", accepted: "is kept; waits its turn", running: "is being read and judged",
};

function add(item) {
  const twin = item.file && items.find((i) => i.state === "lost" && i.name === item.name);
  if (twin) { // a file that had not been sent is here again: under the same key, lest it is kept twice
    Object.assign(twin, item, { key: twin.key, note: undefined });
    draw(twin);
    return;
  }
  items.push(item);
  draw(item);
}

function draw(item) {
  if (!item.row) {
    if (items.length > shown) return;
    item.row = h("tr");
    list.append(item.row);
  }
  const name = h("th", { scope: "row" }, item.id && kept ? h("a", { href: "/documents/" + item.id, title: item.name }, item.name) : item.name);
  item.row.replaceChildren(name, ...(item.result ? answered(item.result) : underWay(item)));
  sum();
}

function underWay(item) {
  const problem = item.state === "failed" || item.state === "lost";
  const say = problem ? h("span", { class: "error" }, item.note || "it failed") : h("span", { class: "muted" }, item.note || states[item.state]);
  const part = item.state === "sending" && h("progress", { max: 1, value: item.sent ?? 0, "aria-label": "sent" });
  return [h("td", { colspan: 5 }, say, part)];
}

// way tells through which sieves a document went.
function way(r) {
  const asked = r.attempts.filter((a) => a.outcome !== "skipped");
  if (r.cached) return [h("span", { class: "muted" }, "answered before")];
  return asked.flatMap((a, i) => {
    const short = a.model.split("/").pop(), what = [words(a.outcome), a.confidence !== null && percent(a.confidence), took(a.latency_ms), money(a.cost), a.reason];
    return [i > 0 && h("span", { "aria-hidden": "true" }, " → "), h("span", { title: what.filter(Boolean).join(", "), class: a.outcome === "failed" ? "bad" : "" }, short),
      i < asked.length - 1 && h("span", { class: "muted" }, ` ${words(a.outcome)}`)];
  });
}

function answered(r) {
  const total = h("td", { class: "num" }, took(r.timings_ms.total)), cost = h("td", { class: "num" }, money(r.cost));
  if (r.error) return [h("td", { colspan: 3 }, h("span", { class: "error" }, `${words(r.error.code)}: ${r.error.message}`)), total, cost];
  return [h("td", {}, h("span", { class: "category" }, words(r.classification)), " ", ...flags(r)),
    h("td", {}, h("span", { class: "sure" }, bar(r.confidence, needed(r, thresholds)), h("span", {}, percent(r.confidence)))), h("td", {}, ...way(r)), total, cost];
}

const sum = throttled(() => {
  const count = (...s) => items.filter((i) => s.includes(i.state)).length;
  const done = count("done"), failed = count("failed", "lost"), left = items.length - done - failed;
  const cost = items.reduce((n, i) => n + Number(i.result?.cost?.usd ?? 0), 0), review = items.filter((i) => i.result?.review?.needed).length;
  const parts = [`${items.length} document${items.length === 1 ? "" : "s"}`, left ? `${left} under way` : done && `${done} done`];
  if (failed) parts.push(`${failed} not sent`);
  if (review) parts.push(`${review} for review`);
  if (done) parts.push(money({ usd: cost, known: true }));
  document.getElementById("sum").textContent = parts.filter(Boolean).join(" · ");
  document.getElementById("work").hidden = items.length === 0;
  document.getElementById("again").hidden = !items.some((i) => i.state === "failed" && i.file);
  const more = document.getElementById("more"), hidden = items.length - shown;
  more.hidden = hidden <= 0;
  more.textContent = `Show ${Math.min(hidden, 500)} more`;
}, 100);

// --- sending ---

// put sends a file and tells how much of it has gone. It ends when the server answers.
function put(item) {
  return new Promise((done, fail) => {
    const form = new FormData(), x = new XMLHttpRequest();
    form.set("taxonomy", item.taxonomy);
    form.set("policy", item.policy);
    if (item.noCache) form.set("cache", "off");
    form.set("file", item.file, item.name);
    x.open("POST", "/v1/classifications");
    x.setRequestHeader("Idempotency-Key", item.key);
    if (kept) x.setRequestHeader("Prefer", "respond-async, wait=5");
    x.upload.onprogress = (e) => {
      item.sent = e.loaded / (e.total || 1);
      const p = item.row?.querySelector("progress");
      if (p) p.value = item.sent;
    };
    x.onerror = () => fail(new ApiError(0, "no_answer", "the server does not answer"));
    x.onload = () => (x.status < 300 ? done(JSON.parse(x.responseText)) : fail(failure(x.status, x.responseText, x.getResponseHeader("Retry-After"))));
    x.send(form);
  });
}

async function send(item) {
  item.state = "sending";
  item.note = undefined;
  draw(item);
  try {
    settle(item, await put(item));
    reached();
  } catch (err) {
    if (err.passing || err.status === 409) { // another of the same key is under way
      item.state = "waiting";
      leaveAlone(err);
    } else if (err.code === "idempotency_mismatch" && !item.renewed) { // a file of the same name, and another
      Object.assign(item, { state: "waiting", key: randomKey(), renewed: true });
    } else {
      item.state = "failed";
      item.note = err.message;
    }
  }
  draw(item);
  save();
}

// settle notes what the server says of an item.
function settle(item, rec) {
  item.id = rec.id;
  if (rec.classification !== undefined && rec.status !== "queued" && rec.status !== "running") {
    item.result = rec;
    item.state = "done";
    item.file = undefined; // its memory is free again
  } else {
    item.state = rec.status === "running" ? "running" : "accepted";
  }
}

let failures = 0;

// leaveAlone has the server left alone for a while, longer each time.
function leaveAlone(err) {
  const wait = Math.max(err.after * 1000, Math.min(15000, 500 * 2 ** failures++));
  quiet = Math.max(quiet, Date.now() + wait);
  const why = err.status === 429 ? "The server asks to slow down." : err.status === 0 ? "The server does not answer." : `${err.message}.`;
  trouble(`${why} Nothing is lost: this page goes on by itself, next in ${Math.ceil((quiet - Date.now()) / 1000)} s. Leave it open until all documents are sent.`);
}

function reached() {
  if (failures) toast("The server is back.");
  failures = 0;
  quiet = 0;
  trouble("");
}

// run sends what waits, a few at once, and asks after what was accepted.
async function run() {
  for (;;) {
    await pause(50);
    if (Date.now() < quiet) continue;
    while (sending < (failures ? 1 : atOnce)) {
      const next = items.find((i) => i.state === "waiting" && i.file);
      if (!next) break;
      sending++;
      send(next).finally(() => sending--);
    }
  }
}

async function follow() {
  for (let turn = 0; ; ) {
    const open = items.filter((i) => i.id && (i.state === "accepted" || i.state === "running"));
    await pause(open.length ? 250 : 500);
    if (!open.length || Date.now() < quiet) continue;
    const some = Array.from({ length: Math.min(4, open.length) }, () => open[turn++ % open.length]);
    await Promise.all([...new Set(some)].map(async (item) => {
      try {
        const before = item.state;
        settle(item, await call("GET", "/v1/classifications/" + item.id));
        reached();
        if (item.state !== before) draw(item);
      } catch (err) {
        if (err.passing) return leaveAlone(err);
        item.state = "failed";
        item.note = err.message;
        draw(item);
        save();
      }
    }));
  }
}

// --- taking ---

// randomKey is no secret, and must not be another's.
const randomKey = () => "page-" + Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

function take(files) {
  const { taxonomy, policy, no_cache } = how.elements;
  for (const file of files) {
    add({ name: file.path || file.webkitRelativePath || file.name, file, key: randomKey(), state: "waiting", taxonomy: taxonomy.value, policy: policy.value, noCache: no_cache.checked });
  }
  save();
}

// walk returns the files of what was dropped, folders within folders too.
async function walk(entry, into) {
  if (entry.isFile) {
    const file = await new Promise((done, fail) => entry.file(done, fail)).catch(() => null);
    if (file) into.push(Object.assign(file, { path: entry.fullPath.replace(/^\//, "") }));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail)).catch(() => []);
    if (!some.length) return;
    for (const e of some) await walk(e, into);
  }
}

const drop = document.getElementById("drop");
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (e) => {
    e.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
  });
}
document.addEventListener("drop", async (e) => {
  const entries = [...e.dataTransfer.items].map((i) => i.webkitGetAsEntry?.()).filter(Boolean), files = [];
  if (!entries.length) return take(e.dataTransfer.files);
  for (const entry of entries) await walk(entry, files);
  take(files);
});
for (const [button, field] of [["choose", "files"], ["choose-folder", "folder"]]) {
  const input = document.getElementById(field);
  document.getElementById(button).addEventListener("click", () => input.click());
  input.addEventListener("change", () => { take(input.files); input.value = ""; });
}

document.getElementById("again").addEventListener("click", () => {
  for (const i of items) {
    if (i.state !== "failed" || !i.file) continue;
    Object.assign(i, { state: "waiting", key: randomKey(), note: undefined });
    draw(i);
  }
});
document.getElementById("clear").addEventListener("click", () => {
  for (const i of items.filter((i) => ["done", "failed", "lost"].includes(i.state))) {
    i.row?.remove();
    items.splice(items.indexOf(i), 1);
  }
  save();
  sum();
});
document.getElementById("more").addEventListener("click", () => {
  shown += 500;
  items.slice(0, shown).filter((i) => !i.row).forEach(draw);
  sum();
});
window.addEventListener("beforeunload", (e) => {
  if (items.some((i) => i.file && (i.state === "waiting" || i.state === "sending"))) e.preventDefault();
});

window.addEventListener("pagehide", save.now);

restore();
run();
follow();
