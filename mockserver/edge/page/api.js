// The public API. The console uses it like any client, so faults look here as they look to a client.

/** The base URL of this tenant's API; the console is in the folder below it. */
export const base = new URL("..", document.baseURI);

/** The base URL as clients write it. */
export const baseUrl = base.href.replace(/\/$/, "");

/** The served OpenAPI document, as JSON or YAML: one for all tenants, so the tenant in the path is left out. */
export function documentUrl(ending) {
  return new URL(`${base.pathname.replace(/t\/[^/]+\/$/, "")}openapi.${ending}`, base).href;
}

/** The URL of the list of logs for a query (URLSearchParams). */
export function listUrl(query) {
  const url = new URL("api/logs", base);
  url.search = query.toString();
  return url.href;
}

/** The URL of one log. */
export function logUrl(id) {
  return new URL(`api/logs/${encodeURIComponent(id)}`, base).href;
}

/** The headers that carry a token; none for an empty token. */
export function tokenHeaders(token) {
  return token ? [["Authorization", `Bearer ${token}`]] : [];
}

/**
 * Send a GET request and return the reply: `{status, headers, text, milliseconds, broken}`. `status` is null when there
 * was no reply. `broken` says why the reply is not complete; otherwise it is null. Throws when `signal` is aborted.
 */
export async function get(url, headers, signal) {
  const start = performance.now();
  const reply = { status: null, headers: new Headers(), text: "", milliseconds: 0, broken: null };
  try {
    const response = await fetch(url, { headers, signal, cache: "no-store" });
    reply.status = response.status;
    reply.headers = response.headers;
    await readBody(response, reply);
  } catch (error) {
    if (signal.aborted) throw error;
    reply.broken =
      reply.status === null
        ? "No reply: the connection was closed or reset, the reply was not HTTP, or the mock is not running."
        : `The connection broke in the middle of the body, after ${reply.text.length.toLocaleString()} characters.`;
  }
  reply.milliseconds = performance.now() - start;
  return reply;
}

// The body is read in pieces, so that the part before a break is not lost.
async function readBody(response, reply) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader.read()) reply.text += piece.value;
}
