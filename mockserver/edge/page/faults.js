// Faults: what is armed, what can be armed in one press, and a form for everything else.

import { control } from "./control.js";
import { element, say } from "./dom.js";
import { faultForm } from "./fault-form.js";
import { counted } from "./format.js";
import { live } from "./live.js";
import { foreign } from "./rows.js";

export async function faultsView() {
  const [registry, offences, presets] = await Promise.all([control("faults"), control("offences"), control("presets")]);
  const trouble = element("p", { class: "wrong", role: "alert" });
  const list = element("ul", { class: "armed" });
  const all = element(
    "button",
    { type: "button", class: "small", onclick: () => change("faults", "DELETE", "Everything is disarmed.") },
    "Disarm all",
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
        element("div", { class: "card-head" }, element("h2", {}, "Armed"), all),
        trouble,
        list,
      ),
      element(
        "div",
        { class: "card" },
        element("h2", {}, "Presets"),
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
    say(`Armed: ${armed.text}`);
  }

  async function attempt(deed) {
    try {
      await deed();
      trouble.textContent = "";
    } catch (error) {
      trouble.textContent = error.message;
    }
  }

  const change = (path, method, sentence) =>
    attempt(async () => {
      await control(path, undefined, method);
      await live.refreshRules();
      say(sentence);
    });

  // The list is renewed as rules fire, but a line stays where it is: somebody may be about to press its button.
  function showArmed() {
    const lines = new Map([...list.children].map((line) => [line.dataset.id, line]));
    all.hidden = live.armed.length === 0;
    const nothing = element("li", { class: "aside" }, "Nothing is armed: every answer is honest.");
    const wanted = live.armed.map((rule) => renewed(lines.get(rule.id) ?? armedLine(rule), rule));
    for (const line of [...list.children]) if (!wanted.includes(line)) line.remove();
    wanted.forEach(
      (line, place) => list.children[place] === line || list.insertBefore(line, list.children[place] ?? null),
    );
    if (!wanted.length) list.append(nothing);
  }

  function armedLine(rule) {
    const disarm = () => change(`faults/${rule.id}`, "DELETE", `Disarmed: ${rule.text}`);
    return element(
      "li",
      { "data-id": rule.id },
      element("code", {}, foreign(rule.text)),
      element("span", { class: "aside counts" }),
      element(
        "button",
        { type: "button", class: "small", onclick: disarm, "aria-label": `Disarm ${rule.text}` },
        "Disarm",
      ),
    );
  }

  function renewed(line, { fired, matched }) {
    const counts = line.querySelector(".counts");
    const text = `fired ${fired} of ${counted(matched, "request")}`;
    if (counts.textContent !== text) counts.textContent = text;
    return line;
  }

  live.addEventListener("rules", showArmed);
  showArmed();
  return { node, show: () => live.refreshRules(), hide() {} };
}
