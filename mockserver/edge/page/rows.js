// Rows that open: a button in the first cell, and a row below it that is made when first wanted.

import { element, freshId } from "./dom.js";

/** The two table rows of one thing: a cell a head, the first is the button; `detail()` gives what opens. */
export function openingRow(heads, cells, detail) {
  const id = freshId();
  const button = element(
    "button",
    { type: "button", class: "opener", "aria-expanded": "false", "aria-controls": id },
    cells[0],
  );
  const below = element("tr", { class: "detail", id, hidden: true }, element("td", { colspan: cells.length }));
  const row = element(
    "tr",
    { class: "row" },
    element("td", {}, button),
    ...cells.slice(1).map((cell, place) => element("td", { class: heads[place + 1][1] }, cell)),
  );

  function toggle() {
    const opens = below.hidden;
    if (opens && !below.firstChild.hasChildNodes()) below.firstChild.append(detail());
    below.hidden = !opens;
    button.setAttribute("aria-expanded", opens);
  }

  // The whole row is a target for a pointer, unless it selects text or means something else that can be clicked.
  row.addEventListener("click", (event) => {
    const isElsewhere = event.target.closest("a, button") && !button.contains(event.target);
    if (!isElsewhere && getSelection().isCollapsed) toggle();
  });
  return [row, below];
}

/** A table in a frame that scrolls by itself and can be reached by keyboard. */
export function table(caption, heads, body) {
  const head = element("tr", {}, ...heads.map(([text, kind]) => element("th", { scope: "col", class: kind }, text)));
  return element(
    "div",
    { class: "frame", role: "region", "aria-label": caption, tabindex: "0" },
    element("table", {}, element("caption", { class: "unseen" }, caption), element("thead", {}, head), body),
  );
}

/** Text that a log or a client chose: kept to itself, whichever way its letters run. */
export function foreign(text, kind = "") {
  return element("bdi", { class: `foreign ${kind}`, title: text }, ...breakable(text));
}

// Names and rules break at their dots, commas and colons rather than anywhere.
function breakable(text) {
  return text
    .split(/(?<=\.)(?=[a-z])|(?<=[,:&])(?=\w)/i)
    .flatMap((part, place) => (place ? [element("wbr"), part] : [part]));
}

/** A status or a result as a small coloured word. */
export function chip(text, tone) {
  return element("span", { class: `chip ${tone}` }, text);
}
