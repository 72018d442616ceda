// Asks the mock through the proxy of Vite's development server, as tests/examples/vite.config.mjs sets it up. Arguments:
// the mock's base URL; a list of fault rules as JSON. Prints as one JSON object the page's own origin, the Link header,
// that of the short form of `server.proxy`, and {rule: what a page sees}.
import { createServer } from "vite";
import example from "../examples/vite.config.mjs";

const [baseUrl, rules] = process.argv.slice(2);
const authorization = { Authorization: "Bearer dev-token" };

async function serve(proxy) {
  const server = await createServer({ configFile: false, logLevel: "silent", server: { host: "127.0.0.1", port: 0, hmr: false, proxy } });
  await server.listen();
  return server;
}

const origin = (server) => `http://127.0.0.1:${server.httpServer.address().port}`;
const link = async (server) => (await fetch(`${origin(server)}/api/logs`, { headers: authorization })).headers.get("Link");

// Two seconds are ten times what the slowest whole answer takes.
async function seen(base, rule) {
  const headers = { ...authorization, Prefer: `fault="${rule}"` };
  const answer = await fetch(`${base}/api/logs`, { headers, signal: AbortSignal.timeout(5000) });
  const patience = new Promise((resolve) => setTimeout(resolve, 2000, null));
  const text = await Promise.race([answer.text(), patience]);
  return `${answer.status}, ${text === null ? "never ends" : text === "" ? "no body" : "whole"}`;
}

const proxy = Object.fromEntries(
  Object.entries(example.server.proxy).map(([path, form]) => [path, { ...form, target: baseUrl }]),
);
const [documented, short] = [await serve(proxy), await serve({ "/api": baseUrl })];
const faults = JSON.parse(rules);
const outcomes = await Promise.all(faults.map((rule) => seen(origin(documented), rule)));
const links = { origin: origin(documented), link: await link(documented), short: await link(short) };
console.log(JSON.stringify({ ...links, seen: Object.fromEntries(faults.map((rule, n) => [rule, outcomes[n]])) }));
process.exit(0);
