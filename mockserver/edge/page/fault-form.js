// The form that arms a fault. The fields come from the server's list of kinds. Below them, the form shows the same rule
// as text, as a flag and as a header.

import { control } from "./control.js";
import { copyButton, element } from "./dom.js";
import { field, helpOf, inputFor, select, showAll } from "./fields.js";
import { offencePicker } from "./offences.js";

const PAUSE = 200;

/** The form; `arm(rule)` is called with a valid rule. */
export function faultForm({ kinds, conditions }, offences, arm) {
  const kind = select(kinds.map(({ kind }) => kind));
  const sentence = element("p", { class: "hint" });
  const kindFields = element("div", { class: "fields" });
  const conditionFields = conditions.map(fieldOf);
  const wrong = element("p", { class: "wrong", role: "alert" });
  const preview = element("div", { class: "printed", "aria-live": "off" });
  const node = element(
    "form",
    { class: "card stack", novalidate: true, onsubmit: submit, oninput: updatePreviewSoon },
    element("h2", {}, "Add a fault"),
    field({ name: "kind", label: "Kind" }, kind).node,
    sentence,
    kindFields,
    element(
      "details",
      {},
      element("summary", {}, "When it happens"),
      element("div", { class: "fields" }, ...conditionFields.map(({ node }) => node)),
    ),
    wrong,
    element("p", { class: "actions" }, element("button", { class: "primary" }, "Add")),
    preview,
  );
  let fields = [];
  let timer = null;

  function showKind() {
    const chosen = kinds.find((candidate) => candidate.kind === kind.value);
    const ownFields = chosen.parameters.map(fieldOf);
    fields = [...ownFields, ...conditionFields];
    sentence.textContent = chosen.sentence;
    kindFields.replaceChildren(...ownFields.map(({ node }) => node));
    showProblems([]);
    updatePreview();
  }

  // The parameter `offence` has many values, so it gets a list that can be searched.
  function fieldOf(parameter) {
    const { name, required } = parameter;
    if (name !== "offence") return field({ name, required, help: helpOf(parameter) }, inputFor(parameter));
    const picker = offencePicker(offences);
    const offence = field({ name, required, wide: true }, picker.input);
    picker.input.before(...picker.before);
    picker.input.after(...picker.after);
    return offence;
  }

  /** The rule as an object of the filled fields. A drop-down always has a value: its default counts as empty. */
  function rule() {
    const filled = fields.filter(
      ({ input }) =>
        input.value !== "" && !(input.tagName === "SELECT" && input.options[input.selectedIndex].defaultSelected),
    );
    return { kind: kind.value, ...Object.fromEntries(filled.map(({ name, input }) => [name, input.value])) };
  }

  function updatePreviewSoon() {
    clearTimeout(timer);
    timer = setTimeout(updatePreview, PAUSE);
  }

  async function updatePreview() {
    const { text } = await control("faults/trial", rule());
    // An unfinished rule shows nothing here. The button `Add` shows what is missing.
    preview.replaceChildren(...(text === null ? [] : notations(text)));
  }

  async function submit(event) {
    event.preventDefault();
    const { problems } = await control("faults/trial", rule());
    showProblems(problems);
    if (!problems.length) await arm(rule());
  }

  // A place is the kind and the field, such as `status: code`.
  const showProblems = (problems) => showAll(problems, fields, wrong, (place) => place.split(": ").at(-1));

  kind.addEventListener("change", showKind);
  showKind();
  return node;
}

function notations(text) {
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
