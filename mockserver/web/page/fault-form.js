// The form of every kind of fault, made from the registry; and the same rule as text, as a flag and as a header.

import { control } from "./control.js";
import { copyButton, element } from "./dom.js";
import { complainBeside, field, helpOf, inputFor, select } from "./fields.js";
import { offencePicker } from "./offences.js";

const PAUSE = 200;

/** `arm(rule)` arms it, or throws what the form says beside its fields. */
export function faultForm({ kinds, conditions }, offences, arm) {
  const kind = select(kinds.map((each) => each.kind));
  const sentence = element("p", { class: "hint" });
  const own = element("div", { class: "fields" });
  const often = conditions.map(fieldOf);
  const wrong = element("p", { class: "wrong", role: "alert" });
  const printed = element("div", { class: "printed", "aria-live": "off" });
  const node = element("form", { class: "card stack", novalidate: true, onsubmit: submit, oninput: previewSoon },
    element("h2", {}, "Arm a fault"),
    field({ name: "kind", label: "Kind" }, kind).node,
    sentence,
    own,
    element("details", {}, element("summary", {}, "When it strikes"), element("div", { class: "fields" }, ...often.map((each) => each.node))),
    wrong,
    element("p", { class: "actions" }, element("button", { class: "primary" }, "Arm")),
    printed,
  );
  let fields = [];
  let timer = null;

  function showKind() {
    const { sentence: told, parameters } = kinds.find((each) => each.kind === kind.value);
    const made = parameters.map(fieldOf);
    fields = [...made, ...often];
    sentence.textContent = told;
    own.replaceChildren(...made.map((each) => each.node));
    complain(null);
    preview();
  }

  // One parameter names an entry of another registry: its input is the picker of that.
  function fieldOf(parameter) {
    const { name, required } = parameter;
    if (name !== "offence") return field({ name, required, help: helpOf(parameter) }, inputFor(parameter));
    const picker = offencePicker(offences);
    const made = field({ name, required, wide: true }, picker.input);
    picker.input.before(...picker.before);
    picker.input.after(...picker.after);
    return made;
  }

  /** The rule as fields; what is left empty is left out. A drop-down always has a value, and its default is no news. */
  function rule() {
    const given = fields.filter(({ input }) => input.value !== "" && !(input.tagName === "SELECT" && input.options[input.selectedIndex].defaultSelected));
    return { kind: kind.value, ...Object.fromEntries(given.map(({ name, input }) => [name, input.value])) };
  }

  function previewSoon() {
    clearTimeout(timer);
    timer = setTimeout(preview, PAUSE);
  }

  async function preview() {
    try {
      const { text } = await control("faults/read", rule());
      printed.replaceChildren(line("Rule", text), line("Flag", `--fault '${text.replaceAll("'", `'\\''`)}'`), line("Header", `Prefer: fault="${text.replace(/["\\]/g, "\\$&")}"`));
    } catch {
      // Not finished yet; whoever presses the button is told.
      printed.replaceChildren();
    }
  }

  async function submit(event) {
    event.preventDefault();
    complain(null);
    try {
      await arm(rule());
    } catch (error) {
      complain(error);
    }
  }

  function complain(error) {
    fields.forEach((each) => each.complain(""));
    wrong.textContent = "";
    if (!error) return;
    // `status: code`: the place is the kind, then the field.
    const { place = "", found, expected } = error.data;
    const name = place.split(": ").at(-1);
    if (!complainBeside(fields, name, `found ${found}, expected ${expected}`)) wrong.textContent = error.message;
    fields.find((each) => each.name === name)?.input.focus();
  }

  kind.addEventListener("change", showKind);
  showKind();
  return node;
}

function line(name, text) {
  return element("p", {}, element("span", { class: "aside" }, name), element("code", {}, text), copyButton("Copy", () => text));
}
