// Add a log: a field for every property in the contract, judged by the server, complaints beside the fields.

import { control } from "./control.js";
import { element, say } from "./dom.js";
import { complainBeside, field, select } from "./fields.js";
import { leaves, put, read } from "./schema.js";

const PAUSE = 250;

/** `added()` is called when a log has been added. */
export function logForm({ log: schema, filled }, added) {
  const fields = leaves(schema).map(fieldOf);
  const wrong = element("p", { class: "wrong", role: "alert" });
  const needed = fields.filter(({ leaf }) => leaf.required && !filled.includes(leaf.path));
  const rest = fields.filter((each) => !needed.includes(each));
  const nodes = (some) => element("div", { class: "fields" }, ...some.map((each) => each.node));
  const node = element("form", { class: "card stack", novalidate: true, onsubmit: submit, oninput: judgeSoon },
    element("h2", {}, "Add a log"),
    nodes(needed),
    element("details", {}, element("summary", {}, `${rest.length} further properties`), nodes(rest)),
    wrong,
    element("p", { class: "actions" }, element("button", { class: "primary" }, "Add")),
  );
  let timer = null;
  repeatKey();

  function fieldOf(leaf) {
    const { path, values, isJson, required } = leaf;
    const input = values ? select(values) : isJson ? element("textarea", { rows: "2", spellcheck: "false", placeholder: "JSON" }) : element("input", { type: "text", autocomplete: "off", spellcheck: "false" });
    const isFilled = filled.includes(path);
    return { leaf, ...field({ name: path, help: isFilled ? "filled in when empty" : leaf.limits, required: required && !isFilled }, input) };
  }

  // The key of a log stands in its payload again; whoever writes another one there means it.
  function repeatKey() {
    const [outer, inner] = ["key", "payload.key"].map((name) => fields.find((each) => each.name === name)?.input);
    let last = "";
    outer?.addEventListener("input", () => {
      if (inner?.value === last) inner.value = outer.value;
      last = outer.value;
    });
  }

  /** The log of the form; complains of what is no JSON and throws then. */
  function log() {
    const made = {};
    let isWhole = true;
    for (const { leaf, input, complain } of fields) {
      if (input.value === "") continue;
      const { value, trouble } = read(leaf, input.value);
      if (trouble) complain(trouble);
      isWhole &&= !trouble;
      put(made, leaf.path, value);
    }
    if (!isWhole) throw new Error("Not added: see the fields.");
    return made;
  }

  function judgeSoon(event) {
    // What was never touched is not complained of before the form is sent.
    fields.find((each) => each.input === event.target).isTouched = true;
    clearTimeout(timer);
    timer = setTimeout(() => judge((each) => each.isTouched).catch(() => {}), PAUSE);
  }

  /** Ask what the contract says, and put it beside the fields; whether it says nothing. */
  async function judge(concerns) {
    fields.forEach((each) => each.complain(""));
    const problems = await control("logs/problems", log());
    for (const { path, found, expected } of problems) {
      const sentence = `found ${found}, expected ${expected}`;
      complainBeside(fields.filter(concerns), path, sentence);
    }
    return problems.length === 0;
  }

  async function submit(event) {
    event.preventDefault();
    clearTimeout(timer);
    wrong.textContent = "";
    try {
      if (!(await judge(() => true))) throw new Error("Not added: see the fields.");
      const made = await control("logs", log());
      say(`Added ${made.id}.`);
      wrong.textContent = "";
      await added();
    } catch (error) {
      showRefusal(error);
    }
    fields.find(({ input }) => input.getAttribute("aria-invalid"))?.input.focus();
  }

  // `log.payload.key`: the place begins with what was sent.
  function showRefusal(error) {
    const place = error.data?.place?.replace(/^log\./, "");
    const isBeside = complainBeside(fields, place, error.message);
    wrong.textContent = isBeside ? "" : error.message;
    const hidden = fields.find(({ input }) => input.getAttribute("aria-invalid"))?.node.closest("details");
    if (hidden) hidden.open = true;
  }

  return node;
}
