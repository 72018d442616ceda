// Writes a request as code that can be pasted.

/** For a shell. Inside single quotes, only the single quote needs escaping. */
export function curl(url, headers = []) {
  const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  return ["curl -i", ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`), quoted(url)].join(" ");
}

/** For a browser or Node. */
export function fetchCode(url, headers = []) {
  const options = headers.length ? `, {\n  headers: ${JSON.stringify(Object.fromEntries(headers))},\n}` : "";
  return `const response = await fetch(${JSON.stringify(url)}${options});\nconst logs = await response.json();`;
}
