// Shows which tenant the console looks at, and opens others. Each tenant has its own address.

import { base } from "./api.js";
import { control } from "./control.js";
import { element } from "./dom.js";

/** The address of the console of a tenant. The tenant is in the path, which comes before a tenant in the host name. */
export function consoleOf(tenant) {
  return folderOf(tenant) + location.hash;
}

// A proxy may serve the mock below a prefix, which stands before the tenant in the path.
function folderOf(tenant) {
  const root = base.pathname.replace(/t\/[^/]*\/$/, "");
  return new URL(`${root}t/${tenant}/__admin/`, base).href;
}

/** Open the console of a tenant; it is made on first use. Throws Refusal for an invalid name. */
export async function openTenant(tenant) {
  await control(`${folderOf(encodeURIComponent(tenant))}settings`);
  location.assign(consoleOf(tenant));
}

/** The part of the page header that shows the tenant and lets the user choose another. */
export async function tenantSwitch(settings) {
  const options = settings.tenants.map((name) => element("option", { selected: name === settings.tenant }, name));
  const choice = element(
    "select",
    { id: "tenant", onchange: () => location.assign(consoleOf(choice.value)) },
    ...options,
  );
  return element(
    "p",
    {},
    element("label", { for: "tenant" }, "Tenant"),
    choice,
    element("span", { class: "aside" }, `Profile ${settings.profile}`),
  );
}
