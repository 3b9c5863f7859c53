// One document: more of its pages, its text, and once more.
import { call, h, pause } from "./api.js";
import { ask, toast } from "./parts.js";

const at = document.getElementById("document");
const id = at.dataset.id, path = "/v1/classifications/" + id;

// figure shows a page, or says why it cannot.
function figure(n) {
  const img = h("img", { loading: "lazy", alt: `page ${n} as docsift has drawn it`, src: `${path}/pages/${n}`, "data-page": n });
  return h("figure", {}, img, h("figcaption", {}, `page ${n}`));
}
const images = document.getElementById("images");
images.addEventListener("error", (e) => {
  const n = e.target.dataset?.page;
  if (n) e.target.replaceWith(h("p", { class: "muted" }, `Page ${n} cannot be shown: it cannot be drawn, or the document is no longer kept.`));
}, true);
for (const img of images.querySelectorAll("img")) if (img.complete && !img.naturalWidth) img.dispatchEvent(new Event("error"));

const more = document.getElementById("more-pages");
more?.addEventListener("click", () => {
  const shown = images.children.length, last = Math.min(Number(at.dataset.pages), shown + 5);
  for (let n = shown + 1; n <= last; n++) images.append(figure(n));
  more.hidden = last >= Number(at.dataset.pages);
});

const text = document.getElementById("text");
async function showText() {
  const into = text.querySelector(".text");
  if (!text.open || into.textContent) return;
  into.textContent = "Reading …";
  try {
    const { pages } = await call("GET", path + "/text");
    into.replaceChildren(...pages.flatMap((p) => [h("h3", {}, `page ${p.page}${p.ocr ? ", read from its picture" : ""}`), p.text + (p.cut ? " …" : "")]));
    if (!pages.some((p) => p.text.trim())) into.textContent = "No text was found in it.";
  } catch (err) {
    into.textContent = err.message;
  }
}
text.addEventListener("toggle", showText);
showText();

const again = document.getElementById("again");
again?.addEventListener("click", async () => {
  if (!(await ask(again.dataset.confirm))) return;
  again.disabled = true;
  try {
    const rec = await call("POST", path + "/again", undefined, { headers: { "Idempotency-Key": crypto.randomUUID?.() ?? String(Math.random()).slice(2) } });
    location.assign("/documents/" + rec.id);
  } catch (err) {
    again.disabled = false;
    toast(err.message);
  }
});

if (document.getElementById("waiting")) {
  for (let wait = 500; ; wait = Math.min(wait * 1.5, 5000)) {
    await pause(wait);
    const rec = await call("GET", path).catch(() => null);
    if (rec && rec.status !== at.dataset.status && (rec.classification || rec.status === "running")) { location.reload(); break; }
  }
}
