// The filter of the traffic: by status, path and fault. The browser has all entries, so nothing is asked of the server.

import { element } from "./dom.js";
import { field, inputWithSuggestions } from "./fields.js";

const STATUSES = ["2xx", "3xx", "4xx", "5xx", "none"];

/** `{node, passes(entry), learn(entries)}`; `onChange()` is called when other entries pass. */
export function trafficFilter(onChange) {
  const status = inputWithSuggestions({ placeholder: "any" });
  const path = element("input", { type: "text", placeholder: "any", autocomplete: "off", spellcheck: "false" });
  const fault = inputWithSuggestions({ placeholder: "any" });
  const suggested = (label, { input, list }) => {
    const { node } = field({ name: label.toLowerCase(), label }, input);
    node.append(list);
    return node;
  };
  const node = element(
    "form",
    {
      class: "query",
      role: "search",
      "aria-label": "Filter the requests",
      oninput: onChange,
      onsubmit: (event) => event.preventDefault(),
    },
    suggested("Status", status),
    field({ name: "path", label: "Path" }, path).node,
    suggested("Fault", fault),
  );
  status.offer(STATUSES);

  // `4xx` and `40` mean what begins with 4 and with 40.
  function passes(entry) {
    const begins = status.input.value.trim().toLowerCase().replace(/x+$/, "");
    const holds = (texts, input) => texts.some((text) => text.toLowerCase().includes(input.value.trim().toLowerCase()));
    return (
      String(entry.status ?? "none").startsWith(begins) &&
      holds([targetOf(entry)], path) &&
      (fault.input.value.trim() === "" || holds(entry.faults, fault.input))
    );
  }

  const learn = (entries) => fault.offer([...new Set(entries.flatMap(({ faults }) => faults))]);

  return { node, passes, learn };
}

/** The path of an entry with its query, as it was sent behind the tenant's prefix. */
export function targetOf({ path, query }) {
  return query ? `${path}?${query}` : path;
}
