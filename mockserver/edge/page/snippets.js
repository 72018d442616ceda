// Writes a request as code that can be pasted. Where a request comes from the journal, `***` stands for a secret: there
// the code uses a variable, which its first line sets to the published token.

const MASK = "***";
const TOKEN = "dev-token";

/** For a shell. Inside single quotes, only the single quote needs escaping. */
export function curl(request) {
  const { url, headers, method = "GET" } = request;
  const isMasked = hidesSecret(request);
  const single = (text) => text && `'${text.replaceAll("'", `'\\''`)}'`;
  const word = (text) => (isMasked ? text.split(MASK).map(single).join('"$TOKEN"') : single(text));
  // Else curl gives brackets and braces a meaning of its own, and shortens paths with dots.
  const parts = [
    method === "HEAD" ? "curl -I" : "curl -i",
    !["GET", "HEAD"].includes(method) && `-X ${single(method)}`,
    /[[\]{}]/.test(url) && "-g",
    /\/\./.test(url) && "--path-as-is",
    ...headers.map(([name, value]) => `-H ${word(`${name}: ${value}`)}`),
    word(url),
  ];
  return (isMasked ? `TOKEN=${TOKEN}\n` : "") + parts.filter(Boolean).join(" ");
}

/** For a browser or Node. */
export function fetchCode(request) {
  const { url, headers, method = "GET" } = request;
  const isMasked = hidesSecret(request);
  const code = (value) => {
    const text = JSON.stringify(value);
    return isMasked ? text.replaceAll(MASK, '" + token + "').replaceAll(' + ""', "") : text;
  };
  const options = [
    method !== "GET" && `  method: ${code(method)},\n`,
    headers.length && `  headers: ${code(Object.fromEntries(headers))},\n`,
  ].filter(Boolean);
  const call = `const response = await fetch(${code(url)}${options.length ? `, {\n${options.join("")}}` : ""});`;
  return `${isMasked ? `const token = "${TOKEN}";\n` : ""}${call}\nconst logs = await response.json();`;
}

/** Whether a request comes from the journal, and a secret was masked in it. */
export function hidesSecret({ url, headers, isRecorded = false }) {
  return isRecorded && [url, ...headers.flat()].some((text) => text.includes(MASK));
}
