// The form that adds a log: one field for each property in the contract. The server checks the values.

import { control } from "./control.js";
import { announce, element } from "./dom.js";
import { counted } from "./format.js";
import { field, select, showAll } from "./fields.js";
import { leaves, put, read } from "./schema.js";

const PAUSE = 250;
// What most people set, in this order, and its words; the other properties are folded.
const FIRST = {
  key: "Key",
  "payload.userId": "User",
  "payload.result": "Result",
  "payload.error": "Error",
  createdAt: "Time",
};

/** The form; `onAdded()` is called when a log has been added. */
export function logForm({ log: schema, filled }, onAdded) {
  const fields = leaves(schema).map(fieldOf);
  const wrong = element("p", { class: "wrong", role: "alert" });
  const first = Object.keys(FIRST).flatMap((path) => fields.find((field) => field.name === path) ?? []);
  const rest = fields.filter((field) => !first.includes(field));
  const nodes = (group) => element("div", { class: "fields" }, ...group.map(({ node }) => node));
  const node = element(
    "form",
    { class: "card stack", novalidate: true, onsubmit: submit, oninput: checkSoon },
    element("h2", {}, "Add a log"),
    nodes(first),
    element("details", {}, element("summary", {}, `More (${counted(rest.length, "field")})`), nodes(rest)),
    wrong,
    element("p", { class: "actions" }, element("button", { class: "primary" }, "Add")),
  );
  let timer = null;
  copyKey();

  function fieldOf(leaf) {
    const { path, types, values, isJson, required, limits } = leaf;
    const input = values
      ? select(values)
      : isJson
        ? element("textarea", { rows: "1", spellcheck: "false", placeholder: types.includes("string") ? "" : "JSON" })
        : element("input", { type: "text", autocomplete: "off", spellcheck: "false" });
    const isFilled = filled.includes(path);
    const label = FIRST[path];
    const help = [label && path !== "key" && path, limits, isFilled && "filled in when empty"].filter(Boolean);
    return { leaf, ...field({ name: path, label, help: help.join("; "), required: required && !isFilled }, input) };
  }

  // A log has its key in its payload, too. The field is copied until the user writes another key there.
  function copyKey() {
    const [outer, inner] = ["key", "payload.key"].map((name) => fields.find((field) => field.name === name)?.input);
    let last = "";
    outer?.addEventListener("input", () => {
      if (inner?.value === last) inner.value = outer.value;
      last = outer.value;
    });
  }

  /** The log that the fields describe, and the problems of fields that cannot be read. */
  function readFields() {
    const log = {};
    const problems = [];
    for (const { leaf, input } of fields.filter(({ input }) => input.value !== "")) {
      const { value, problem } = read(leaf, input.value);
      if (problem) problems.push(problem);
      else put(log, leaf.path, value);
    }
    return { log, problems };
  }

  function checkSoon(event) {
    fields.find(({ input }) => input === event.target).isTouched = true;
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE);
  }

  // Before the form is sent, only the fields that the user has touched show problems.
  async function check() {
    const { problems } = await checkedLog();
    showProblems(
      problems.filter(({ place }) => fields.some((field) => field.isTouched && field.name === nameOf(place))),
      false,
    );
  }

  /** The log that the fields describe, and all its problems. */
  async function checkedLog() {
    const { log, problems } = readFields();
    return { log, problems: [...problems, ...(await control("logs/trial", log)).problems] };
  }

  async function submit(event) {
    event.preventDefault();
    clearTimeout(timer);
    const { log, problems } = await checkedLog();
    showProblems(problems);
    if (problems.length) return;
    try {
      announce(`Added ${(await control("logs", log)).id}.`);
      await onAdded();
    } catch (error) {
      // Only the store knows these problems: an id that another log has, or the name of another tenant.
      showProblems([error.data]);
    }
  }

  const showProblems = (problems, focuses = true) => showAll(problems, fields, wrong, nameOf, focuses);

  return node;
}

// A place begins with `log`, such as `log.payload.key`.
function nameOf(place) {
  return place.replace(/^log\./, "");
}
