// The view of settings: the server's options, the tenants, and a form that adds logs.

import { control } from "./control.js";
import { announce, element } from "./dom.js";
import { field } from "./fields.js";
import { counted, number, plain } from "./format.js";
import { logForm } from "./log-form.js";
import { live } from "./live.js";
import { consoleOf, openTenant } from "./tenants.js";

// The values are set by options of the command line.
const SHOWN = {
  profile: "Profile",
  logs: "Source of the logs",
  seed: "Seed of the faults",
  growth: "New logs per second",
  now: "Time of the newest log",
  auth: "Tokens that are accepted",
  link_base: "Addresses in Link",
  allow_invalid: "Logs may break the contract",
  faults: "Faults at the start",
  host: "Host",
  port: "Port",
  version: "Version",
};

export async function settingsView() {
  const facts = element("dl", { class: "facts" });
  const tenants = element("ul", { class: "tenants" });
  const added = element("p", {});
  const remove = element("button", { type: "button", class: "small", onclick: deleteLogs }, "Delete them");
  const contract = await control("contract");
  const node = element(
    "section",
    { class: "columns" },
    element("h1", { class: "unseen" }, "Settings"),
    element(
      "div",
      { class: "stack" },
      element("div", { class: "card" }, element("h2", {}, "About this server"), facts),
      element("div", { class: "card" }, element("h2", {}, "Tenants"), tenants, tenantForm()),
      element(
        "div",
        { class: "card" },
        element("h2", {}, "Reset"),
        element("p", {}, "Go back to the faults and logs that the server started with, and clear the traffic."),
        element("button", { type: "button", onclick: reset }, "Reset this tenant"),
      ),
    ),
    element(
      "div",
      { class: "stack" },
      logForm(contract, refresh),
      element("div", { class: "card" }, element("h2", {}, "Added logs"), added, remove),
    ),
  );

  async function refresh() {
    const [settings, logs] = await Promise.all([control("settings"), control("logs")]);
    const names = Object.keys(SHOWN).filter((name) => name in settings);
    facts.replaceChildren(
      ...names.flatMap((name) => [element("dt", {}, SHOWN[name]), element("dd", {}, valueOf(settings[name]))]),
      element("dt", {}, "Logs"),
      element("dd", {}, number(settings.count)),
    );
    tenants.replaceChildren(
      ...settings.tenants.map((name) =>
        element(
          "li",
          {},
          name === settings.tenant
            ? element("strong", {}, name, element("span", { class: "aside" }, " (this one)"))
            : element("a", { href: consoleOf(name) }, name),
        ),
      ),
    );
    added.textContent = logs.length ? `${counted(logs.length, "log")}. The newest is ${logs[0].id}.` : "None.";
    remove.hidden = logs.length === 0;
  }

  async function deleteLogs() {
    await control("logs", undefined, "DELETE");
    announce("The added logs are deleted.");
    await refresh();
  }

  async function reset() {
    await control("reset", undefined, "POST");
    await live.clearJournal();
    await Promise.all([live.refreshRules(), refresh()]);
    announce("This tenant is reset.");
  }

  return { node, show: refresh, hide() {} };
}

function valueOf(value) {
  if (Array.isArray(value)) return value.length ? value.map((item) => element("code", {}, item)) : "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === null || value === "" ? "default" : plain(value);
}

function tenantForm() {
  const name = field(
    { name: "tenant", label: "New tenant", help: "A tenant has its own logs, faults and traffic." },
    element("input", { autocomplete: "off", spellcheck: "false" }),
  );
  const submit = async (event) => {
    event.preventDefault();
    try {
      await openTenant(name.input.value);
    } catch (error) {
      name.showProblem(error.message);
      name.input.focus();
    }
  };
  return element("form", { class: "inline", onsubmit: submit }, name.node, element("button", {}, "Open"));
}
