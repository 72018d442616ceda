// A request as code to paste.

/** For a shell: single quotes hold everything but themselves. */
export function curl(url, headers = []) {
  const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  return ["curl -i", ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`), quoted(url)].join(" ");
}

/** For a browser or Node. */
export function fetchCode(url, headers = []) {
  const options = headers.length ? `, {\n  headers: ${JSON.stringify(Object.fromEntries(headers))},\n}` : "";
  return `const response = await fetch(${JSON.stringify(url)}${options});\nconst logs = await response.json();`;
}
