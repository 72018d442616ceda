// The view of faults: the active rules, the presets, and a form for any rule.

import { control } from "./control.js";
import { announce, element } from "./dom.js";
import { faultForm } from "./fault-form.js";
import { counted } from "./format.js";
import { live } from "./live.js";
import { foreign } from "./rows.js";

export async function faultsView() {
  const [registry, offences, presets] = await Promise.all([control("faults"), control("offences"), control("presets")]);
  const problem = element("p", { class: "wrong", role: "alert" });
  const list = element("ul", { class: "armed" });
  const all = element(
    "button",
    { type: "button", class: "small", onclick: () => change("faults", "DELETE", "All faults are removed.") },
    "Remove all",
  );
  const node = element(
    "section",
    { class: "columns" },
    element("h1", { class: "unseen" }, "Faults"),
    element(
      "div",
      { class: "stack" },
      element(
        "div",
        { class: "card" },
        element("div", { class: "card-head" }, element("h2", {}, "Active faults"), all),
        problem,
        list,
      ),
      element(
        "div",
        { class: "card" },
        element("h2", {}, "Common problems"),
        element("ul", { class: "presets" }, ...presets.map(presetItem)),
      ),
    ),
    faultForm(registry, offences, arm),
  );

  function presetItem(preset) {
    const armAll = async () => {
      for (const text of preset.rules) await arm({ rule: text });
    };
    return element(
      "li",
      {},
      element("button", { type: "button", onclick: () => attempt(armAll) }, preset.name),
      element("p", {}, preset.sentence),
      element("div", { class: "hint" }, ...preset.rules.map((text) => element("code", {}, foreign(text)))),
    );
  }

  /** Arm a rule; throws Refusal. */
  async function arm(rule) {
    const armed = await control("faults", rule);
    await live.refreshRules();
    announce(`Active: ${armed.text}`);
  }

  async function attempt(action) {
    try {
      await action();
      problem.textContent = "";
    } catch (error) {
      problem.textContent = error.message;
    }
  }

  const change = (path, method, sentence) =>
    attempt(async () => {
      await control(path, undefined, method);
      await live.refreshRules();
      announce(sentence);
    });

  // The counts change while rules fire. A line keeps its element: the user may be about to press its button.
  function showArmed() {
    const lines = new Map([...list.children].map((line) => [line.dataset.id, line]));
    all.hidden = live.armed.length === 0;
    const nothing = element("li", { class: "aside" }, live.isCurrent ? "No fault is active." : "");
    const current = live.armed.map((rule) => withCounts(lines.get(rule.id) ?? armedLine(rule), rule));
    for (const line of [...list.children]) if (!current.includes(line)) line.remove();
    current.forEach(
      (line, place) => list.children[place] === line || list.insertBefore(line, list.children[place] ?? null),
    );
    if (!current.length) list.append(nothing);
  }

  function armedLine(rule) {
    const disarm = () => change(`faults/${rule.id}`, "DELETE", `Removed: ${rule.text}`);
    return element(
      "li",
      { "data-id": rule.id },
      element("code", {}, foreign(rule.text)),
      element("span", { class: "aside counts" }),
      element(
        "button",
        { type: "button", class: "small", onclick: disarm, "aria-label": `Remove ${rule.text}` },
        "Remove",
      ),
    );
  }

  function withCounts(line, { fired, matched }) {
    const counts = line.querySelector(".counts");
    const text = `changed ${fired} of ${counted(matched, "request")}`;
    if (counts.textContent !== text) counts.textContent = text;
    return line;
  }

  live.addEventListener("rules", showArmed);
  showArmed();
  return { node, show: () => live.refreshRules(), hide() {} };
}
