// Meets faults with two clients, the vendor's own and fetch, and prints what each of them saw as one JSON object:
// {client: {fault: what was returned or raised}}. Arguments: the mock's base URL; {fault: rule} as JSON; {fault: the
// seconds after which a client gives up} as JSON.
import { createManagementApi } from "@logto/api/management";

const [baseUrl, ...texts] = process.argv.slice(2);
const [rules, patience] = texts.map((text) => JSON.parse(text));

const CLIENTS = { "@logto/api": vendor, "fetch (Node)": plain };

async function vendor(base, signal) {
  const { apiClient } = createManagementApi("default", { clientId: "mock-app", clientSecret: "mock-secret", baseUrl: base });
  const { response, data, error } = await apiClient.GET("/api/logs", { signal });
  return error ? `returns error, status ${response.status}` : `returns ${data.length} logs`;
}

async function plain(base, signal) {
  const response = await fetch(`${base}/api/logs`, {
    headers: { Authorization: "Bearer dev-token" },
    signal,
  });
  const body = await response.json();
  return response.ok ? `returns ${body.length} logs` : `returns status ${response.status}`;
}

// What was raised, as one would write it in a catch clause: the name, and what fetch itself says with its cause.
function raised(error) {
  const told = error instanceof TypeError ? `: ${error.message} (cause ${error.cause.code})` : "";
  return `raises ${error.name}${told}`;
}

async function met(client, base, fault) {
  return client(base, AbortSignal.timeout(1000 * patience[fault])).catch(raised);
}

const seen = {};
for (const [name, client] of Object.entries(CLIENTS)) {
  seen[name] = {};
  for (const [number, [fault, rule]] of Object.entries(rules).entries()) {
    const base = `${baseUrl}/t/js${Object.keys(CLIENTS).indexOf(name)}-${number}`;
    const armed = await fetch(`${base}/__admin/faults`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ rule }),
    });
    if (!armed.ok) throw new Error(await armed.text());
    const first = await met(client, base, fault);
    const second = await met(client, base, fault);
    seen[name][fault] = second === first ? first : `${first}; then ${second}`;
  }
}
console.log(JSON.stringify(seen));
