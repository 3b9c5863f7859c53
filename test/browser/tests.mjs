// What people do at the page.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { docsift, folder, pause, root, serve, settings, simulate } from "./server.mjs";

const samples = readdirSync(join(root, "samples")).flatMap((d) => readdirSync(join(root, "samples", d)).map((f) => join(root, "samples", d, f)));
const sample = (part) => samples.find((f) => f.includes(part));

// doubtful writes letters of which nobody can say much, so that they wait for a person.
function doubtful(n, where) {
  return Array.from({ length: n }, (_, i) => {
    const f = join(where, `letter-${i + 1}.txt`);
    writeFileSync(f, `Seven grey herons stood by the river in the morning, and number ${i + 1} of them flew off over the mill to look for fish.`);
    return f;
  });
}

// photograph is a picture of a letter of which nobody can say much.
async function photograph(page) {
  await page.setContent(`<body style="font: 28px serif; margin: 60px; background: #fff; color: #000"><p>Seven grey herons stood by the river.<p>One flew over the mill to look for fish.`);
  return page.screenshot();
}

async function drop(page, files) {
  await page.setInputFiles("#files", files);
}

// answered waits until so many rows have an answer.
async function answered(page, n) {
  await page.waitForFunction((n) => document.querySelectorAll("#rows tr td.num:last-child").length >= n, n, { timeout: 60000 });
}

// send posts a document as a program would.
async function send(url, name, content, policy = "default") {
  const form = new FormData();
  form.set("file", new Blob([content]), name);
  form.set("policy", policy);
  const r = await fetch(url + "/v1/classifications", { method: "POST", body: form });
  return r.json();
}

let main; // the server of most tests
async function mainServer() {
  if (!main) {
    const data = folder();
    main = await serve(settings(data, await simulate(data)));
  }
  return main;
}

const sorted = async (t) => {
  const { url } = await mainServer(), page = await t.open();
  let bytes = 0;
  page.on("response", async (r) => { const s = await r.request().sizes().catch(() => null); bytes += s ? s.responseBodySize + s.responseHeadersSize : 0; });
  await page.goto(url, { waitUntil: "load" });
  const ready = await page.evaluate(() => performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd);
  await pause(200);
  console.log(`     first view: ${(bytes / 1024).toFixed(1)} KiB, usable after ${Math.round(ready)} ms`);
  t.check(bytes > 0 && bytes < 100 * 1024, `the first view takes ${bytes} bytes`);
  await t.shot(page, "home-empty");
  await drop(page, samples);
  await answered(page, samples.length);
  await t.shot(page, "home");
  const row = page.locator("tr", { hasText: "invoice-quillmoor" });
  t.equal(await row.locator(".category").textContent(), "invoice", "the sample is an invoice");
  await page.reload();
  await answered(page, samples.length); // what was accepted is found again

  await page.locator("tr", { hasText: "invoice-quillmoor" }).getByRole("link").click();
  await page.waitForFunction(() => [...document.querySelectorAll("#images img")].some((i) => i.naturalWidth > 100));
  await page.locator("#text summary").click();
  await page.waitForFunction(() => /invoice/i.test(document.querySelector("#text .text").textContent));
  await page.evaluate(() => scrollTo(0, 0));
  await t.shot(page, "document");
  await page.selectOption("[name=category]", "receipt");
  await page.fill("[name=by]", "ann");
  await page.fill("[name=note]", "it was paid at once");
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForSelector(".said");
  t.check((await page.locator(".said").textContent()).includes("receipt"), "the correction is shown");

  await page.goto(url + "/documents?q=QUILLMOOR");
  t.equal(await page.locator("tbody tr").count(), 1, "the document is found by its name");
  await page.goto(url + "/documents?category=invoice&status=completed");
  t.check((await page.locator("tbody tr").count()) >= 1, "the document is in the list");
  await page.goto(url + "/documents");
  await t.shot(page, "documents");

  const { id } = await send(url, "herons.png", await photograph(await t.open()), "local");
  await page.goto(url + "/review");
  for (let i = 0; i < 20 && (await page.locator("#review").getAttribute("data-id")) !== id; i++) {
    const shown = await page.locator("#review").getAttribute("data-id");
    if (shown) await page.keyboard.press("s");
    await page.waitForFunction((shown) => { const id = document.getElementById("review").dataset.id; return id && id !== shown; }, shown);
  }
  await page.waitForFunction(() => [...document.querySelectorAll("#images img")].some((i) => i.naturalWidth > 100));
  await page.waitForFunction(() => document.getElementById("text").textContent !== "Reading …");
  await t.shot(page, "review");
};

const decides = async (t) => {
  const { url, data } = await mainServer();
  for (const f of doubtful(18, data)) await send(url, f.split("/").pop(), readFileSync(f), "local");
  const page = await t.open(), other = await t.open();
  await page.goto(url + "/review");
  await page.fill("#by", "ann");
  await page.locator("h1").click();
  await page.waitForSelector("#case:not([hidden])");
  await other.goto(url + "/review");
  await other.waitForSelector("#case:not([hidden])");
  const id = (p) => p.locator("#review").getAttribute("data-id");
  t.check((await id(page)) !== (await id(other)), "two people are given the same document");
  const left = async () => Number((await page.locator("#left").textContent()).replace(/\D/g, ""));
  const before = await left(), seen = new Set();
  const keys = ["Enter", "2", "3", "1", "Enter", "s", "9", "2", "Enter", "1", "4"];
  for (const key of keys) {
    await page.waitForFunction((seen) => { const id = document.getElementById("review").dataset.id; return id && !document.getElementById("case").hidden && !seen.includes(id); }, [...seen]);
    seen.add(await id(page));
    await page.keyboard.press(key);
  }
  await page.waitForFunction((n) => Number(document.getElementById("left").textContent.replace(/\D/g, "")) <= n, before - 10);
  const all = await (await fetch(url + "/v1/feedback?limit=100")).json();
  t.check(all.feedback.filter((f) => f.by === "ann").length >= 10, "ten decisions are kept");
  await page.keyboard.press("u");
  await page.waitForFunction(() => /was decided/.test(document.getElementById("proposal").textContent));
  t.equal(await id(page), [...seen].at(-1), "undo leads back to the last one");
  await page.keyboard.press("9");
  await page.waitForFunction(() => !/was decided/.test(document.getElementById("proposal").textContent));
  const again = await (await fetch(url + "/v1/feedback?limit=1")).json();
  t.check(again.feedback[0].category === "unknown" && again.feedback[0].note.startsWith("instead of"), "the later decision is kept beside the first");
};

const moves = async (t) => {
  const { url } = await mainServer(), page = await t.open();
  await page.goto(url + "/dashboard");
  await page.waitForSelector(".u-over");
  const documents = async () => Number((await page.locator("#totals dd").first().evaluate((e) => e.firstChild.textContent)).replace(/\D/g, ""));
  const before = await documents();
  for (let i = 0; i < 3; i++) await send(url, `more-${i}.txt`, `Invoice number ${i}. Amount due 12.00. Payment terms: 30 days. Bill to: Example Ltd.`);
  await page.waitForFunction((n) => Number(document.querySelector("#totals dd").firstChild.textContent.replace(/\D/g, "")) >= n, before + 3, { timeout: 25000 });
  await t.shot(page, "dashboard");
  await page.check("[name=tables]");
  t.check((await page.locator(".chart table").count()) >= 4, "the charts can be read as tables");
};

const everyPage = ["/", "/documents", "/review", "/dashboard", "/providers", "/taxonomies", "/taxonomies/finance", "/planner", "/keys"];

const looks = async (t) => {
  const { url } = await mainServer();
  const list = await (await fetch(url + "/v1/classifications?limit=1&status=completed")).json();
  for (const colorScheme of ["light", "dark"]) {
    const page = await t.open({ colorScheme }), narrow = await t.open({ colorScheme, viewport: { width: 360, height: 740 } });
    for (const path of [...everyPage, "/documents/" + list.classifications[0].id]) {
      const name = path.split("/")[1] || "home";
      for (const [p, kind] of [[page, ""], [narrow, "-narrow"]]) {
        await p.goto(url + path, { waitUntil: "load" });
        await pause(name === "dashboard" || name === "review" ? 700 : 100);
        await t.shot(p, `${colorScheme}${kind}-${path.slice(1).split("/").map((x) => x.slice(0, 12)).join("-") || "home"}`);
        const over = await p.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        t.check(over <= 0, `${path} is ${over} pixels too wide at ${kind || "full"} width`);
      }
      await t.accessible(page, `${path} ${colorScheme}`);
    }
  }
  const page = await t.open({ colorScheme: "light" });
  await page.goto(url + "/documents");
  await page.selectOption("#theme", "dark");
  await page.goto(url + "/providers");
  t.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark", "the colours that were chosen stay");
  await page.keyboard.press("Tab");
  t.equal(await page.evaluate(() => document.activeElement.className), "skip", "the first key leads to the skip link");
};

const survives = async (t) => {
  t.expected.push(/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET|503/);
  const data = folder(), env = settings(data), files = doubtful(30, folder());
  let server = await serve(env);
  const page = await t.open();
  await page.goto(server.url);
  await drop(page, files);
  await answered(page, 3);
  await server.kill();
  await page.waitForSelector("#trouble:not([hidden])");
  t.check((await page.locator("#trouble").textContent()).includes("Nothing is lost"), "the page says what goes on");
  await t.shot(page, "server-gone");
  server = await serve(env, server.port);
  await answered(page, files.length);
  await page.waitForFunction(() => document.getElementById("trouble").hidden);
  const { classifications } = await (await fetch(server.url + "/v1/classifications?limit=500")).json();
  t.equal(classifications.length, files.length, "each document is kept once");
  await server.kill();
};

const evil = `<script>window.evil=1</script><img src=x onerror="window.evil=2">`;
const asText = async (t) => {
  const { url } = await mainServer(), page = await t.open();
  const html = `<html><head><title>${evil.replaceAll("<", "&lt;")}</title></head><body><h1>${evil.replaceAll("<", "&lt;")}</h1><p>Some words that say nothing much, ${evil.replaceAll("<", "&lt;")} and more of them.</p></body></html>`;
  const name = `${evil}.html`.replaceAll("/", "∕");
  const { id } = await send(url, name, html);
  await send(url, "=HYPERLINK(\"http:∕∕x\").txt", "Dear colleague, a note about the other thing that we spoke of on Friday and not more.", "local");
  for (const path of ["/documents", "/documents/" + id, "/documents?q=" + encodeURIComponent(name), "/dashboard", "/signin?next=" + encodeURIComponent(evil), "/planner?docs=" + encodeURIComponent(evil), "/documents?batch=" + encodeURIComponent(evil)]) {
    if (path.startsWith("/planner") || path.includes("batch=") || path.startsWith("/signin")) t.expected.push(/status of 40/);
    await page.goto(url + path);
    await pause(150);
    t.equal(await page.evaluate(() => window.evil), undefined, `${path} runs a document's script`);
    t.equal(await page.locator("main script, main img[src=x]").count(), 0, `${path} has a document's markup`);
  }
  await page.goto(url + "/documents/" + id);
  t.check((await page.locator("h1").textContent()).includes("<script>"), "the name is shown as text");
  await page.waitForFunction(() => document.querySelector("#text .text").textContent.includes("<script>"));
  await page.goto(url + "/review");
  await page.waitForFunction(() => document.getElementById("left").textContent !== "Looking …");
  await pause(300);
  t.equal(await page.evaluate(() => window.evil), undefined, "the review runs a document's script");
  await page.goto(url);
  await page.evaluate(({ name, html }) => {
    const d = new DataTransfer();
    d.items.add(new File([html], name));
    const f = document.getElementById("files");
    f.files = d.files;
    f.dispatchEvent(new Event("change"));
  }, { name, html });
  await answered(page, 1);
  t.equal(await page.evaluate(() => window.evil), undefined, "the first page runs a document's script");
  const csv = await (await fetch(url + "/v1/classifications?format=csv")).text();
  t.check(csv.includes(`"'=HYPERLINK`) || csv.includes("'=HYPERLINK"), "the table has a formula");
};

const keys = async (t) => {
  t.expected.push(/status of 40[13]/);
  const data = folder(), env = settings(data, { DOCSIFT_AUTH: "on" });
  const make = (name, scopes) => docsift(["keys", "create", name, "--scopes", scopes], env).match(/ds_\w+/)[0];
  const admin = make("boss", "admin"), clerk = make("clerk", "read,review");
  const { url } = await serve(env), page = await t.open();
  const signIn = async (p, key) => { await p.fill("#key", key); await p.getByRole("button", { name: "Sign in" }).click(); };
  await page.goto(url + "/documents");
  t.check(page.url().includes("/signin?next="), "who has not signed in is asked to");
  await t.shot(page, "signin");
  await t.accessible(page, "/signin");
  await signIn(page, admin.slice(0, -1) + (admin.endsWith("0") ? "1" : "0"));
  await page.waitForSelector("[role=alert]");
  await signIn(page, clerk);
  await page.waitForSelector("h1");
  t.equal(new URL(page.url()).pathname, "/documents", "it leads to where one wanted to go");
  const [cookie] = await page.context().cookies();
  t.check(cookie.httpOnly && cookie.sameSite === "Strict" && !cookie.value.includes(clerk.slice(12)), "the session's cookie is guarded");
  t.equal(await page.getByRole("link", { name: "Keys" }).count(), 0, "what is not allowed is not linked");
  t.equal((await page.goto(url + "/keys")).status(), 403, "/keys with the key of a clerk");
  await page.goto(url + "/");
  t.equal(new URL(page.url()).pathname, "/documents", "who may not sort begins with another page");
  t.equal(await page.evaluate(() => fetch("/v1/classifications", { method: "POST", body: new FormData() }).then((r) => r.status)), 403, "sorting without the scope");

  // A page of another site sends the cookie at most by force, and is refused.
  const header = `${cookie.name}=${cookie.value}`;
  for (const from of [{ "Sec-Fetch-Site": "cross-site" }, { Origin: "https://evil.example" }]) {
    const r = await fetch(url + "/v1/reviews/claim", { method: "POST", headers: { Cookie: header, ...from }, body: `{"by":"x","n":1}` });
    t.equal(r.status, 403, `a request from elsewhere (${Object.keys(from)})`);
    t.equal((await fetch(url + "/signout", { method: "POST", headers: { Cookie: header, ...from }, redirect: "manual" })).status, 403, "a sign-out from elsewhere");
  }
  const own = await fetch(url + "/v1/reviews/claim", { method: "POST", headers: { Cookie: header }, body: `{"by":"x","n":1}` });
  t.equal(own.status, 200, "a request of its own");

  const boss = await t.open();
  await boss.goto(url + "/signin?next=/keys");
  await signIn(boss, admin);
  await boss.waitForSelector("#have");
  await boss.fill("[name=name]", "scanner");
  await boss.getByRole("button", { name: "Make it" }).click();
  await boss.waitForSelector(".secret");
  t.check(/^ds_\w+$/.test(await boss.locator(".secret").textContent()), "the key is shown once");
  await boss.getByRole("button", { name: "I have it" }).click();
  await boss.waitForFunction(() => /scanner/.test(document.body.textContent));
  await t.shot(boss, "keys");
  await t.accessible(boss, "/keys with keys");
  await boss.locator("tr", { hasText: "clerk" }).getByRole("button", { name: "Revoke" }).click();
  await boss.getByRole("button", { name: "Go ahead" }).click();
  await boss.waitForFunction(() => /revoked/.test(document.querySelector("table").textContent));
  for (let left = 30; left; left--) { // other servers know it within five seconds, this one too
    if ((await fetch(url + "/v1/stats", { headers: { Cookie: header } })).status === 401) break;
    await pause(300);
  }
  await page.goto(url + "/documents");
  t.check(page.url().includes("/signin"), "a revoked key ends its session");
  await boss.getByRole("button", { name: "Sign out" }).click();
  await boss.waitForURL("**/signin");
  await boss.goto(url + "/keys");
  t.check(boss.url().includes("/signin"), "who has signed out is out");
};

const operates = async (t) => {
  const { url } = await mainServer(), page = await t.open();
  await page.goto(url + "/providers");
  const own = await page.locator(".card").first().textContent();
  t.check(own.includes("always there") && !own.includes("breaker"), "the local model has no breaker to set");
  const card = page.locator(".card", { hasText: "OPENAI_API_KEY" }).first();
  await card.getByRole("button", { name: "Test it" }).click();
  t.check((await page.locator("dialog").textContent()).includes("It costs"), "a test says what it costs");
  await page.getByRole("button", { name: "Go ahead" }).click();
  await page.waitForFunction(() => [...document.querySelectorAll(".card output")].some((o) => /answered in/.test(o.textContent)));
  await card.locator("summary").click();
  await card.locator("[name=why]").fill("maintenance");
  await card.getByRole("button", { name: "Set", exact: true }).click();
  await page.waitForSelector(".breaker-open");
  await t.shot(page, "providers");
  await card.locator("summary").click();
  await card.locator("[name=state]").selectOption("auto");
  await card.getByRole("button", { name: "Set", exact: true }).click();
  await page.waitForFunction(() => !document.querySelector(".breaker-open"));
  await page.goto(url + "/taxonomies/finance");
  await page.locator("details summary").click();
  await page.fill("#yaml", "id: herons\ncategories:\n  - name: field_note\n    titles: [seven grey herons]\n    cues: [stood by the river, flew off over the mill, look for fish]\n  - invoice\n");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.waitForSelector("#trial table");
  t.check(/would be another/.test(await page.locator("#draft output").textContent()), "a draft says what it would change");
  await t.shot(page, "taxonomy");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(/\/taxonomies\/herons@[0-9a-f]+$/);
  await page.getByRole("button", { name: "Use it" }).click();
  await page.getByText("in use", { exact: true }).waitFor();
  await t.accessible(page, "a version of a taxonomy");
  await t.shot(page, "versions");
  await page.goto(url);
  await page.locator("[name=taxonomy]").selectOption("herons");
  await page.goto(url + "/taxonomies/herons");
  await page.getByRole("button", { name: "Stop using it" }).click();
  await page.getByRole("button", { name: "Go ahead" }).click();
  await page.getByText("Saved, not in use.").waitFor();
  await page.goto(url + "/planner");
  await page.fill("[name=docs]", "3500000");
  await page.selectOption("[name=policy]", "guide");
  await page.selectOption("[name=tier]", "5");
  await page.getByRole("button", { name: "Calculate" }).click();
  await page.waitForSelector(".totals");
  t.check((await page.locator("main").textContent()).includes("$440"), "the guide's figures are beside the true ones");
  await t.shot(page, "planner");
};

export const tests = [
  ["a sample is dropped, seen, corrected and found", sorted],
  ["ten reviews are decided by the keyboard", decides],
  ["the dashboard moves", moves],
  ["breakers are set and models tested", operates],
  ["what a document says is text everywhere", asText],
  ["every page in light, dark and narrow", looks],
  ["the server dies in the midst of uploads", survives],
  ["keys are asked for", keys],
];
