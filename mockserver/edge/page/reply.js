// Shows one reply of the public API: its status, its headers, and what is wrong with it.

import { copyButton, element } from "./dom.js";
import { duration, number, plain, tone } from "./format.js";
import { chip, foreign } from "./rows.js";
import { curl, fetchCode, hidesSecret } from "./snippets.js";

// At most so many characters of a body are shown that is not a list of logs.
const EXCERPT = 2000;

/** One line with status and time; it opens to show the request as code and the headers of the reply. */
export function replySummary(request, reply) {
  const total = reply.headers.get("Total-Number");
  return element(
    "details",
    { class: "exchange" },
    element(
      "summary",
      {},
      chip(reply.status === null ? "no reply" : String(reply.status), reply.broken ? "bad" : tone(reply.status)),
      element("span", {}, duration(reply.milliseconds)),
      total !== null && element("span", {}, `Total-Number ${/^\d+$/.test(total) ? number(Number(total)) : total}`),
      element("span", { class: "aside" }, "Show request and headers"),
    ),
    requestCode(request),
    element("h2", { class: "label" }, "Headers that a script on this page can read"),
    headerList([...reply.headers]),
  );
}

/** A request as curl and as fetch, each with a button that copies it. */
export function requestCode(request) {
  const block = (name, text) =>
    element(
      "div",
      { class: "code" },
      element(
        "div",
        { class: "code-head" },
        element("h2", { class: "label" }, name),
        copyButton(`Copy ${name}`, () => text),
      ),
      element("pre", { tabindex: "0", "aria-label": `The request as ${name}` }, text),
    );
  return element(
    "div",
    { class: "codes" },
    block("curl", curl(request)),
    block("fetch", fetchCode(request)),
    hidesSecret(request) &&
      element("p", { class: "hint" }, "The token of this request is not kept: put yours in place of dev-token."),
  );
}

/** Headers, one on a line. */
export function headerList(headers) {
  if (!headers.length) return element("p", { class: "aside" }, "None.");
  return element(
    "dl",
    { class: "headers" },
    ...headers.flatMap(([name, value]) => [element("dt", {}, foreign(name)), element("dd", {}, foreign(value))]),
  );
}

/** `{logs, trouble}`: the logs, or null when there is no list of them; what is wrong with the reply, or null. */
export function readReply(reply) {
  const body = parseJson(reply.text);
  if (reply.broken) return { logs: null, trouble: panel(reply.broken, "", reply.text) };
  if (reply.status < 200 || reply.status > 299) return { logs: null, trouble: refusal(reply, body) };
  if (body === undefined) return { logs: null, trouble: panel("The body is not JSON.", "", reply.text) };
  if (!Array.isArray(body))
    return { logs: null, trouble: panel(`The body is ${typeOf(body)}, not an array.`, "", reply.text) };
  const type = reply.headers.get("Content-Type") ?? "none";
  const isJson = /^application\/json\b/i.test(type);
  return {
    logs: body,
    trouble: isJson ? null : element("p", { class: "note" }, "The Content-Type is ", foreign(type), ", not JSON."),
  };
}

function refusal(reply, body) {
  const seconds = reply.headers.get("Retry-After");
  const error = body !== null && typeof body === "object" ? body : {};
  const title = [reply.status, plain(error.code)].filter(Boolean).join(" ");
  const retry = seconds && ` Retry after ${seconds} s.`;
  return panel(title, [plain(error.message), retry].filter(Boolean).join(""), reply.text);
}

function panel(title, sentence, text) {
  const excerpt = text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text;
  return element(
    "div",
    { class: "trouble" },
    element("h2", {}, foreign(title)),
    sentence && element("p", {}, foreign(sentence)),
    excerpt && element("pre", { tabindex: "0", "aria-label": "The raw body" }, excerpt),
  );
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function typeOf(value) {
  return value === null ? "null" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}
