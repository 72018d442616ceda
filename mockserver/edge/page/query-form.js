// The query: one field for each documented parameter, so that a filter added to the contract is here by itself.

import { control } from "./control.js";
import { element } from "./dom.js";
import { field, select, suggesting } from "./fields.js";

// Sizes that a pager offers; the contract knows no maximum, and any number can be typed.
const SIZES = ["10", "20", "50", "100"];
const NO_TOKEN = "none";

/** `{node, filters, fill(query), token(), learn(logs)}`; `go(query)` is called when the form is sent. */
export function queryForm({ parameters, tokens }, go) {
  const inputs = Object.fromEntries(parameters.map((each) => [each.name, suggesting(propertiesOf(each))]));
  const filters = parameters.filter((each) => each.looks_at);
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
      element("button", { class: "primary" }, "Ask"),
      element("button", { type: "button", onclick: () => go(new URLSearchParams()) }, "Clear"),
    ),
  );
  token.addEventListener("change", () => node.requestSubmit());
  inputs.page_size?.offer(SIZES);
  control("suggestions").then((found) => Object.entries(found).forEach(([name, values]) => offer(name, values)));

  function fieldOf(each) {
    const made = field({ name: each.name, label: each.name }, inputs[each.name].input);
    made.input.title = each.description;
    made.node.classList.toggle("narrow", each.type !== "string");
    made.node.append(inputs[each.name].list);
    return made.node;
  }

  function offer(name, values) {
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
      filters.forEach((each) =>
        offer(
          each.name,
          logs.map((log) => filterValue(log, each)),
        ),
      ),
  };
}

/** What a filter compares in a log: the value at the path that the contract names, such as `payload.userId`. */
export function filterValue(log, { looks_at: path }) {
  return path.split(".").reduce((value, step) => value?.[step], log);
}

function propertiesOf({ type, default: usual }) {
  return type === "string" ? { placeholder: "any" } : { inputmode: "numeric", placeholder: usual };
}
