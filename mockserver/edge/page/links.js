// The Link header (RFC 8288), as a client reads it.

const LINK = /<([^>]*)>\s*((?:;\s*[\w*-]+(?:\s*=\s*(?:"[^"]*"|[^\s",;]*))?\s*)*)(?:,|$)/g;
const RELATION = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]*))/i;

/** The address of every relation: `{first: URL, next: URL, ...}`; empty for what does not read. */
export function readLinks(header, base) {
  const found = {};
  for (const [, target, parameters] of (header ?? "").matchAll(LINK)) {
    const relation = RELATION.exec(parameters);
    if (!relation || !URL.canParse(target, base)) continue;
    for (const name of (relation[1] ?? relation[2]).split(/\s+/)) found[name] ??= new URL(target, base);
  }
  return found;
}
