// The public API, asked as any client asks it: faults show here as a client meets them.

/** Where this tenant's API is; the page lies one step below it. */
export const base = new URL("..", document.baseURI);

/** The address of the list for a query (URLSearchParams). */
export function listUrl(query) {
  const url = new URL("api/logs", base);
  url.search = query.toString();
  return url.href;
}

/** The address of one log. */
export function logUrl(id) {
  return new URL(`api/logs/${encodeURIComponent(id)}`, base).href;
}

/** The headers that carry a token. */
export function withToken(token) {
  return token ? [["Authorization", `Bearer ${token}`]] : [];
}

/**
 * Ask, and say whatever came: `{status, headers, text, milliseconds, broken}`. `status` is null where no answer came;
 * `broken` says how it ended too early, or is null.
 */
export async function ask(url, headers, signal) {
  const began = performance.now();
  const answer = { status: null, headers: new Headers(), text: "", milliseconds: 0, broken: null };
  try {
    const response = await fetch(url, { headers, signal, cache: "no-store" });
    answer.status = response.status;
    answer.headers = response.headers;
    await gather(response, answer);
  } catch (error) {
    if (signal.aborted) throw error;
    answer.broken =
      answer.status === null
        ? "No answer came: the connection was closed or reset, or what came was no HTTP."
        : `The connection broke within the body, after ${answer.text.length.toLocaleString()} characters.`;
  }
  answer.milliseconds = performance.now() - began;
  return answer;
}

// Piece by piece, so that what came before a break is not lost.
async function gather(response, answer) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader.read()) answer.text += piece.value;
}
