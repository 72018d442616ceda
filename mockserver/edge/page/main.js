// The page: four views, the part of the address behind # says which and of what.

import { control, Refusal } from "./control.js";
import { element } from "./dom.js";
import { faultsView } from "./faults.js";
import { live } from "./live.js";
import { logsView } from "./logs.js";
import { settingsView } from "./settings.js";
import { tenantSwitch } from "./tenants.js";
import { trafficView } from "./traffic.js";

// A view is made when it is first looked at: `{node, show(query), hide()}`.
const VIEWS = {
  logs: ["Logs", logsView],
  faults: ["Faults", faultsView],
  traffic: ["Traffic", trafficView],
  settings: ["Settings", settingsView],
};

const made = {};
const badge = element("span", { class: "badge", hidden: true });
const links = Object.fromEntries(
  Object.entries(VIEWS).map(([name, [title]]) => [
    name,
    element("a", { href: `#${name}` }, title, name === "faults" && badge),
  ]),
);
let current = null;

async function show() {
  const [wanted, query] = location.hash.slice(1).split("?");
  const name = wanted in VIEWS ? wanted : "logs";
  const [title, make] = VIEWS[name];
  const view = await (made[name] ??= make());
  if (current !== view) {
    current?.hide();
    document.getElementById("view").replaceChildren(view.node);
    document.title = `${title} · mockserver`;
    for (const [each, link] of Object.entries(links))
      link.setAttribute("aria-current", each === name ? "page" : "false");
    // Where a person reads on; not at the start, when nothing was chosen yet.
    if (current) document.getElementById("view").focus({ preventScroll: true });
    current = view;
  }
  view.show(new URLSearchParams(query));
}

function showArmed({ detail: armed }) {
  badge.hidden = armed.length === 0;
  badge.replaceChildren(String(armed.length), element("span", { class: "unseen" }, " armed"));
}

function showTrouble(sentence) {
  const banner = document.getElementById("banner");
  if (banner.textContent !== sentence) banner.textContent = sentence;
  banner.hidden = !sentence;
}

async function start() {
  document.getElementById("views").append(...Object.values(links));
  live.addEventListener("rules", showArmed);
  live.addEventListener("answers", ({ detail }) => showTrouble(detail));
  window.addEventListener("hashchange", show);
  document.getElementById("here").append(await tenantSwitch(await control("settings")));
  live.start();
  await show();
}

// What nobody asked about in particular, such as a mock that was stopped in the meantime.
window.addEventListener("unhandledrejection", (event) => {
  if (!(event.reason instanceof Refusal)) return;
  event.preventDefault();
  showTrouble(event.reason.message);
});
start();
