// The pager, driven by what a client gets: Link says where the pages are, Total-Number how many logs they hold.

import { element } from "./dom.js";
import { readLinks } from "./links.js";
import { foreign } from "./rows.js";

const RELATIONS = { first: "First", prev: "Previous", next: "Next", last: "Last" };

/** The buttons and what they know; `go(values)` asks for the page that a link names. Empty where no list came. */
export function pager(request, answer, go) {
  if (answer.status !== 200 || answer.broken) return [];
  const links = readLinks(answer.headers.get("Link"), request.url);
  if (!Object.keys(links).length) return [element("p", { class: "note" }, "No Link came: a client cannot page.")];
  const buttons = Object.entries(RELATIONS).map(([relation, label]) =>
    element(
      "button",
      { type: "button", rel: relation, disabled: !links[relation], onclick: () => go(pageOf(links[relation])) },
      label,
    ),
  );
  return [...buttons, element("span", { class: "aside" }, position(request, links)), astray(request, links)].filter(
    Boolean,
  );
}

function pageOf(link) {
  return { page: link.searchParams.get("page") };
}

function position(request, links) {
  const page = new URL(request.url).searchParams.get("page") || "1";
  const last = links.last?.searchParams.get("page");
  return last ? `Page ${page} of ${last}` : `Page ${page}`;
}

// A real deployment links beside its API; the query is followed all the same, and whoever writes a client is told.
function astray(request, links) {
  const wrong = Object.values(links).find((link) => link.pathname !== new URL(request.url).pathname);
  return (
    wrong &&
    element("p", { class: "note" }, "Link leads to ", foreign(wrong.pathname), ", which is not where the list is.")
  );
}
