// Drive the mock from tests in TypeScript: one server for all workers, a tenant for each test, nothing to install.
//
// Its types come from the server: npx openapi-typescript http://127.0.0.1:3001/__admin/openapi.json -o control-api.d.ts

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { components } from "./control-api.js";

type Schemas = components["schemas"];
export type Rule = Schemas["Rule"] | string;
export type Settings = Schemas["TenantSettings"];
export type Expectation = Schemas["Expectation"];
export type Log = Schemas["Log"];

const MISSING =
  "There is no program `mockserver` on the PATH. Install it (pip install logto-mockserver), " +
  "or set LOGTO_MOCK_URL to the address of a mock that runs.";

/**
 * Serve for all workers of a test run; returns the function that ends it. Vitest and Playwright call it, as this file is
 * their `globalSetup`. Options are in the environment, such as MOCKSERVER_LOGS. With LOGTO_MOCK_URL, the mock at that
 * address is used, and stays when the run ends.
 */
export default async function serve(): Promise<() => Promise<void>> {
  if (process.env.LOGTO_MOCK_URL) {
    await call(process.env.LOGTO_MOCK_URL, "GET", "health");
    return async () => {};
  }
  const program = spawn("mockserver", ["serve", "--port", "0", "--log", "off"]);
  let errors = "";
  program.stderr.on("data", (text) => (errors += text));
  const ended = once(program, "exit");
  const failed = ended.then(() => Promise.reject(new Error(`mockserver does not serve: ${errors.trim()}`)));
  const [line] = await Promise.race([once(createInterface({ input: program.stdout }), "line"), failed]).catch((error) =>
    Promise.reject(error.code === "ENOENT" ? new Error(MISSING) : error),
  );
  process.env.LOGTO_MOCK_URL = line.match(/https?:\S+(?=\/api\/logs)/)[0];
  // A run that is broken off leaves no server.
  process.once("exit", () => program.kill());
  return async () => {
    delete process.env.LOGTO_MOCK_URL;
    program.kill();
    await ended;
  };
}

/** A tenant of its own for a test of this title, with settings of its own. */
export async function newTenant(title = "", settings: Settings = {}): Promise<Tenant> {
  const mock = process.env.LOGTO_MOCK_URL;
  if (!mock) throw new Error("LOGTO_MOCK_URL is not set: make logto-mock.ts the globalSetup of your test runner.");
  const given: Schemas["Tenant"] = await call(mock, "POST", "tenants", { title });
  const tenant = new Tenant(given.tenant, given.url, given.token);
  if (Object.keys(settings).length) await tenant.change(settings);
  return tenant;
}

/** What one test does with its tenant. `url` is the base URL for the code under test, `token` a token that may read. */
export class Tenant {
  constructor(
    readonly name: string,
    readonly url: string,
    readonly token: string,
  ) {}

  /** Arm faults, as texts such as `status:code=503,times=2` or as objects. */
  async arm(...rules: Rule[]): Promise<Schemas["Armed"][]> {
    const armed: Schemas["Armed"][] = [];
    for (const rule of rules) armed.push(await this.#call("POST", "faults", typeof rule === "string" ? { rule } : rule));
    return armed;
  }

  /** Disarm all faults. */
  disarm = (): Promise<void> => this.#call("DELETE", "faults");

  /** Move the time forward at once: tokens expire, windows of rate limits pass, logs grow. */
  advance = (seconds: number): Promise<Schemas["Time"]> => this.#call("POST", "advance", { seconds });

  /** Change logs, profile, seed and other settings; the others stay. */
  change = (settings: Settings): Promise<Schemas["Settings"]> => this.#call("PATCH", "settings", settings);

  /** Add a log just after the newest; a key is enough. */
  add = (log: Schemas["NewLog"]): Promise<Log> => this.#call("POST", "logs", log);

  /** The requests that came, oldest first, with their answers. */
  requests = async (): Promise<Schemas["Entry"][]> => (await this.#call("GET", "requests")).requests;

  /** Throw the difference unless as many requests came as expected; nothing waits. */
  verify = (expected: Expectation): Promise<Schemas["Count"]> => this.#call("POST", "requests/verify", expected);

  /** Return to the beginning. */
  reset = (): Promise<void> => this.#call("POST", "reset");

  #call(method: string, path: string, body?: unknown): Promise<any> {
    return call(this.url, method, path, body);
  }
}

async function call(base: string, method: string, path: string, body?: unknown): Promise<any> {
  // An image and a server beyond this machine have an admin token.
  const token = process.env.LOGTO_MOCK_ADMIN_TOKEN;
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const sent = { method, headers, body: body === undefined ? body : JSON.stringify(body) };
  const response = await fetch(`${base}/__admin/${path}`, sent).catch((error) =>
    Promise.reject(new Error(`No mock answers at ${base}. Is LOGTO_MOCK_URL right?`, { cause: error })),
  );
  const answer = response.status === 204 ? undefined : await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}
