// Playwright: the mock serves for the run, and the browser is the installed Chromium, as none is downloaded.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  fullyParallel: true,
  expect: { timeout: 30_000 },
  globalSetup: "./logto-mock.ts",
  use: { launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] } },
});
