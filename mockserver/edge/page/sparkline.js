// Draws the last minutes as two small charts: the slowest replies, and the number of requests and errors.

import { element, svgElement } from "./dom.js";
import { counted, duration } from "./format.js";

const MINUTES = 5;
const SLICES = 60;
const SLICE = (MINUTES * 60_000) / SLICES;
const HEIGHT = 32;
const STEP = 4;

/** Both charts of the entries of a journal, up to the time `now` (ms since 1970). */
export function sparklines(entries, now) {
  // Slices begin at fixed times, so a bar moves left without changing its height.
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
    figure("Slowest replies", slowest ? `up to ${duration(slowest)}` : "none", [
      ["bar", slices.map((slice) => slice.slowest / (slowest || 1))],
    ]),
    figure("Requests and errors", `${counted(recent.length, "request")}, ${counted(failed, "error")}`, [
      ["bar", slices.map((slice) => slice.all / busiest)],
      ["bar bad", slices.map((slice) => slice.failed / busiest)],
    ]),
  ];
}

function isFailed(status) {
  return status === null || status >= 400;
}

function figure(title, summary, series) {
  const chart = svgElement("svg", {
    viewBox: `0 0 ${SLICES * STEP} ${HEIGHT}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": `${title} in the last ${MINUTES} minutes: ${summary}`,
  });
  for (const [kind, shares] of series)
    chart.append(...shares.map((share, place) => bar(kind, share, place)).filter(Boolean));
  return element(
    "figure",
    {},
    element("figcaption", {}, title, " ", element("span", { class: "aside" }, summary)),
    chart,
  );
}

// A bar has a height of at least 1.5: one slow reply among thousands must be visible.
function bar(kind, share, place) {
  const height = share > 0 ? Math.max(1.5, share * HEIGHT) : 0;
  return height && svgElement("rect", { class: kind, x: place * STEP, y: HEIGHT - height, width: STEP - 1, height });
}
