// The list of offences: it can be searched, and explains the chosen offence in a sentence.

import { element } from "./dom.js";
import { counted } from "./format.js";

/** `{input, before, after}`: the list is the input; the search box goes before it, the sentence after it. */
export function offencePicker(offences) {
  const search = element("input", {
    type: "search",
    "aria-label": "Search offences",
    placeholder: "Search names and sentences",
    oninput: filter,
  });
  const input = element("select", { size: "9", class: "offences", onchange: explain });
  const sentence = element("p", { class: "sentence", "aria-live": "polite" });
  const count = element("p", { class: "hint" });

  function filter(event) {
    // Only a chosen offence changes the rule; the form need not know of the search.
    event?.stopPropagation();
    const words = search.value.toLowerCase().split(/\s+/);
    const matches = offences.filter(({ name, severity, sentence }) =>
      words.every((word) => `${name} ${severity} ${sentence}`.toLowerCase().includes(word)),
    );
    const chosen = input.value;
    const groups = Map.groupBy(matches, ({ severity }) => severity);
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
    count.textContent = `${matches.length} of ${counted(offences.length, "offence")}`;
    explain();
  }

  function explain() {
    const chosen = offences.find(({ name }) => name === input.value);
    sentence.textContent = chosen ? chosen.sentence : "Choose an offence to read what it does.";
  }

  filter();
  return { input, before: [search, count], after: [sentence] };
}
