// The dialog that asks for the admin token.

import { element } from "./dom.js";

/** Ask for the token and return a promise of it; `isRetry` says that the last token was refused. */
export function askToken(isRetry) {
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
      isRetry ? "This token was refused." : "Enter the token that the server was started with (--admin-token).",
    ),
    element("label", { for: "token" }, "Token"),
    input,
    element("p", { class: "actions" }, element("button", { class: "primary" }, "Use this token")),
  );
  const dialog = element("dialog", { "aria-label": "Admin token" }, form);
  // Without the token there is nothing to see, so Escape opens the dialog again.
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
