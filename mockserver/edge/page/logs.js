// The view of logs: the list, exactly as the public API returns it.

import { get, listUrl, tokenHeaders } from "./api.js";
import { control } from "./control.js";
import { announce, element } from "./dom.js";
import { queryForm } from "./query-form.js";
import { readReply, replySummary } from "./reply.js";
import { logRows, LOG_HEADS } from "./log-rows.js";
import { pager } from "./pager.js";
import { table } from "./rows.js";
import { counted } from "./format.js";

// More rows would make the page slow, and nobody reads them.
const MOST = 500;

export async function logsView() {
  const form = queryForm(await control("contract"), go);
  const body = element("tbody");
  const head = element("div", { class: "reply" });
  const results = element("div", { class: "results" });
  const pages = element("nav", { class: "pager", "aria-label": "Pages" });
  const node = element("section", {}, element("h1", { class: "unseen" }, "Logs"), form.node, head, results, pages);
  let running = null;

  /** Show a query. It is part of the address, so it can be bookmarked. The same query again sends a new request. */
  function go(query) {
    const hash = `#logs${query.size ? `?${query}` : ""}`;
    if (location.hash === hash) load(query);
    else location.hash = hash;
  }

  async function load(query) {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    const request = { url: listUrl(query), headers: tokenHeaders(form.token()) };
    const stop = showWaiting();
    try {
      showReply(request, await get(request.url, request.headers, signal), query);
    } catch {
      if (signal === running.signal) head.replaceChildren(element("p", {}, "Cancelled before a reply came."));
    } finally {
      stop();
    }
  }

  function showWaiting() {
    const start = performance.now();
    const waiting = element("span");
    const cancel = element("button", { type: "button", class: "small", onclick: () => running.abort() }, "Cancel");
    const signal = running.signal;
    results.setAttribute("aria-busy", "true");
    // Not at once: most replies come within milliseconds, and the page would flicker.
    const timer = setInterval(() => {
      waiting.textContent = `No reply after ${((performance.now() - start) / 1000).toFixed(0)} s… `;
      if (!waiting.isConnected) head.replaceChildren(element("p", { class: "waiting" }, waiting, cancel));
    }, 300);
    return () => {
      clearInterval(timer);
      if (signal === running.signal) results.removeAttribute("aria-busy");
    };
  }

  function showReply(request, reply, query) {
    const { logs, trouble } = readReply(reply);
    head.replaceChildren(replySummary(request, reply));
    if (logs?.length) {
      const narrow = (values) => go(changed(query, values));
      body.replaceChildren(...logs.slice(0, MOST).flatMap((log) => logRows(log, request, form.filters, narrow)));
      form.learn(logs);
    }
    const more =
      logs?.length > MOST &&
      element("p", { class: "note" }, `Only the first ${MOST} of ${counted(logs.length, "log")} are shown.`);
    results.replaceChildren(
      ...[trouble, logs?.length ? table("Logs", LOG_HEADS, body) : logs && emptyList(query), more].filter(Boolean),
    );
    pages.replaceChildren(...pager(request, reply, (values) => go(changed(query, values))));
    announce(logs ? counted(logs.length, "log") : "The request failed.");
  }

  function emptyList(query) {
    const isFiltered = query.size > 0;
    return element(
      "div",
      { class: "empty" },
      element("p", {}, isFiltered ? "No log matches this query." : "There are no logs."),
      isFiltered && element("button", { type: "button", onclick: () => go(new URLSearchParams()) }, "Show all logs"),
    );
  }

  return { node, show: (query) => (form.fill(query), load(query)), hide: () => running?.abort() };
}

/** The query with some values replaced; null removes a parameter. A new filter starts on the first page. */
function changed(query, values) {
  const next = new URLSearchParams(query);
  if (!("page" in values)) next.delete("page");
  for (const [name, value] of Object.entries(values)) value === null ? next.delete(name) : next.set(name, value);
  return next;
}
