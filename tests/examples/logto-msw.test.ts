// MSW beside the mock: handlers answer your other calls, and those for logs pass through to the mock.
import { http, HttpResponse, passthrough } from "msw";
import { setupServer } from "msw/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newTenant } from "./logto-mock";

const server = setupServer(
  // The mock's own address, so that faults and the control API stay real.
  http.all(`${process.env.LOGTO_MOCK_URL}/*`, () => passthrough()),
  http.get("https://shop.example.com/orders", () => HttpResponse.json([{ id: 1 }])),
);

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterAll(() => server.close());

test("orders come from MSW, logs and their failures from the mock", async () => {
  const mock = await newTenant("beside MSW");
  await mock.arm("reset:times=1");
  const logs = () => fetch(`${mock.url}/api/logs`, { headers: { Authorization: `Bearer ${mock.token}` } });
  expect(await (await fetch("https://shop.example.com/orders")).json()).toEqual([{ id: 1 }]);
  await expect(logs()).rejects.toThrow("fetch failed");
  expect(await (await logs()).json()).toHaveLength(20);
  await mock.verify({ path: "/api/logs", times: 2 });
  await expect(fetch("https://other.example.com/")).rejects.toThrow();
});
