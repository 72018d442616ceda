// The form for a query. Its fields are the contract's parameters, so a new filter in the contract appears by itself.

import { control } from "./control.js";
import { element } from "./dom.js";
import { field, inputWithSuggestions, select } from "./fields.js";

// Suggested page sizes. The contract sets no maximum, and the user can type any number.
const SIZES = ["10", "20", "50", "100"];
const NO_TOKEN = "none";

/**
 * `{node, filters, fill(query), token(), learn(logs)}`: `fill` shows a query, and `learn` adds the values in some logs
 * to the suggestions. `go(query)` is called when the form is sent.
 */
export function queryForm({ parameters, tokens }, go) {
  const inputs = Object.fromEntries(
    parameters.map((parameter) => [parameter.name, inputWithSuggestions(propertiesOf(parameter))]),
  );
  const filters = parameters.filter(({ looks_at: path }) => path);
  const known = Object.fromEntries(filters.map(({ name }) => [name, new Set()]));
  const token = select([...Object.keys(tokens), NO_TOKEN]);
  const node = element(
    "form",
    { class: "query", role: "search", "aria-label": "Query", onsubmit: submit },
    ...parameters.map(fieldOf),
    field({ name: "token", label: "Token" }, token).node,
    element(
      "p",
      { class: "actions" },
      element("button", { class: "primary" }, "Send"),
      element("button", { type: "button", onclick: () => go(new URLSearchParams()) }, "Clear"),
    ),
  );
  token.addEventListener("change", () => node.requestSubmit());
  inputs.page_size?.offer(SIZES);
  control("suggestions").then((values) => Object.entries(values).forEach((entry) => suggest(...entry)));

  function fieldOf({ name, description, type }) {
    const { node, input } = field({ name }, inputs[name].input);
    input.title = description;
    node.classList.toggle("narrow", type !== "string");
    node.append(inputs[name].list);
    return node;
  }

  function suggest(name, values) {
    for (const value of values) if (typeof value === "string") known[name]?.add(value);
    inputs[name]?.offer([...known[name]]);
  }

  function submit(event) {
    event.preventDefault();
    const query = new URLSearchParams();
    for (const [name, { input }] of Object.entries(inputs)) if (input.value !== "") query.set(name, input.value);
    go(query);
  }

  return {
    node,
    filters,
    token: () => (token.value === NO_TOKEN ? "" : token.value),
    fill: (query) => Object.entries(inputs).forEach(([name, { input }]) => (input.value = query.get(name) ?? "")),
    learn: (logs) =>
      filters.forEach((filter) =>
        suggest(
          filter.name,
          logs.map((log) => filterValue(log, filter)),
        ),
      ),
  };
}

/** The value in a log that a filter compares. The contract names its path, such as `payload.userId`. */
export function filterValue(log, { looks_at: path }) {
  return path.split(".").reduce((value, step) => value?.[step], log);
}

function propertiesOf({ type, default: placeholder }) {
  return type === "string" ? { placeholder: "any" } : { inputmode: "numeric", placeholder };
}
