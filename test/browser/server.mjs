// Starts the built docsift, and ends what it started by its process id.
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = dirname(fileURLToPath(import.meta.url)), root = join(here, "../..");
const binary = join(root, "bin/docsift");
const running = new Set(), folders = [];

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// freePort returns a port that nobody listens on.
export function freePort() {
  return new Promise((done) => {
    const s = createServer();
    s.listen(0, "127.0.0.1", () => { const { port } = s.address(); s.close(() => done(port)); });
  });
}

export function folder() {
  const d = mkdtempSync(join(tmpdir(), "docsift-page-"));
  folders.push(d);
  return d;
}

// settings are those of a server that nothing of this machine's own settings reaches.
export function settings(data, more = {}) {
  return { PATH: process.env.PATH, HOME: process.env.HOME, DOCSIFT_DATA: data, DOCSIFT_ENV_FILE: "", ...more };
}

export function docsift(args, env) { return execFileSync(binary, args, { env, cwd: env.DOCSIFT_DATA, encoding: "utf8" }); }

// start runs a command of docsift until stop, and waits until it answers.
export async function start(args, env, port) {
  const log = openSync(join(env.DOCSIFT_DATA, "log.txt"), "a");
  const p = spawn(binary, args, { env, cwd: env.DOCSIFT_DATA, stdio: ["ignore", log, log] });
  running.add(p);
  const ended = new Promise((done) => p.once("exit", () => { running.delete(p); done(); }));
  const url = `http://127.0.0.1:${port}`;
  for (let left = 300; ; left--) {
    if (await fetch(url + "/healthz").then((r) => r.status > 0, () => false)) break;
    if (left === 0 || p.exitCode !== null) throw new Error(`${args.join(" ")} does not answer; see ${env.DOCSIFT_DATA}/log.txt`);
    await pause(100);
  }
  return { url, port, data: env.DOCSIFT_DATA, env, kill: () => { p.kill("SIGKILL"); return ended; } };
}

export async function serve(env, port) {
  port ??= await freePort();
  return start(["serve", "--addr", `127.0.0.1:${port}`], env, port);
}

// simulate starts the simulated providers and returns the settings that lead to them.
export async function simulate(data) {
  const port = await freePort();
  const p = spawn(binary, ["sim", "--addr", `127.0.0.1:${port}`, "--latency", "20ms"], { env: settings(data), cwd: data, stdio: "ignore" });
  running.add(p);
  p.once("exit", () => running.delete(p));
  for (let left = 100; left && !(await fetch(`http://127.0.0.1:${port}/sim/requests`).then((r) => r.ok, () => false)); left--) await pause(100);
  const url = `http://127.0.0.1:${port}`;
  return { OPENAI_API_KEY: "sim", OPENAI_BASE_URL: url + "/v1", GOOGLE_API_KEY: "sim", GOOGLE_GEMINI_BASE_URL: url, ANTHROPIC_API_KEY: "sim", ANTHROPIC_BASE_URL: url };
}

export function endAll() {
  for (const p of running) p.kill("SIGKILL");
  for (const d of folders) rmSync(d, { recursive: true, force: true });
}
