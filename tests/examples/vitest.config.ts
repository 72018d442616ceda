// Vitest: the mock serves for the run, and each worker knows its address.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["*.test.ts"], globalSetup: "./logto-mock.ts" },
});
