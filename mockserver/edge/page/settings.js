// Settings: what the server was told, other tenants, and logs of one's own.

import { control } from "./control.js";
import { element, say } from "./dom.js";
import { field } from "./fields.js";
import { counted, number, plain } from "./format.js";
import { logForm } from "./log-form.js";
import { live } from "./live.js";
import { goTo, pageOf } from "./tenants.js";

// In the words of the command line, which is where they are set.
const SHOWN = {
  profile: "Profile",
  logs: "Source",
  seed: "Seed of the faults",
  growth: "Growth, logs a second",
  now: "Now",
  auth: "Authorization",
  link_base: "Link base",
  allow_invalid: "Allow invalid",
  faults: "Faults from the start",
  host: "Host",
  port: "Port",
  version: "Version",
};

export async function settingsView() {
  const facts = element("dl", { class: "facts" });
  const tenants = element("ul", { class: "tenants" });
  const added = element("p", {});
  const drop = element("button", { type: "button", class: "small", onclick: dropLogs }, "Drop them");
  const contract = await control("contract");
  const node = element(
    "section",
    { class: "columns" },
    element("h1", { class: "unseen" }, "Settings"),
    element(
      "div",
      { class: "stack" },
      element("div", { class: "card" }, element("h2", {}, "This server"), facts),
      element("div", { class: "card" }, element("h2", {}, "Tenants"), tenants, tenantForm()),
      element(
        "div",
        { class: "card" },
        element("h2", {}, "Start again"),
        element("p", {}, "Back to the faults and logs that the server started with, and an empty journal."),
        element("button", { type: "button", onclick: reset }, "Reset this tenant"),
      ),
    ),
    element(
      "div",
      { class: "stack" },
      logForm(contract, renew),
      element("div", { class: "card" }, element("h2", {}, "Added logs"), added, drop),
    ),
  );

  async function renew() {
    const [settings, logs] = await Promise.all([control("settings"), control("logs")]);
    const names = Object.keys(SHOWN).filter((name) => name in settings);
    facts.replaceChildren(
      ...names.flatMap((name) => [element("dt", {}, SHOWN[name]), element("dd", {}, shown(settings[name]))]),
      element("dt", {}, "Logs"),
      element("dd", {}, number(settings.count)),
    );
    tenants.replaceChildren(
      ...settings.tenants.map((name) =>
        element(
          "li",
          {},
          name === settings.tenant
            ? element("strong", {}, name, element("span", { class: "aside" }, " here"))
            : element("a", { href: pageOf(name) }, name),
        ),
      ),
    );
    added.textContent = logs.length ? `${counted(logs.length, "log")}, the newest ${logs[0].id}.` : "None.";
    drop.hidden = logs.length === 0;
  }

  async function dropLogs() {
    await control("logs", undefined, "DELETE");
    say("The added logs are dropped.");
    await renew();
  }

  async function reset() {
    await control("reset", undefined, "POST");
    await live.clearJournal();
    await Promise.all([live.refreshRules(), renew()]);
    say("This tenant starts again.");
  }

  return { node, show: renew, hide() {} };
}

function shown(value) {
  if (Array.isArray(value)) return value.length ? value.map((each) => element("code", {}, each)) : "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === null || value === "" ? "default" : plain(value);
}

function tenantForm() {
  const name = field(
    { name: "tenant", label: "A new tenant", help: "Its own logs, faults and journal, made on first use." },
    element("input", { autocomplete: "off", spellcheck: "false" }),
  );
  const submit = async (event) => {
    event.preventDefault();
    try {
      await goTo(name.input.value);
    } catch (error) {
      name.complain(error.message);
      name.input.focus();
    }
  };
  return element("form", { class: "inline", onsubmit: submit }, name.node, element("button", {}, "Open"));
}
