// Form fields: label, input, help, and the problem with the value.

import { element, freshId } from "./dom.js";

/** A field: `{node, name, input, showProblem(text)}`; an empty text removes the problem. */
export function field({ name, label = name, help = "", required = false, wide = false }, input) {
  const id = freshId();
  const wrong = element("p", { class: "wrong", id: `${id}-wrong` });
  const hint = element("p", { class: "hint", id: `${id}-hint` }, help);
  input.id = id;
  input.name = name;
  input.setAttribute("aria-describedby", `${hint.id} ${wrong.id}`);
  // Not `required`: the browser would stop the form, and the server explains better what is missing.
  if (required) input.setAttribute("aria-required", "true");
  const caption = element(
    "label",
    { for: id },
    label,
    required && element("span", { class: "must", "aria-hidden": "true" }, " *"),
  );
  const node = element("div", { class: wide ? "field wide" : "field" }, caption, input, help && hint, wrong);

  function showProblem(text) {
    wrong.textContent = text;
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  return { node, name, input, showProblem };
}

/** A drop-down list of texts. */
export function select(values, chosen) {
  return element(
    "select",
    {},
    ...values.map((value) => element("option", { value, selected: value === chosen }, value)),
  );
}

/** A text input with suggestions: `{input, list, offer(values)}`; `offer` replaces the suggestions. */
export function inputWithSuggestions(properties = {}) {
  const list = element("datalist", { id: freshId() });
  const input = element("input", {
    type: "text",
    list: list.id,
    autocomplete: "off",
    spellcheck: "false",
    ...properties,
  });
  return {
    input,
    list,
    offer: (values) => list.replaceChildren(...values.map((value) => element("option", { value }))),
  };
}

/** The input for a parameter of a fault, with the type, bounds and choices that the server lists for it. */
export function inputFor(parameter) {
  if (parameter.choices.length) return select(parameter.choices, parameter.default);
  const isNumber = parameter.type !== "str";
  return element("input", {
    type: isNumber ? "number" : "text",
    step: parameter.type === "int" ? "1" : isNumber && "any",
    min: parameter.at_least,
    max: parameter.at_most,
    placeholder: parameter.default,
    autocomplete: "off",
    spellcheck: "false",
  });
}

/** The help for a parameter of a fault, with its unit and bounds. */
export function helpOf({ help, unit, at_least: least, at_most: most }) {
  const bounds = [least !== null && `from ${least}`, most !== null && `to ${most}`].filter(Boolean).join(" ");
  return [help, [unit && `in ${unit}`, bounds].filter(Boolean).join(", ")].filter(Boolean).join("; ");
}

/**
 * Show each problem `{place, found, expected, remedy}` beside its field, and the problems without a field in `rest`.
 * `nameOf(place)` is the name of the field. With `focuses`, the first field that has a problem gets the focus.
 */
export function showAll(problems, fields, rest, nameOf, focuses = true) {
  fields.forEach((field) => field.showProblem(""));
  const elsewhere = [];
  for (const problem of problems) {
    const sentence = [
      problem.found && `found ${problem.found}`,
      problem.expected && `expected ${problem.expected}`,
      problem.remedy,
    ]
      .filter(Boolean)
      .join(", ");
    const target = fields.find((field) => field.name === nameOf(problem.place));
    // The first problem of a field usually causes the others, so only the first is shown.
    if (target && !target.input.hasAttribute("aria-invalid")) target.showProblem(sentence);
    else if (!target) elsewhere.push(`${problem.place}: ${sentence}`);
  }
  rest.textContent = elsewhere.join("; ");
  const first = focuses && fields.find(({ input }) => input.getAttribute("aria-invalid"));
  if (!first) return;
  const details = first.node.closest("details");
  if (details) details.open = true;
  first.input.focus();
}
