// The form of every kind of fault, made from the registry; and the same rule as text, as a flag and as a header.

import { control } from "./control.js";
import { copyButton, element } from "./dom.js";
import { complain, field, helpOf, inputFor, select } from "./fields.js";
import { offencePicker } from "./offences.js";

const PAUSE = 200;

/** `arm(rule)` is called with a rule in which nothing is wrong. */
export function faultForm({ kinds, conditions }, offences, arm) {
  const kind = select(kinds.map((each) => each.kind));
  const sentence = element("p", { class: "hint" });
  const own = element("div", { class: "fields" });
  const often = conditions.map(fieldOf);
  const wrong = element("p", { class: "wrong", role: "alert" });
  const printed = element("div", { class: "printed", "aria-live": "off" });
  const node = element(
    "form",
    { class: "card stack", novalidate: true, onsubmit: submit, oninput: previewSoon },
    element("h2", {}, "Arm a fault"),
    field({ name: "kind", label: "Kind" }, kind).node,
    sentence,
    own,
    element(
      "details",
      {},
      element("summary", {}, "When it strikes"),
      element("div", { class: "fields" }, ...often.map((each) => each.node)),
    ),
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
    tell([]);
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
    const given = fields.filter(
      ({ input }) =>
        input.value !== "" && !(input.tagName === "SELECT" && input.options[input.selectedIndex].defaultSelected),
    );
    return { kind: kind.value, ...Object.fromEntries(given.map(({ name, input }) => [name, input.value])) };
  }

  function previewSoon() {
    clearTimeout(timer);
    timer = setTimeout(preview, PAUSE);
  }

  async function preview() {
    const { text } = await control("faults/trial", rule());
    // Nothing while it is not finished; whoever presses the button is told what is missing.
    printed.replaceChildren(...(text === null ? [] : spellings(text)));
  }

  async function submit(event) {
    event.preventDefault();
    const { problems } = await control("faults/trial", rule());
    tell(problems);
    if (!problems.length) await arm(rule());
  }

  // `status: code`: the place is the kind, then the field.
  const tell = (problems) => complain(fields, wrong, problems, (place) => place.split(": ").at(-1));

  kind.addEventListener("change", showKind);
  showKind();
  return node;
}

function spellings(text) {
  return [
    line("Rule", text),
    line("Flag", `--fault '${text.replaceAll("'", `'\\''`)}'`),
    line("Header", `Prefer: fault="${text.replace(/["\\]/g, "\\$&")}"`),
  ];
}

function line(name, text) {
  return element(
    "p",
    {},
    element("span", { class: "aside" }, name),
    element("code", {}, text),
    copyButton("Copy", () => text),
  );
}
