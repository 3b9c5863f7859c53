// Drives the page in Chromium: node run.mjs [a part of the name of a test]
import { readFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { endAll, here } from "./server.mjs";
import { tests } from "./tests.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const out = join(here, "out");
mkdirSync(out, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});

// open returns a page that fails its test when it complains.
async function open(t, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  const complaints = [];
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") complaints.push(`${m.text()} ${m.location().url}`); });
  page.on("pageerror", (e) => complaints.push(String(e)));
  await context.addInitScript(() => document.addEventListener("securitypolicyviolation", (e) => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`)));
  t.contexts.push(context);
  t.complaints.push(() => complaints.filter((c) => !t.expected.some((e) => e.test(c))));
  return page;
}

function helper(name) {
  const t = { contexts: [], complaints: [], expected: [], problems: [], name };
  t.open = (o) => open(t, o);
  t.check = (ok, what) => { if (!ok) t.problems.push(what); };
  t.equal = (got, want, what) => t.check(got === want, `${what}: ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
  t.shot = (page, file) => page.screenshot({ path: join(out, file + ".png"), fullPage: false });
  // accessible runs axe past the page's policy, which lets no script of others in.
  t.accessible = async (page, what) => {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Runtime.evaluate", { expression: axe });
    const { result } = await cdp.send("Runtime.evaluate", {
      expression: `axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120) + " " + (n.any[0]?.message ?? "")).join(" | "))))`,
      awaitPromise: true,
    });
    for (const v of JSON.parse(result.value ?? "[]")) t.problems.push(`${what}: axe: ${v}`);
    await cdp.detach();
  };
  return t;
}

const wanted = process.argv[2] ?? "";
let failed = 0;
try {
  for (const [name, run] of tests) {
    if (!name.includes(wanted)) continue;
    const t = helper(name), start = Date.now();
    try {
      await run(t);
    } catch (err) {
      t.problems.push(err.stack);
      for (const [i, c] of t.contexts.entries()) await c.pages()[0]?.screenshot({ path: join(out, `failed-${name.replaceAll(/\W+/g, "-")}-${i}.png`) }).catch(() => {});
    }
    for (const c of t.complaints) for (const complaint of c()) t.problems.push("the browser complains: " + complaint);
    for (const c of t.contexts) await c.close();
    console.log(`${t.problems.length ? "FAIL" : "ok  "} ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    for (const p of t.problems) console.log("     " + p);
    failed += t.problems.length ? 1 : 0;
  }
} finally {
  await browser.close();
  endAll();
}
process.exit(failed ? 1 : 0);
