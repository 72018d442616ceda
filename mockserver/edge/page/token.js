// The question for the admin token.

import { element } from "./dom.js";

/** Ask until there is one; `again`: the last one was refused. */
export function askToken(again) {
  const input = element("input", {
    type: "password",
    id: "token",
    required: true,
    autocomplete: "off",
    spellcheck: "false",
  });
  const form = element(
    "form",
    { class: "stack" },
    element("h2", {}, "Admin token"),
    element(
      "p",
      {},
      again ? "This token was refused." : "This server was started with --admin-token, and wants it here.",
    ),
    element("label", { for: "token" }, "Token"),
    input,
    element("p", { class: "actions" }, element("button", { class: "primary" }, "Use it")),
  );
  const dialog = element("dialog", { "aria-label": "Admin token" }, form);
  // Without it there is nothing to see: whoever presses Escape is asked again.
  dialog.addEventListener("close", () => dialog.isConnected && dialog.showModal());
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      dialog.remove();
      resolve(input.value);
    });
  });
}
