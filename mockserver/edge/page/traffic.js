// The view of traffic: the requests to this tenant, as they come.

import { base } from "./api.js";
import { headerList, requestCode } from "./reply.js";
import { announce, element } from "./dom.js";
import { clock, counted, duration, tone } from "./format.js";
import { live } from "./live.js";
import { chip, foreign, openingRow, table } from "./rows.js";
import { sparklines } from "./sparkline.js";

const HEADS = [["Request"], ["Status"], ["Duration"], ["Fault", "second"], ["Time"]];
// At most so many rows are shown; the journal holds more.
const MOST = 200;
// How often the charts move on when there are no requests, in milliseconds.
const STEP = 5000;

export function trafficView() {
  const rows = new Map();
  const body = element("tbody");
  const charts = element("div", { class: "sparklines" });
  const nothing = element(
    "p",
    { class: "empty" },
    `No requests yet. Send one to ${base.href}api/logs, or open the logs.`,
  );
  const frame = table("Requests, newest first", HEADS, body);
  const pause = element("button", { type: "button", "aria-pressed": "false", onclick: togglePause }, "Pause");
  const clear = element("button", { type: "button", onclick: () => live.clearJournal() }, "Clear");
  const pauseNote = element("span", { class: "aside" });
  const node = element(
    "section",
    {},
    element("h1", { class: "unseen" }, "Traffic"),
    element("div", { class: "over" }, charts, element("p", { class: "actions" }, pauseNote, pause, clear)),
    nothing,
    frame,
  );
  let isPaused = false;
  let missed = 0;
  let timer = null;

  function togglePause() {
    isPaused = !isPaused;
    missed = 0;
    pause.setAttribute("aria-pressed", isPaused);
    pause.textContent = isPaused ? "Resume" : "Pause";
    pauseNote.textContent = isPaused ? "Paused" : "";
    announce(isPaused ? "Paused." : "Resumed.");
    if (!isPaused) refresh();
  }

  function onJournal({ detail: entries }) {
    if (isPaused && entries.length) {
      missed += entries.filter((entry) => !rows.has(entry.id)).length;
      pauseNote.textContent = `Paused; ${counted(missed, "new request")}`;
    } else {
      refresh();
    }
  }

  // New rows come first, and a row changes in place when its exchange ends. So open rows stay open and keep the focus.
  function refresh() {
    const recent = [...live.entries.values()].slice(-MOST);
    const ids = new Set(recent.map((entry) => entry.id));
    for (const [id, { nodes }] of rows) if (!ids.has(id)) nodes.forEach((node) => node.remove()) || rows.delete(id);
    for (const entry of recent) {
      const row = rows.get(entry.id);
      if (row) row.update(entry);
      else rows.set(entry.id, addRow(entry));
    }
    nothing.hidden = recent.length > 0;
    frame.hidden = recent.length === 0;
    draw();
  }

  function addRow(entry) {
    const elapsed = element("span", { class: "mono" }, duration(entry.milliseconds));
    const nodes = openingRow(
      HEADS,
      [
        foreign(`${entry.method} ${targetOf(entry)}`, "mono"),
        element("span", {}, statusChip(entry)),
        elapsed,
        element("span", {}, ...entry.faults.map((text) => element("code", { class: "fault" }, foreign(text)))),
        element("time", { class: "mono" }, clock(entry.time * 1000)),
      ],
      () => detail(entry),
    );
    body.prepend(...nodes);
    const update = (next) => {
      if (entry.milliseconds === null && next.milliseconds !== null) elapsed.textContent = duration(next.milliseconds);
      entry = next;
    };
    return { nodes, update };
  }

  const draw = () => charts.replaceChildren(...sparklines([...live.entries.values()], Date.now()));

  live.addEventListener("journal", onJournal);
  refresh();
  return {
    node,
    show() {
      clearInterval(timer);
      timer = setInterval(() => isPaused || draw(), STEP);
    },
    hide: () => clearInterval(timer),
  };
}

function statusChip({ status }) {
  return chip(status === null ? "broken" : String(status), tone(status));
}

function targetOf({ path, query }) {
  return query ? `${path}?${query}` : path;
}

function detail(entry) {
  const url = base.href.replace(/\/$/, "") + targetOf(entry);
  const relevant = entry.headers.filter(([name]) =>
    ["authorization", "prefer", "mock-tenant", "if-none-match"].includes(name),
  );
  return element(
    "div",
    { class: "stack" },
    requestCode(url, relevant),
    element("h2", { class: "label" }, "Request headers, with credentials masked"),
    headerList(entry.headers),
  );
}
