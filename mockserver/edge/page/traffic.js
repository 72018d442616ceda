// Traffic: what this tenant was asked, as it comes.

import { base } from "./api.js";
import { headerList, requestCode } from "./answer.js";
import { element, say } from "./dom.js";
import { clock, counted, duration, tone } from "./format.js";
import { live } from "./live.js";
import { chip, foreign, openingRow, table } from "./rows.js";
import { sparklines } from "./sparkline.js";

const HEADS = [["Request"], ["Status"], ["Time taken"], ["Fault", "second"], ["At"]];
// Rows on the page; the journal itself holds more.
const MOST = 200;
// The curves move on while nothing comes.
const STEP = 5000;

export function trafficView() {
  const rows = new Map();
  const body = element("tbody");
  const curves = element("div", { class: "sparklines" });
  const nothing = element(
    "p",
    { class: "empty" },
    `Nothing yet: send a request to ${base.href}api/logs, or look at the logs.`,
  );
  const frame = table("Requests, newest first", HEADS, body);
  const pause = element("button", { type: "button", "aria-pressed": "false", onclick: togglePause }, "Pause");
  const clear = element("button", { type: "button", onclick: () => live.clearJournal() }, "Clear");
  const waiting = element("span", { class: "aside" });
  const node = element(
    "section",
    {},
    element("h1", { class: "unseen" }, "Traffic"),
    element("div", { class: "over" }, curves, element("p", { class: "actions" }, waiting, pause, clear)),
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
    pause.textContent = isPaused ? "Go on" : "Pause";
    waiting.textContent = isPaused ? "Paused" : "";
    say(isPaused ? "Paused." : "Live again.");
    if (!isPaused) renew();
  }

  function take({ detail: news }) {
    if (isPaused && news.length) {
      missed += news.filter((entry) => !rows.has(entry.id)).length;
      waiting.textContent = `Paused, ${counted(missed, "request")} since`;
    } else {
      renew();
    }
  }

  // New rows come in front and finished ones change in place: what is open or has the focus stays as it is.
  function renew() {
    const shown = [...live.entries.values()].slice(-MOST);
    const ids = new Set(shown.map((entry) => entry.id));
    for (const [id, { nodes }] of rows) if (!ids.has(id)) nodes.forEach((each) => each.remove()) || rows.delete(id);
    for (const entry of shown) {
      const known = rows.get(entry.id);
      if (known) known.renew(entry);
      else rows.set(entry.id, addRow(entry));
    }
    nothing.hidden = shown.length > 0;
    frame.hidden = shown.length === 0;
    draw();
  }

  function addRow(entry) {
    const status = element("span", {}, statusChip(entry));
    const taken = element("span", { class: "mono" }, duration(entry.milliseconds));
    const nodes = openingRow(
      HEADS,
      [
        foreign(`${entry.method} ${targetOf(entry)}`, "mono"),
        status,
        taken,
        element("span", {}, ...entry.faults.map((text) => element("code", { class: "fault" }, foreign(text)))),
        element("time", { class: "mono" }, clock(entry.time * 1000)),
      ],
      () => detail(entry),
    );
    body.prepend(...nodes);
    const renew = (now) => {
      if (entry.milliseconds === null && now.milliseconds !== null) taken.textContent = duration(now.milliseconds);
      entry = now;
    };
    return { nodes, renew };
  }

  const draw = () => curves.replaceChildren(...sparklines([...live.entries.values()], Date.now()));

  live.addEventListener("journal", take);
  renew();
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
  const worth = entry.headers.filter(([name]) =>
    ["authorization", "prefer", "mock-tenant", "if-none-match"].includes(name),
  );
  return element(
    "div",
    { class: "stack" },
    requestCode(url, worth),
    element("h2", { class: "label" }, "Headers that came, credentials masked"),
    headerList(entry.headers),
  );
}
