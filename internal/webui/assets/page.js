// What every page has: colours, forms that call the API, times in the reader's zone.
import { call, h } from "./api.js";
import { ask, money, toast, remembered } from "./parts.js";

const theme = document.getElementById("theme");
theme.value = document.documentElement.dataset.theme || "";
theme.addEventListener("change", () => {
  if (theme.value) document.documentElement.dataset.theme = theme.value;
  else delete document.documentElement.dataset.theme;
  try { localStorage.setItem("theme", theme.value); } catch { /* it holds for this page */ }
  document.dispatchEvent(new Event("theme"));
});

for (const t of document.querySelectorAll("time[datetime]")) {
  const at = new Date(t.dateTime);
  t.title = t.textContent;
  t.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
document.getElementById("zone").textContent = ` · times in ${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
for (const field of document.querySelectorAll("[data-remember]")) remembered(field);

// body reads a form as the API takes it: what is empty is left out.
function body(form) {
  const out = {};
  for (const f of form.elements) {
    if (!f.name || (f.type === "checkbox" && !f.checked) || f.value === "") continue;
    if (f.dataset.type === "list") (out[f.name] ??= []).push(f.value);
    else if (f.dataset.type === "day") out[f.name] = f.value + "T00:00:00Z";
    else out[f.name] = f.value;
  }
  return out;
}

// then says what follows an answer.
const then = {
  reload: () => location.reload(),
  go: (out) => { location.href = out.form.dataset.to; },
  secret(out, key) {
    out.replaceChildren(`The key ${key.prefix} is made. Copy it now: it is shown this once.`, h("code", { class: "secret", tabindex: "0" }, key.key),
      h("button", { type: "button", onclick: () => location.reload() }, "I have it"));
  },
  probe(out, { probes }) {
    out.replaceChildren(...probes.map((p) => h("span", { class: p.error ? "bad" : "" },
      p.error ? `${p.error.code}: ${p.error.message}` : `answered in ${Math.round(p.latency_ms)} ms, cost ${p.cost.known ? money(p.cost) : "not known"} `)));
  },
};

for (const form of document.querySelectorAll("form[data-call]")) {
  const out = form.querySelector("output");
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (form.dataset.confirm && !(await ask(form.dataset.confirm))) return;
    const [method, path] = form.dataset.call.split(" ");
    const button = form.querySelector("button:not([type=button])");
    button.disabled = true;
    out.className = "";
    out.textContent = "…";
    try {
      const answer = await call(method, path, method === "DELETE" ? undefined : body(form));
      out.textContent = "";
      then[form.dataset.then](out, answer);
    } catch (err) {
      out.className = "error";
      out.textContent = err.message;
    } finally {
      button.disabled = false;
    }
  });
}

// A search that has found nothing so far goes on by itself, until somebody has enough of it.
const further = document.querySelector("a[data-further]");
if (further) {
  const label = further.textContent;
  const stop = () => { clearTimeout(timer); further.textContent = label; };
  const timer = setTimeout(() => location.replace(further.href), 200);
  further.textContent = further.dataset.further;
  window.addEventListener("keydown", (e) => { if (e.key === "Escape") stop(); });
  window.addEventListener("pagehide", stop);
}
window.addEventListener("offline", () => toast("The network is gone. What was accepted is kept."));
