// The buttons that turn pages. They follow the Link header, as a client does.

import { element } from "./dom.js";
import { readLinks } from "./links.js";
import { foreign } from "./rows.js";

const RELATIONS = { first: "First", prev: "Previous", next: "Next", last: "Last" };

/** The buttons, the position and any problem with the links; empty for a reply without a list. `go({page})` turns. */
export function pager(request, reply, go) {
  if (reply.status !== 200 || reply.broken) return [];
  const links = readLinks(reply.headers.get("Link"), request.url);
  if (!Object.keys(links).length)
    return [element("p", { class: "note" }, "Without a Link header, a client cannot find the other pages.")];
  const buttons = Object.entries(RELATIONS).map(([relation, label]) =>
    element(
      "button",
      { type: "button", rel: relation, disabled: !links[relation], onclick: () => go(pageOf(links[relation])) },
      label,
    ),
  );
  return [
    ...buttons,
    element("span", { class: "aside" }, position(request, links)),
    problemWith(links, request),
  ].filter(Boolean);
}

function pageOf(link) {
  return { page: link.searchParams.get("page") };
}

function position(request, links) {
  const page = new URL(request.url).searchParams.get("page") || "1";
  const last = links.last?.searchParams.get("page");
  return last ? `Page ${page} of ${last}` : `Page ${page}`;
}

// The links of a real deployment leave out /api. The console follows their query, and warns the author of a client.
function problemWith(links, request) {
  const { pathname } = new URL(request.url);
  const wrong = Object.values(links).find((link) => link.pathname !== pathname);
  return (
    wrong &&
    element("p", { class: "note" }, "Link points to ", foreign(wrong.pathname), `, but the list is at ${pathname}.`)
  );
}
