// The console has four views. The part of the address behind # names the view and its query: `#logs?page=2`.

import { baseUrl, documentUrl } from "./api.js";
import { control, Refusal } from "./control.js";
import { copyButton, element } from "./dom.js";
import { faultsView } from "./faults.js";
import { now } from "./format.js";
import { live } from "./live.js";
import { logsView } from "./logs.js";
import { settingsView } from "./settings.js";
import { tenantSwitch } from "./tenants.js";
import { trafficView } from "./traffic.js";

// A view is `{node, show(query), hide()}`, made when it is first opened.
const VIEWS = {
  logs: ["Logs", logsView],
  faults: ["Faults", faultsView],
  traffic: ["Traffic", trafficView],
  settings: ["Settings", settingsView],
};

const views = {};
const badge = element("span", { class: "badge", hidden: true });
const links = Object.fromEntries(
  Object.entries(VIEWS).map(([name, [title]]) => [
    name,
    element("a", { href: `#${name}` }, title, name === "faults" && badge),
  ]),
);
let current = null;
// Since when the mock does not answer; empty when it does.
let since = "";
// What is wrong: with the connection, which each poll tells anew, and with the view that could not be made.
const troubles = { live: "", view: "" };

async function show() {
  const { hash } = location;
  const [wanted, query] = hash.slice(1).split("?");
  const name = wanted in VIEWS ? wanted : "logs";
  showTrouble("view", "");
  let view;
  try {
    view = await viewOf(name);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // A poll that succeeds meanwhile must not hide it.
    showTrouble("view", error.message);
    return;
  }
  // While this view was made, the user may have opened another one.
  if (location.hash !== hash) return;
  if (current !== view) {
    current?.hide();
    document.getElementById("view").replaceChildren(view.node);
    document.title = `${VIEWS[name][0]} · mockserver`;
    for (const [target, link] of Object.entries(links))
      link.setAttribute("aria-current", target === name ? "page" : "false");
    // The keyboard continues in the new view. On the first view the user has chosen nothing yet.
    if (current) document.getElementById("view").focus({ preventScroll: true });
    current = view;
  }
  view.show(new URLSearchParams(query));
}

/** What a client needs: the base URL of this tenant, and the document. */
function addresses() {
  const link = (href, title) => element("a", { href, "aria-label": `OpenAPI, ${title}` }, title);
  return [
    element("span", {}, "Base URL ", element("code", { class: "foreign" }, baseUrl)),
    copyButton("Copy base URL", () => baseUrl),
    element("span", {}, "OpenAPI ", link(documentUrl("json"), "JSON"), " ", link(documentUrl("yaml"), "YAML")),
    element("span", {}, link("openapi.json", "Control API")),
  ];
}

/** The view of a name. When it cannot be made now, it is made the next time that it is opened. */
async function viewOf(name) {
  try {
    return await (views[name] ??= VIEWS[name][1]());
  } catch (error) {
    delete views[name];
    throw error;
  }
}

function showActive({ detail: rules }) {
  badge.hidden = rules.length === 0;
  badge.replaceChildren(String(rules.length), element("span", { class: "unseen" }, " active"));
}

function showStatus({ detail: trouble }) {
  // What may have changed meanwhile is not shown: the page must say nothing false.
  document.body.classList.toggle("gone", trouble !== "");
  since = trouble && (since || now());
  showTrouble("live", trouble && `${trouble} Since ${since}, this page cannot follow it; it tries again by itself.`);
}

function showTrouble(where, trouble) {
  troubles[where] = trouble;
  const sentence = troubles.live || troubles.view;
  const banner = document.getElementById("banner");
  if (banner.textContent !== sentence) banner.textContent = sentence;
  banner.hidden = !sentence;
}

async function start() {
  document.getElementById("views").append(...Object.values(links));
  live.addEventListener("rules", showActive);
  live.addEventListener("status", showStatus);
  window.addEventListener("hashchange", show);
  document.getElementById("current-tenant").append(await tenantSwitch(await control("settings")));
  document.getElementById("addresses").append(...addresses());
  live.start();
  await show();
}

// A refusal that no view handles, for example because the mock was stopped.
window.addEventListener("unhandledrejection", (event) => {
  if (!(event.reason instanceof Refusal)) return;
  event.preventDefault();
  showTrouble("live", event.reason.message);
});
start();
