// The way to docsift's API, and to elements that hold text as text.

// ApiError is an answer that is no success. status is 0 where there was no answer.
export class ApiError extends Error {
  constructor(status, code, message, after = 0) {
    super(message);
    Object.assign(this, { status, code, after });
  }
  // passing says that the same request may do later.
  get passing() { return this.status === 0 || this.status === 429 || this.status === 408 || this.status >= 500; }
}

// failure reads what is wrong from an answer's text.
export function failure(status, text, after) {
  if (status === 401) location.assign("/signin?next=" + encodeURIComponent(location.pathname + location.search));
  let p = {};
  try { p = JSON.parse(text); } catch { /* a proxy's words */ }
  return new ApiError(status, p.code || "", p.detail || `the server answers ${status}`, Number(after) || 0);
}

// call sends a request and returns the JSON of its answer.
export async function call(method, path, body, init = {}) {
  let res;
  try {
    res = await fetch(path, {
      method, credentials: "same-origin", ...init, body: body === undefined ? undefined : JSON.stringify(body),
      headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...init.headers },
    });
  } catch {
    throw new ApiError(0, "no_answer", "the server does not answer");
  }
  const text = await res.text();
  if (!res.ok) throw failure(res.status, text, res.headers.get("Retry-After"));
  return text ? JSON.parse(text) : undefined;
}

const svgNames = new Set(["svg", "rect", "line"]);

// h makes an element. Children that are no elements are text, whatever they hold.
export function h(name, attributes = {}, ...children) {
  const el = svgNames.has(name) ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [k, v] of Object.entries(attributes)) {
    if (v === undefined || v === null || v === false) continue;
    if (k.startsWith("on")) el.addEventListener(k.slice(2), v);
    else el.setAttribute(k, v === true ? "" : v);
  }
  el.append(...children.filter((c) => c !== undefined && c !== null && c !== false));
  return el;
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
