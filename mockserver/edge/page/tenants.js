// Which tenant this page looks at, and the way to another: each has its own address.

import { control } from "./control.js";
import { element } from "./dom.js";
import { counted } from "./format.js";

/** The address of the page of a tenant: in the path, which outranks a tenant in the host's name. */
export function pageOf(tenant) {
  return new URL(`/t/${tenant}/__admin/${location.hash}`, location.origin).href;
}

/** Go to the page of a tenant, made on first use; throws Refusal for a name that is none. */
export async function goTo(tenant) {
  await control(`/t/${encodeURIComponent(tenant)}/__admin/settings`);
  location.assign(pageOf(tenant));
}

/** The part of the head that says where one is. */
export async function tenantSwitch(settings) {
  const options = settings.tenants.map((name) => element("option", { selected: name === settings.tenant }, name));
  const choice = element("select", { id: "tenant", onchange: () => location.assign(pageOf(choice.value)) }, ...options);
  return element(
    "p",
    {},
    element("label", { for: "tenant" }, "Tenant"),
    choice,
    element("span", { class: "aside" }, `${counted(settings.count, "log")} · ${settings.profile}`),
  );
}
