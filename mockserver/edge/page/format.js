// Values as people read them.

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});
const DAY = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "2-digit" });
const NUMBER = new Intl.NumberFormat();

/** A count with its thousands apart. */
export function number(value) {
  return NUMBER.format(value);
}

/** A count and its noun: `1 log`, `2 logs`. */
export function counted(count, noun) {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Milliseconds, as precise as they are worth. */
export function duration(milliseconds) {
  if (milliseconds === null) return "under way";
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`;
  return milliseconds >= 10 ? `${Math.round(milliseconds)} ms` : `${milliseconds.toFixed(1)} ms`;
}

/** The time of day of a moment (ms since 1970), in the browser's zone. */
export function clock(moment) {
  return CLOCK.format(moment);
}

/** The day of a moment. */
export function day(moment) {
  return DAY.format(moment);
}

/** Whether a value is a moment that a date can hold: a log may have anything there. */
export function isMoment(value) {
  return typeof value === "number" && !Number.isNaN(new Date(value).valueOf());
}

/** Any JSON value in one line of text; nothing for what is absent. */
export function plain(value) {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Which of the page's colours a status has; null is an exchange without a status line. */
export function tone(status) {
  if (status === null || status >= 500) return "bad";
  if (status >= 400) return "warn";
  return status >= 200 && status < 300 ? "good" : "";
}
