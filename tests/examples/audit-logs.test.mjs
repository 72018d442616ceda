// Tests in JavaScript, with Vitest: `npx vitest run`. The mock is started once; each test has a tenant of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";

// The code under test: the newest page of logs, asked for again when that may help.
async function loadLogs(endpoint, token, tries = 3) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(`${endpoint}/api/logs?page_size=5`, { headers: { Authorization: `Bearer ${token}` } });
      if (response.status === 403) return { denied: true };
      if (!response.ok) throw new Error(`Logto answered ${response.status}`);
      return { total: Number(response.headers.get("Total-Number")), logs: await response.json() };
    } catch (error) {
      if (attempt === tries) throw error;
    }
  }
}

let server, base;

beforeAll(async () => {
  server = spawn("mockserver", ["serve", "--port", "0", "--logs", "seeded"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: server.stdout }), "line");
  base = line.match(/http:\S+(?=\/api\/logs)/)[0];
});

afterAll(async () => {
  server.kill();
  await once(server, "exit");
});

// The base URL of a tenant, with these faults armed in it.
async function tenant(name, ...faults) {
  for (const rule of faults) {
    const headers = { "Content-Type": "application/json" };
    const armed = { method: "POST", headers, body: JSON.stringify({ rule }) };
    expect((await fetch(`${base}/t/${name}/__admin/faults`, armed)).status).toBe(201);
  }
  return `${base}/t/${name}`;
}

test("the newest logs come first, with their number", async () => {
  const { total, logs } = await loadLogs(await tenant("plain"), "dev-token");
  expect(logs).toHaveLength(5);
  expect(total).toBeGreaterThan(5);
  expect(logs[0].createdAt).toBeGreaterThanOrEqual(logs[4].createdAt);
});

for (const fault of ["status:code=503", "reset", "truncate:bytes=100", "malformed_json"]) {
  test(`two times ${fault} is survived`, async () => {
    const rule = fault + (fault.includes(":") ? "," : ":") + "times=2";
    const { logs } = await loadLogs(await tenant(fault.replace(/[^a-z]+/g, "-"), rule), "dev-token");
    expect(logs).toHaveLength(5);
  });
}

test("without permission there is a screen that says so", async () => {
  expect(await loadLogs(await tenant("denied"), "forbidden-token")).toEqual({ denied: true });
});

test("an error that remains is shown", async () => {
  await expect(loadLogs(await tenant("broken", "status:code=500"), "dev-token")).rejects.toThrow("Logto answered 500");
});
