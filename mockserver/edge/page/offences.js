// The picker of an offence: what it is called, how grave it is, and the sentence that says what it does.

import { element } from "./dom.js";
import { counted } from "./format.js";

/** `{input, before, after}`: the list itself is the input; the search stands before it, the sentence behind. */
export function offencePicker(offences) {
  const search = element("input", {
    type: "search",
    "aria-label": "Search offences",
    placeholder: "Search names and sentences",
    oninput: offer,
  });
  const input = element("select", { size: "9", class: "offences", onchange: tell });
  const sentence = element("p", { class: "sentence", "aria-live": "polite" });
  const amount = element("p", { class: "hint" });

  function offer(event) {
    // The list holds what is searched for, and is no value of the form until one is chosen.
    event?.stopPropagation();
    const words = search.value.toLowerCase().split(/\s+/);
    const found = offences.filter((each) =>
      words.every((word) => `${each.name} ${each.severity} ${each.sentence}`.toLowerCase().includes(word)),
    );
    const chosen = input.value;
    const groups = Map.groupBy(found, (each) => each.severity);
    input.replaceChildren(
      ...[...groups].map(([severity, members]) =>
        element(
          "optgroup",
          { label: severity },
          ...members.map(({ name }) => element("option", { value: name }, name)),
        ),
      ),
    );
    input.value = chosen;
    amount.textContent = `${counted(found.length, "offence")} of ${offences.length}`;
    tell();
  }

  function tell() {
    const chosen = offences.find((each) => each.name === input.value);
    sentence.textContent = chosen ? chosen.sentence : "Choose one to read what it does.";
  }

  offer();
  return { input, before: [search, amount], after: [sentence] };
}
