// Table rows that open: a button in the first cell shows a second row with the details.

import { element, freshId } from "./dom.js";

/** The two table rows of one entry. The first cell is the button; `detail()` makes the details, on first use. */
export function openingRow(heads, cells, detail) {
  const id = freshId();
  const button = element(
    "button",
    { type: "button", class: "opener", "aria-expanded": "false", "aria-controls": id },
    cells[0],
  );
  const details = element(
    "tr",
    { class: "detail", id, hidden: true, role: "row" },
    element("td", { colspan: cells.length, role: "cell" }),
  );
  const row = element(
    "tr",
    { class: "row", role: "row" },
    element("td", { role: "cell" }, button),
    ...cells.slice(1).map((cell, place) => element("td", { role: "cell", class: heads[place + 1][1] }, cell)),
  );

  function toggle() {
    const opens = details.hidden;
    if (opens && !details.firstChild.hasChildNodes()) details.firstChild.append(detail());
    details.hidden = !opens;
    button.setAttribute("aria-expanded", opens);
  }

  // A click anywhere in the row opens it, but not a click on a link or another button, and not the end of a selection.
  row.addEventListener("click", (event) => {
    const isElsewhere = event.target.closest("a, button") && !button.contains(event.target);
    if (!isElsewhere && getSelection().isCollapsed) toggle();
  });
  return [row, details];
}

/**
 * A table in a frame that scrolls. The keyboard can reach the frame. The roles are written out, because a phone shows a
 * row in two lines, and browsers forget the role of a cell that is laid out as something else.
 */
export function table(caption, heads, body) {
  const titles = heads.map(([text, kind]) => element("th", { scope: "col", role: "columnheader", class: kind }, text));
  const head = element("tr", { role: "row" }, ...titles);
  body.role = "rowgroup";
  return element(
    "div",
    { class: "frame", role: "region", "aria-label": caption, tabindex: "0" },
    element(
      "table",
      { role: "table" },
      element("caption", { class: "unseen" }, caption),
      element("thead", { role: "rowgroup" }, head),
      body,
    ),
  );
}

/** Text from a log or a client. It is isolated, so that text from right to left changes nothing around it. */
export function foreign(text, kind = "") {
  return element("bdi", { class: `foreign ${kind}`, title: text }, ...breakable(text));
}

// Names and rules break at dots, commas and colons.
function breakable(text) {
  return text
    .split(/(?<=\.)(?=[a-z])|(?<=[,:&])(?=\w)/i)
    .flatMap((part, place) => (place ? [element("wbr"), part] : [part]));
}

/** A small coloured label, for a status or a result. */
export function chip(text, tone) {
  return element("span", { class: `chip ${tone}` }, text);
}
