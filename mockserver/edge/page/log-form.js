// Add a log: a field for every property in the contract, judged by the server, complaints beside the fields.

import { control } from "./control.js";
import { element, say } from "./dom.js";
import { complain, field, select } from "./fields.js";
import { leaves, put, read } from "./schema.js";

const PAUSE = 250;

/** `added()` is called when a log has been added. */
export function logForm({ log: schema, filled }, added) {
  const fields = leaves(schema).map(fieldOf);
  const wrong = element("p", { class: "wrong", role: "alert" });
  const needed = fields.filter(({ leaf }) => leaf.required && !filled.includes(leaf.path));
  const rest = fields.filter((each) => !needed.includes(each));
  const nodes = (some) => element("div", { class: "fields" }, ...some.map((each) => each.node));
  const node = element(
    "form",
    { class: "card stack", novalidate: true, onsubmit: submit, oninput: judgeSoon },
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
    const input = values
      ? select(values)
      : isJson
        ? element("textarea", { rows: "2", spellcheck: "false", placeholder: "JSON" })
        : element("input", { type: "text", autocomplete: "off", spellcheck: "false" });
    const isFilled = filled.includes(path);
    return {
      leaf,
      ...field(
        { name: path, help: isFilled ? "filled in when empty" : leaf.limits, required: required && !isFilled },
        input,
      ),
    };
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

  /** What the fields say: the log, and the problems of those that cannot be read. */
  function log() {
    const made = {};
    const problems = [];
    for (const { leaf, input } of fields.filter((each) => each.input.value !== "")) {
      const { value, problem } = read(leaf, input.value);
      if (problem) problems.push(problem);
      else put(made, leaf.path, value);
    }
    return { made, problems };
  }

  function judgeSoon(event) {
    fields.find((each) => each.input === event.target).isTouched = true;
    clearTimeout(timer);
    timer = setTimeout(judge, PAUSE);
  }

  // What was never touched is not complained of before the form is sent.
  async function judge() {
    const { problems } = await judged();
    tell(
      problems.filter(({ place }) => fields.some((each) => each.isTouched && each.name === nameOf(place))),
      false,
    );
  }

  /** The log of the form, and all that is wrong with it. */
  async function judged() {
    const { made, problems } = log();
    return { made, problems: [...problems, ...(await control("logs/trial", made)).problems] };
  }

  async function submit(event) {
    event.preventDefault();
    clearTimeout(timer);
    const { made, problems } = await judged();
    tell(problems);
    if (problems.length) return;
    try {
      say(`Added ${(await control("logs", made)).id}.`);
      await added();
    } catch (error) {
      // What only the store knows: an id that is taken, another tenant's name.
      tell([error.data]);
    }
  }

  const tell = (problems, focuses = true) => complain(fields, wrong, problems, nameOf, focuses);

  return node;
}

// `log.payload.key`: the place begins with what was sent.
function nameOf(place) {
  return place.replace(/^log\./, "");
}
