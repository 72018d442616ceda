// Reads the Link header (RFC 8288). `read_links` on the server reads the same: one table of cases tests both.

const TARGET = /<([^<>]*)>/;
// RFC 8288, 3: a value is a token or a quoted string, which may hold commas. The pattern is anchored, and no two of its
// alternatives begin with the same character, so any header is read in linear time.
const PARAMETER = /^\s*;\s*([\w!#$&+.^`|~*-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"=<>]*)))?/;

/** The URL of each relation: `{first: URL, next: URL, ...}`. When a relation comes twice, the last one counts. */
export function readLinks(header, base) {
  const links = {};
  let rest = header ?? "";
  for (let target = TARGET.exec(rest); target; target = TARGET.exec(rest)) {
    const parameters = readParameters(rest.slice(target.index + target[0].length));
    rest = parameters.rest;
    if (!URL.canParse(target[1], base)) continue;
    for (const name of parameters.relations) links[name] = new URL(target[1], base);
  }
  return links;
}

/** The relations among the parameters at the beginning of a text, and the text behind the parameters. */
function readParameters(text) {
  let relations = null;
  for (let match = PARAMETER.exec(text); match; match = PARAMETER.exec(text)) {
    const [whole, name, quoted, token] = match;
    // RFC 8288, 3.3: when there are several `rel`, the first one counts.
    if (name.toLowerCase() === "rel") relations ??= (quoted ?? token ?? "").toLowerCase().match(/\S+/g) ?? [];
    text = text.slice(whole.length);
  }
  return { relations: relations ?? [], rest: text };
}
