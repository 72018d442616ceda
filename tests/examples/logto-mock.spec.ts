// Playwright: a fixture with a tenant for each test, named by a header; after a failure the report has what was asked.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test as base, expect } from "@playwright/test";
import { newTenant, type Tenant } from "./logto-mock";

const test = base.extend<{ mock: Tenant }>({
  mock: async ({ context, page }, use, testInfo) => {
    const mock = await newTenant(testInfo.title, { logs: "faker:count=50,seed=3" });
    // The page asks the mock without knowing of tenants.
    await context.setExtraHTTPHeaders({ "Mock-Tenant": mock.name });
    const lines: string[] = [];
    page.on("console", (message) => lines.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => lines.push(`error: ${error.message}`));
    await use(mock);
    if (testInfo.status === testInfo.expectedStatus) return;
    await testInfo.attach("browser console", { body: lines.join("\n"), contentType: "text/plain" });
    const requests = JSON.stringify(await mock.requests(), null, 2);
    await testInfo.attach("requests to the mock", { body: requests, contentType: "application/json" });
  },
  // The page under test. Yours comes from your own server: `webServer` in the configuration.
  baseURL: async ({}, use, testInfo) => {
    const html = await readFile(`${testInfo.project.testDir}/frontend/index.html`);
    const site = createServer((_, response) => response.end(html)).listen(0, "127.0.0.1");
    await once(site, "listening");
    await use(`http://127.0.0.1:${(site.address() as AddressInfo).port}`);
    site.close();
  },
});

const screen = (token = "dev-token") => `/?api=${process.env.LOGTO_MOCK_URL}&token=${token}`;

test("an expired session is told", async ({ page, mock }) => {
  const form = { grant_type: "client_credentials", client_id: "mock-app", client_secret: "mock-secret",
    resource: "https://default.logto.app/api", scope: "all" };
  const token = (await (await page.request.post(`${process.env.LOGTO_MOCK_URL}/oidc/token`, { form })).json()).access_token;
  await page.goto(screen(token));
  await expect(page.getByRole("status")).toHaveText("20 of 50 logs");
  await mock.advance(3600);
  await page.reload();
  await expect(page.getByRole("status")).toContainText("could not be loaded (401");
});

test("a screen recovers when the window of a rate limit has passed", async ({ page, mock }) => {
  await mock.arm("rate_limit:limit=0,window=60,times=1");
  await page.goto(screen());
  await expect(page.getByRole("status")).toContainText("could not be loaded (429");
  await mock.advance(60);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("status")).toHaveText("20 of 50 logs");
});

test("an empty list has a screen of its own", async ({ page, mock }) => {
  await mock.arm({ kind: "empty_list" });
  await page.goto(screen());
  await expect(page.getByRole("status")).toHaveText("0 of 0 logs");
});

test("the page asks once", async ({ page, mock }) => {
  await page.goto(screen());
  await expect(page.getByRole("row")).toHaveCount(21);
  await mock.verify({ method: "GET", path: "/api/logs", status: 200, times: 1 });
});
