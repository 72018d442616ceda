// Shows one log as a row, and opens its JSON below. A log may break the contract: any property may be missing or wrong.

import { logUrl } from "./api.js";
import { copyButton, element } from "./dom.js";
import { clock, day, isTimestamp, plain } from "./format.js";
import { filterValue } from "./query-form.js";
import { chip, foreign, openingRow } from "./rows.js";
import { curl } from "./snippets.js";

export const LOG_HEADS = [["Event"], ["Result"], ["User", "second"], ["Application", "second"], ["Time"]];

// A long value is cut in its cell. The JSON below shows all of it.
const LONGEST = 200;

/** The rows of one log. `filters` are those of the contract; `narrow({name: value})` shows the logs with that value. */
export function logRows(log, request, filters, narrow) {
  const payload = log?.payload;
  const result = plain(payload?.result);
  const cells = [
    cell(log?.key, "mono"),
    chip(short(result), result === "Success" ? "good" : "bad"),
    cell(payload?.userId, "mono"),
    cell(payload?.applicationId, "mono"),
    isTimestamp(log?.createdAt) ? time(log.createdAt) : cell(log?.createdAt, "mono"),
  ];
  return openingRow(LOG_HEADS, cells, () => detail(log, request, filters, narrow));
}

function time(timestamp) {
  const date = new Date(timestamp).toISOString();
  return element(
    "time",
    { class: "mono", datetime: date, title: date },
    element("span", { class: "second" }, `${day(timestamp)} `),
    clock(timestamp),
  );
}

function cell(value, kind) {
  return value === undefined ? element("span", { class: "aside" }, "–") : foreign(short(plain(value)), kind);
}

function short(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function detail(log, request, filters, narrow) {
  const text = JSON.stringify(log, null, 2);
  const id = log?.id;
  const usable = filters.filter((filter) => typeof filterValue(log, filter) === "string");
  return element(
    "div",
    { class: "stack" },
    element(
      "p",
      { class: "actions" },
      copyButton("Copy JSON", () => text),
      typeof id === "string" && copyButton("Copy curl of this log", () => curl({ ...request, url: logUrl(id) })),
      ...usable.map((filter) =>
        element(
          "button",
          { type: "button", class: "small", onclick: () => narrow({ [filter.name]: filterValue(log, filter) }) },
          `Only this ${filter.name}`,
        ),
      ),
    ),
    element("pre", { class: "raw", tabindex: "0", "aria-label": "The raw log" }, text),
  );
}
