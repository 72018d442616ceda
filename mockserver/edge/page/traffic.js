// The view of traffic: the requests to this tenant, as they come.

import { baseUrl } from "./api.js";
import { announce, element } from "./dom.js";
import { clock, counted, duration, tone } from "./format.js";
import { live } from "./live.js";
import { chip, foreign, openingRow, table } from "./rows.js";
import { sparklines } from "./sparkline.js";
import { detail } from "./traffic-detail.js";
import { targetOf, trafficFilter } from "./traffic-filter.js";

const HEADS = [["Request"], ["Status"], ["Duration"], ["Fault"], ["Time"]];
// At most so many rows are shown; the journal holds more.
const MOST = 200;
// How often the charts move on when there are no requests, in milliseconds.
const STEP = 5000;

export function trafficView() {
  const rows = new Map();
  const body = element("tbody");
  const charts = element("div", { class: "sparklines" });
  const filter = trafficFilter(rebuild);
  const note = element("p", { class: "aside" });
  const nothing = element("p", { class: "empty" });
  const frame = element("div", { class: "two-lines" }, table("Requests, newest first", HEADS, body));
  const pause = element("button", { type: "button", "aria-pressed": "false", onclick: togglePause }, "Pause");
  const clear = element("button", { type: "button", onclick: () => live.clearJournal() }, "Clear");
  const pauseNote = element("span", { class: "aside" });
  const node = element(
    "section",
    {},
    element("h1", { class: "unseen" }, "Traffic"),
    element("div", { class: "over" }, charts, element("p", { class: "actions" }, pauseNote, pause, clear)),
    filter.node,
    note,
    nothing,
    frame,
  );
  // The entries at the time of the pause; null when there is none.
  let held = null;
  let timer = null;

  function togglePause() {
    held = held ? null : [...live.entries.values()];
    pause.setAttribute("aria-pressed", held !== null);
    pause.textContent = held ? "Resume" : "Pause";
    pauseNote.textContent = held ? "Paused" : "";
    announce(held ? "Paused." : "Resumed.");
    refresh();
  }

  function onJournal({ detail: entries }) {
    // All entries before are void: nothing is left to hold.
    if (held && !entries.length) held = [];
    if (held && entries.length) {
      const missed = [...live.entries.keys()].filter((id) => id > (held.at(-1)?.id ?? 0)).length;
      pauseNote.textContent = `Paused; ${counted(missed, "new request")}`;
    } else {
      refresh();
    }
  }

  // Another filter may show older rows again, and rows are only added in front.
  function rebuild() {
    rows.clear();
    body.replaceChildren();
    refresh();
  }

  // New rows come first, and a row changes in place when its exchange ends. So open rows stay open and keep the focus.
  function refresh() {
    const all = held ?? [...live.entries.values()];
    const passing = all.filter(filter.passes);
    const recent = passing.slice(-MOST);
    const ids = new Set(recent.map((entry) => entry.id));
    for (const [id, { nodes }] of rows) if (!ids.has(id)) nodes.forEach((node) => node.remove()) || rows.delete(id);
    for (const entry of recent) {
      const row = rows.get(entry.id);
      if (row) row.update(entry);
      else rows.set(entry.id, addRow(entry));
    }
    filter.learn(all);
    const shown = recent.length < passing.length ? `the newest ${recent.length} are shown` : "";
    const found = passing.length < all.length ? `${passing.length} of ${counted(all.length, "request")} match` : "";
    note.textContent = [found, shown].filter(Boolean).join("; ");
    nothing.textContent = all.length
      ? "No request matches this filter."
      : `No requests yet. Send one to ${baseUrl}/api/logs, or open the logs.`;
    nothing.hidden = recent.length > 0 || !live.isCurrent;
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
      const hasEnded = entry.milliseconds === null && next.milliseconds !== null;
      entry = next;
      if (!hasEnded) return;
      elapsed.textContent = duration(entry.milliseconds);
      // An open row gets the answer, which was not complete before.
      const details = nodes[1].firstChild;
      if (details.hasChildNodes()) details.replaceChildren(detail(entry));
    };
    return { nodes, update };
  }

  // Without the mock, the charts would say that no request came.
  const draw = () => live.isCurrent && charts.replaceChildren(...sparklines([...live.entries.values()], Date.now()));

  live.addEventListener("journal", onJournal);
  refresh();
  return {
    node,
    show() {
      clearInterval(timer);
      timer = setInterval(() => held || draw(), STEP);
    },
    hide: () => clearInterval(timer),
  };
}

function statusChip({ status }) {
  return chip(status === null ? "none" : String(status), tone(status));
}
