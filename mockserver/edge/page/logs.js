// Logs: the list as the public API gives it, whatever it gives.

import { ask, listUrl, withToken } from "./api.js";
import { control } from "./control.js";
import { element, say } from "./dom.js";
import { queryForm } from "./query-form.js";
import { answerHead, answerTrouble } from "./answer.js";
import { logRows, LOG_HEADS } from "./log-rows.js";
import { pager } from "./pager.js";
import { table } from "./rows.js";
import { counted } from "./format.js";

// More rows than this make a page slow, and nobody reads them.
const MOST = 500;

export async function logsView() {
  const form = queryForm(await control("contract"), go);
  const body = element("tbody");
  const head = element("div", { class: "answer" });
  const place = element("div", { class: "results" });
  const pages = element("nav", { class: "pager", "aria-label": "Pages" });
  const node = element("section", {}, element("h1", { class: "unseen" }, "Logs"), form.node, head, place, pages);
  let running = null;

  /** A new query is a new address: it can be kept, shared and gone back to. The same one again is asked again. */
  function go(query) {
    const hash = `#logs${query.size ? `?${query}` : ""}`;
    if (location.hash === hash) load(query);
    else location.hash = hash;
  }

  async function load(query) {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    const request = { url: listUrl(query), headers: withToken(form.token()) };
    const stop = showWaiting();
    try {
      const answer = await ask(request.url, request.headers, signal);
      showAnswer(request, answer, query);
    } catch {
      if (signal === running.signal) head.replaceChildren(element("p", {}, "Given up before an answer came."));
    } finally {
      stop();
    }
  }

  function showWaiting() {
    const began = performance.now();
    const since = element("span");
    const give = element("button", { type: "button", class: "small", onclick: () => running.abort() }, "Give up");
    const signal = running.signal;
    place.setAttribute("aria-busy", "true");
    // At once would flicker: most answers come within a few milliseconds.
    const timer = setInterval(() => {
      since.textContent = `Asking for ${((performance.now() - began) / 1000).toFixed(0)} s… `;
      if (!since.isConnected) head.replaceChildren(element("p", { class: "waiting" }, since, give));
    }, 300);
    return () => {
      clearInterval(timer);
      if (signal === running.signal) place.removeAttribute("aria-busy");
    };
  }

  function showAnswer(request, answer, query) {
    const { logs, trouble } = answerTrouble(answer);
    head.replaceChildren(answerHead(request, answer));
    if (logs?.length) {
      body.replaceChildren(
        ...logs.slice(0, MOST).flatMap((log) => logRows(log, request, form.filters, (change) => go(changed(query, change)))),
      );
      form.learn(logs);
    }
    const more =
      logs?.length > MOST &&
      element("p", { class: "note" }, `The first ${MOST} of ${counted(logs.length, "log")} are shown.`);
    place.replaceChildren(
      ...[trouble, logs?.length ? table("Logs", LOG_HEADS, body) : logs && nothingHere(query), more].filter(Boolean),
    );
    pages.replaceChildren(...pager(request, answer, (to) => go(changed(query, to))));
    say(logs ? counted(logs.length, "log") : "The request failed.");
  }

  function nothingHere(query) {
    const isFiltered = query.size > 0;
    return element(
      "div",
      { class: "empty" },
      element("p", {}, isFiltered ? "No log matches this query." : "There is no log."),
      isFiltered && element("button", { type: "button", onclick: () => go(new URLSearchParams()) }, "Show all logs"),
    );
  }

  return { node, show: (query) => (form.fill(query), load(query)), hide: () => running?.abort() };
}

/** The query with some values replaced; null takes one out. A new filter begins on the first page. */
function changed(query, values) {
  const next = new URLSearchParams(query);
  if (!("page" in values)) next.delete("page");
  for (const [name, value] of Object.entries(values)) value === null ? next.delete(name) : next.set(name, value);
  return next;
}
