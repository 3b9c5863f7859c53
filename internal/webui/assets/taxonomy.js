// A draft of a taxonomy: what it would change; as a version that is kept, and as a file.
import { call, h } from "./api.js";
import { percent, words } from "./parts.js";

const form = document.getElementById("draft"), yaml = document.getElementById("yaml"), trial = document.getElementById("trial");
const out = form?.querySelector("output");

const said = (s) => [words(s.classification), " ", h("span", { class: "muted" }, percent(s.confidence))];

function table(t) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "What would change" }, h("table", { class: "rows" },
    h("thead", {}, h("tr", {}, ...["Document", "Before", "After"].map((c) => h("th", { scope: "col" }, c)))),
    h("tbody", {}, ...t.documents.map((d) => h("tr", { class: d.before.classification !== d.after.classification ? "changed" : "" },
      h("th", { scope: "row" }, h("a", { href: "/documents/" + d.id }, d.filename || "(no name)")), h("td", {}, ...said(d.before)), h("td", {}, ...said(d.after)))))));
}

// during does something, with the buttons off and a word for it.
async function during(word, what) {
  const buttons = form.querySelectorAll("button");
  for (const b of buttons) b.disabled = true;
  out.className = "";
  out.textContent = word;
  try {
    await what();
  } catch (err) {
    out.className = "error";
    out.textContent = err.message;
  } finally {
    for (const b of buttons) b.disabled = false;
  }
}

form?.addEventListener("submit", (e) => {
  e.preventDefault();
  during("Trying \u2026", async () => {
    const t = await call("POST", "/v1/taxonomies/try", { yaml: yaml.value, documents: Number(document.getElementById("number").value) });
    out.textContent = `${t.taxonomy.id} ${t.taxonomy.version}: ${t.changed} of ${t.tried} would be another${t.gone ? `; ${t.gone} could not be read again` : ""}.`;
    trial.replaceChildren(t.documents.length ? table(t) : h("p", { class: "empty" }, "There are no recent documents to try it on."));
  });
});

const save = (use) => during("Saving \u2026", async () => {
  const t = await call("POST", "/v1/taxonomies", { yaml: yaml.value, use });
  location.href = `/taxonomies/${t.id}@${t.version}`;
});
document.getElementById("save")?.addEventListener("click", () => save(false));
document.getElementById("use")?.addEventListener("click", () => save(true));

document.getElementById("download")?.addEventListener("click", () => {
  const url = URL.createObjectURL(new Blob([yaml.value], { type: "application/yaml" }));
  h("a", { href: url, download: form.dataset.id + ".yaml" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
});
