// Runs the examples in JavaScript from beside their packages, where `import ... from "vitest"` would find nothing.
import { fileURLToPath } from "node:url";

export default {
  root: fileURLToPath(new URL("../examples", import.meta.url)),
  cacheDir: fileURLToPath(new URL("node_modules/.vite", import.meta.url)),
  resolve: { alias: { vitest: fileURLToPath(import.meta.resolve("vitest")) } },
  test: { include: ["*.test.mjs"] },
};
