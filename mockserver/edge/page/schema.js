// Turns the schema of a log into form fields: one for each text, number and choice; a deeper value is written as JSON.

/**
 * The fields, in the order of the contract: `{path, types, values, isJson, required, limits}`; `path` has dots. A
 * required object (the payload) has a field for each property; an optional object is one field.
 */
export function leaves(schema, above = []) {
  return Object.entries(schema.properties).flatMap(([name, inner]) => {
    const path = [...above, name];
    const required = (schema.required ?? []).includes(name);
    if (inner.properties && required) return leaves(inner, path);
    const types = inner.oneOf ? inner.oneOf.map(({ type }) => type) : [inner.type];
    return [
      {
        path: path.join("."),
        types,
        values: inner.enum,
        isJson: types.includes("object"),
        required,
        limits: limitsOf(inner, types),
      },
    ];
  });
}

function limitsOf({ minLength: least, maxLength: most }, types) {
  const length = [least !== undefined && `at least ${least}`, most !== undefined && `at most ${most}`]
    .filter(Boolean)
    .join(", ");
  return [types.join(" or "), length && `${length} characters`].filter(Boolean).join(", ");
}

/** The value of a field's text: `{value}`, or `{problem}` when it must be JSON and is not. */
export function read({ path, types, isJson }, text) {
  if (!isJson && !types.includes("number")) return { value: text };
  try {
    return { value: JSON.parse(text) };
  } catch {
    if (types.includes("string")) return { value: text };
    if (isJson) return { problem: { place: path, found: "no JSON", expected: types.join(" or ") } };
    // The only numbers of a log are times.
    const moment = Date.parse(text);
    if (!Number.isNaN(moment)) return { value: moment };
    return { problem: { place: path, found: "no time", expected: "milliseconds since 1970, or 2026-11-01T12:00:00Z" } };
  }
}

/** Set the value at a dotted path; missing objects on the way are made. */
export function put(object, path, value) {
  const steps = path.split(".");
  const last = steps.pop();
  const inner = steps.reduce((parent, step) => (parent[step] ??= {}), object);
  inner[last] = value;
}
