// One log as a row, and the whole of it below. A log may break the contract in any way: nothing is taken for granted.

import { logUrl } from "./api.js";
import { copyButton, element } from "./dom.js";
import { clock, day, isMoment, plain } from "./format.js";
import { filterValue } from "./query-form.js";
import { chip, foreign, openingRow } from "./rows.js";
import { curl } from "./snippets.js";

export const LOG_HEADS = [["Event"], ["Result"], ["User", "second"], ["Application", "second"], ["Time"]];

// A field of megabytes is cut in its cell; the whole is below.
const LONGEST = 200;

/** The rows of one log; `filters` are those of the contract, and `narrow({name: value})` asks for the logs that share a value with it. */
export function logRows(log, request, filters, narrow) {
  const payload = log?.payload;
  const result = plain(payload?.result);
  const cells = [
    cell(log?.key, "mono"),
    chip(short(result), result === "Success" ? "good" : "bad"),
    cell(payload?.userId, "mono"),
    cell(payload?.applicationId, "mono"),
    isMoment(log?.createdAt) ? time(log.createdAt) : cell(log?.createdAt, "mono"),
  ];
  return openingRow(LOG_HEADS, cells, () => detail(log, request, filters, narrow));
}

function time(moment) {
  const date = new Date(moment).toISOString();
  return element(
    "time",
    { class: "mono", datetime: date, title: date },
    element("span", { class: "second" }, `${day(moment)} `),
    clock(moment),
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
  const shared = filters.filter((each) => typeof filterValue(log, each) === "string");
  return element(
    "div",
    { class: "stack" },
    element(
      "p",
      { class: "actions" },
      copyButton("Copy JSON", () => text),
      typeof id === "string" && copyButton("Copy curl of this log", () => curl(logUrl(id), request.headers)),
      ...shared.map((each) =>
        element(
          "button",
          { type: "button", class: "small", onclick: () => narrow({ [each.name]: filterValue(log, each) }) },
          `Only this ${each.name}`,
        ),
      ),
    ),
    element("pre", { class: "raw", tabindex: "0", "aria-label": "The raw log" }, text),
  );
}
