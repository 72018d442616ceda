// The schema of a log as the fields of a form: texts, numbers and choices one by one, everything deeper as JSON.

// Objects are taken apart where they are required (payload); an optional one is rarely wanted, and then as a whole.
/** The leaves, in the document's order: `{path, type, values, isJson, required, limits}`; `path` is dotted. */
export function leaves(schema, above = []) {
  return Object.entries(schema.properties).flatMap(([name, inner]) => {
    const path = [...above, name];
    const required = (schema.required ?? []).includes(name);
    if (inner.properties && required) return leaves(inner, path);
    const types = inner.oneOf ? inner.oneOf.map((each) => each.type) : [inner.type];
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

/** What the text in a leaf's field means: `{value}`, or `{problem}` where it is no JSON and no text will do. */
export function read({ path, types, isJson }, text) {
  if (!isJson && !types.includes("number")) return { value: text };
  try {
    return { value: JSON.parse(text) };
  } catch {
    if (types.includes("string")) return { value: text };
    return { problem: { place: path, found: isJson ? "no JSON" : "no number", expected: types.join(" or ") } };
  }
}

/** Set the value at a dotted path, objects made on the way. */
export function put(object, path, value) {
  const steps = path.split(".");
  const last = steps.pop();
  const inner = steps.reduce((each, step) => (each[step] ??= {}), object);
  inner[last] = value;
}
