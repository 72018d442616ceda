// What an opened row of the traffic shows: the request as code, the answer, and the headers of the request.

import { baseUrl } from "./api.js";
import { element } from "./dom.js";
import { headerList, requestCode } from "./reply.js";
import { targetOf } from "./traffic-filter.js";

// The headers that decide what the answer is.
const DECISIVE = ["authorization", "prefer", "mock-tenant", "if-none-match"];

/** The details of an entry of the journal. */
export function detail(entry) {
  const { method, headers, reply, status } = entry;
  const decisive = headers.filter(([name]) => DECISIVE.includes(name));
  const title = (text) => element("h2", { class: "label" }, text);
  return element(
    "div",
    { class: "stack" },
    title("Answer, with secrets masked"),
    status !== null && headerList(reply.headers),
    reply.body && element("pre", { tabindex: "0", "aria-label": "The body of the answer" }, pretty(reply.body)),
    element("p", { class: "hint" }, remark(entry)),
    requestCode({ url: baseUrl + targetOf(entry), headers: decisive, method, isRecorded: true }),
    title("Headers of the request, with secrets masked"),
    headerList(headers),
  );
}

function remark({ milliseconds, reply, status }) {
  if (milliseconds === null) return "In progress: the answer is not complete.";
  if (status === null) return "No status line was sent: the connection was closed or reset, or got what is not HTTP.";
  return reply.body ? "At most the first 4 kB of the body are kept." : "No body was sent.";
}

/** JSON with its lines indented; any other text, and JSON that was cut, as it is. */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
