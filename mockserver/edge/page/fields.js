// Form fields with their label, their help and, beside them, what is wrong with them.

import { element, freshId } from "./dom.js";

/** A field: `{node, name, input, complain(text)}`; an empty complaint takes the last one away. */
export function field({ name, label = name, help = "", required = false, wide = false }, input) {
  const id = freshId();
  const wrong = element("p", { class: "wrong", id: `${id}-wrong` });
  const hint = element("p", { class: "hint", id: `${id}-hint` }, help);
  input.id = id;
  input.name = name;
  input.setAttribute("aria-describedby", `${hint.id} ${wrong.id}`);
  // Not the bare attribute: what is missing is told by the server, in its words.
  if (required) input.setAttribute("aria-required", "true");
  const title = element(
    "label",
    { for: id },
    label,
    required && element("span", { class: "must", "aria-hidden": "true" }, " *"),
  );
  const node = element("div", { class: wide ? "field wide" : "field" }, title, input, help && hint, wrong);

  function complain(text) {
    wrong.textContent = text;
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  return { node, name, input, complain };
}

/** A drop-down of texts. */
export function select(values, chosen) {
  return element(
    "select",
    {},
    ...values.map((value) => element("option", { value, selected: value === chosen }, value)),
  );
}

/** A line of text with suggestions: `offer(values)` replaces them. */
export function suggesting(properties = {}) {
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

/** The input that a registered parameter asks for: its type, bounds and choices are the registry's. */
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

/** The help of a registered parameter, with its unit and bounds. */
export function helpOf({ help, unit, at_least: least, at_most: most }) {
  const bounds = [least !== null && `from ${least}`, most !== null && `to ${most}`].filter(Boolean).join(" ");
  return [help, [unit && `in ${unit}`, bounds].filter(Boolean).join(", ")].filter(Boolean).join("; ");
}

/**
 * Put each problem `{place, found, expected, remedy}` beside the field that it is about, and the others into `rest`.
 * `nameOf(place)` is the name of the field. The first that has one gets the focus, when `focuses`.
 */
export function complain(fields, rest, problems, nameOf, focuses = true) {
  fields.forEach((each) => each.complain(""));
  const elsewhere = [];
  for (const problem of problems) {
    const sentence = [
      problem.found && `found ${problem.found}`,
      problem.expected && `expected ${problem.expected}`,
      problem.remedy,
    ]
      .filter(Boolean)
      .join(", ");
    const concerned = fields.find((each) => each.name === nameOf(problem.place));
    // Of several problems of one field the first is the reason for the others.
    if (concerned && !concerned.input.hasAttribute("aria-invalid")) concerned.complain(sentence);
    else if (!concerned) elsewhere.push(`${problem.place}: ${sentence}`);
  }
  rest.textContent = elsewhere.join("; ");
  const first = focuses && fields.find(({ input }) => input.getAttribute("aria-invalid"));
  if (!first) return;
  const closed = first.node.closest("details");
  if (closed) closed.open = true;
  first.input.focus();
}
