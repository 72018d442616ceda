// One answer of the public API: what came, and what is the matter with it.

import { copyButton, element } from "./dom.js";
import { duration, number, plain, tone } from "./format.js";
import { chip, foreign } from "./rows.js";
import { curl, fetchCode } from "./snippets.js";

// Of a body that nobody can read, so many characters are shown.
const EXCERPT = 2000;

/** The line that says how it went, and behind it the request to copy and the headers that came. */
export function answerHead(request, answer) {
  const total = answer.headers.get("Total-Number");
  return element(
    "details",
    { class: "exchange" },
    element(
      "summary",
      {},
      chip(answer.status === null ? "no answer" : String(answer.status), answer.broken ? "bad" : tone(answer.status)),
      element("span", {}, duration(answer.milliseconds)),
      total !== null && element("span", {}, `Total-Number ${/^\d+$/.test(total) ? number(Number(total)) : total}`),
      element("span", { class: "aside" }, "request and headers"),
    ),
    requestCode(request.url, request.headers),
    element("h2", { class: "label" }, "Headers that a script of this origin sees"),
    headerList([...answer.headers]),
  );
}

/** A request as curl and as fetch, each to copy. */
export function requestCode(url, headers) {
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
  return element("div", { class: "codes" }, block("curl", curl(url, headers)), block("fetch", fetchCode(url, headers)));
}

/** Headers, a line each. */
export function headerList(headers) {
  if (!headers.length) return element("p", { class: "aside" }, "None.");
  return element(
    "dl",
    { class: "headers" },
    ...headers.flatMap(([name, value]) => [element("dt", {}, foreign(name)), element("dd", {}, foreign(value))]),
  );
}

/** The logs that can be shown, or null; and what is wrong with the answer, or null. */
export function answerTrouble(answer) {
  const body = parsed(answer.text);
  if (answer.broken) return { logs: null, trouble: panel(answer.broken, "", answer.text) };
  if (answer.status < 200 || answer.status > 299) return { logs: null, trouble: refusal(answer, body) };
  if (body === undefined) return { logs: null, trouble: panel("The body is no JSON.", "", answer.text) };
  if (!Array.isArray(body))
    return { logs: null, trouble: panel(`The body is no array but ${kindOf(body)}.`, "", answer.text) };
  const type = answer.headers.get("Content-Type") ?? "none";
  const isJson = /^application\/json\b/i.test(type);
  return {
    logs: body,
    trouble: isJson ? null : element("p", { class: "note" }, "The Content-Type is not JSON but ", foreign(type), "."),
  };
}

function refusal(answer, body) {
  const later = answer.headers.get("Retry-After");
  const known = body !== null && typeof body === "object" ? body : {};
  const title = [answer.status, plain(known.code)].filter(Boolean).join(" ");
  const retry = later && ` To be asked again after ${later} s.`;
  return panel(title, [plain(known.message), retry].filter(Boolean).join(""), answer.text);
}

function panel(title, sentence, text) {
  const excerpt = text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text;
  return element(
    "div",
    { class: "trouble" },
    element("h2", {}, foreign(title)),
    sentence && element("p", {}, foreign(sentence)),
    excerpt && element("pre", { tabindex: "0", "aria-label": "The body as it came" }, excerpt),
  );
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function kindOf(value) {
  return value === null ? "null" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}
