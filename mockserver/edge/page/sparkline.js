// The last minutes in two small drawings: how slow the slowest answers were, and how many failed.

import { drawn, element } from "./dom.js";
import { counted, duration } from "./format.js";

const MINUTES = 5;
const SLICES = 60;
const SLICE = (MINUTES * 60_000) / SLICES;
const HEIGHT = 32;
const STEP = 4;

/** Both drawings of the entries of a journal, up to the moment `now` (ms since 1970). */
export function sparklines(entries, now) {
  // Slices begin at fixed moments, so that bars move and do not change.
  const end = Math.ceil(now / SLICE) * SLICE;
  const recent = entries.filter((entry) => entry.time * 1000 > end - SLICES * SLICE);
  const slices = Array.from({ length: SLICES }, () => ({ all: 0, failed: 0, slowest: 0 }));
  for (const { time, status, milliseconds } of recent) {
    const slice = slices[Math.min(SLICES - 1, Math.floor((time * 1000 - end) / SLICE) + SLICES)];
    slice.all += 1;
    slice.failed += isFailed(status);
    slice.slowest = Math.max(slice.slowest, milliseconds ?? 0);
  }
  const failed = recent.filter(({ status }) => isFailed(status)).length;
  const slowest = Math.max(0, ...slices.map((slice) => slice.slowest));
  const busiest = Math.max(1, ...slices.map((slice) => slice.all));
  return [
    figure("Slowest answers", slowest ? `up to ${duration(slowest)}` : "none", [
      ["bar", slices.map((each) => each.slowest / (slowest || 1))],
    ]),
    figure("Requests and errors", `${counted(recent.length, "request")}, ${counted(failed, "error")}`, [
      ["bar", slices.map((each) => each.all / busiest)],
      ["bar bad", slices.map((each) => each.failed / busiest)],
    ]),
  ];
}

function isFailed(status) {
  return status === null || status >= 400;
}

function figure(title, words, series) {
  const drawing = drawn("svg", {
    viewBox: `0 0 ${SLICES * STEP} ${HEIGHT}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": `${title} in the last ${MINUTES} minutes: ${words}`,
  });
  for (const [kind, shares] of series)
    drawing.append(...shares.map((share, place) => bar(kind, share, place)).filter(Boolean));
  return element(
    "figure",
    {},
    element("figcaption", {}, title, " ", element("span", { class: "aside" }, words)),
    drawing,
  );
}

// At least a pixel: one slow answer among thousands is worth seeing.
function bar(kind, share, place) {
  const height = share > 0 ? Math.max(1.5, share * HEIGHT) : 0;
  return height && drawn("rect", { class: kind, x: place * STEP, y: HEIGHT - height, width: STEP - 1, height });
}
