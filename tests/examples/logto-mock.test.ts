// Vitest with TypeScript: logto-mock.ts is the `globalSetup`, all workers share its server, and no test sleeps.
import { beforeEach, expect, test } from "vitest";
import { newTenant, type Tenant } from "./logto-mock";

let mock: Tenant;

beforeEach(async ({ task }) => {
  mock = await newTenant(task.name, { logs: "faker:count=50,seed=3" });
});

// The code under test: a client of machine-to-machine credentials, as an exporter has them.
async function fetchToken(): Promise<string> {
  const body = new URLSearchParams({ grant_type: "client_credentials", resource: "https://default.logto.app/api", scope: "all" });
  const headers = { Authorization: `Basic ${btoa("mock-app:mock-secret")}` };
  return (await (await fetch(`${mock.url}/oidc/token`, { method: "POST", headers, body })).json()).access_token;
}

function list(token = mock.token, query = ""): Promise<Response> {
  return fetch(`${mock.url}/api/logs${query}`, { headers: { Authorization: `Bearer ${token}` } });
}

test("a token expires", async () => {
  const token = await fetchToken();
  expect((await list(token)).status).toBe(200);
  await mock.advance(3600);
  expect((await list(token)).status).toBe(401);
  expect((await list(await fetchToken())).status).toBe(200);
});

test("the window of a rate limit passes", async () => {
  await mock.arm("rate_limit:limit=1,window=60");
  expect([(await list()).status, (await list()).status]).toEqual([200, 429]);
  await mock.advance(60);
  expect((await list()).status).toBe(200);
});

test("a list is empty", async () => {
  await mock.arm({ kind: "empty_list" });
  const response = await list();
  expect([await response.json(), response.headers.get("Total-Number")]).toEqual([[], "0"]);
});

test("a log is added, and the requests are verified", async () => {
  const added = await mock.add({ key: "SignIn.Password.Submit", payload: { userId: "u1" } });
  expect(await (await list(mock.token, "?userId=u1")).json()).toEqual([added]);
  await mock.verify({ path: "/api/logs", query: { userId: "u1", page: null }, status: 200, times: 1 });
  await expect(mock.verify({ query: { userId: "u2" } })).rejects.toThrow("Expected at least 1 request");
  expect((await mock.requests()).map((entry) => entry.query)).toEqual(["userId=u1"]);
});
