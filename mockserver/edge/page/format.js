// Formats values for people.

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});
const DAY = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "2-digit" });
const NUMBER = new Intl.NumberFormat();

/** A number with separators between thousands. */
export function number(value) {
  return NUMBER.format(value);
}

/** A number and its noun: `1 log`, `2 logs`. */
export function counted(count, noun) {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A time span, given in milliseconds: from 1 s on in seconds. Null is a request without a reply so far. */
export function duration(milliseconds) {
  if (milliseconds === null) return "in progress";
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`;
  return milliseconds >= 10 ? `${Math.round(milliseconds)} ms` : `${milliseconds.toFixed(1)} ms`;
}

/** The time of day of a timestamp (ms since 1970), in the browser's time zone. */
export function clock(timestamp) {
  return CLOCK.format(timestamp);
}

/** The time of day now, in hours, minutes and seconds. */
export function now() {
  return CLOCK.format(Date.now()).replace(/[.,]\d+$/, "");
}

/** The day of a timestamp. */
export function day(timestamp) {
  return DAY.format(timestamp);
}

/** Whether a value is a timestamp that Date can hold. A log may have any value there. */
export function isTimestamp(value) {
  return typeof value === "number" && !Number.isNaN(new Date(value).valueOf());
}

/** Any JSON value as text; undefined is the empty text. */
export function plain(value) {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The colour class of a status; null is an exchange without a status line. */
export function tone(status) {
  if (status === null || status >= 500) return "bad";
  if (status >= 400) return "warn";
  return status >= 200 && status < 300 ? "good" : "";
}
