// The control API: one function that sends requests, and asks the user for the admin token when the server needs it.

import { askToken } from "./token.js";

// In sessionStorage, so the token is kept for this window only.
const KEY = "mockserver.admin-token";

let question = null;

/** A refusal of the control API; `status` is 0 when there was no reply. `data.place` says where the mistake is. */
export class Refusal extends Error {
  constructor(status, { message, data = {} }) {
    super(message);
    this.status = status;
    this.data = data;
  }
}

/** Send a request to the control API and return the JSON of its reply. A body makes it a POST. Throws Refusal. */
export async function control(path, body = undefined, method = body === undefined ? "GET" : "POST") {
  const token = sessionStorage.getItem(KEY);
  const response = await send(path, body, method, token);
  if (response.status === 401) {
    await renewToken(token);
    return control(path, body, method);
  }
  if (response.status === 204) return null;
  const value = await response.json().catch(() => null);
  if (value === null) throw new Refusal(response.status, { message: `The answer ${response.status} is not JSON.` });
  if (!response.ok) throw new Refusal(response.status, value);
  return value;
}

async function send(path, body, method, token) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    return await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      cache: "no-store",
    });
  } catch {
    throw new Refusal(0, { message: "The mock does not answer. Is it still running?" });
  }
}

// Several requests may be refused at the same time: the user is asked once for all of them. When the stored token is no
// longer the refused one, the user has answered already.
async function renewToken(refused) {
  if (sessionStorage.getItem(KEY) !== refused) return;
  question ??= askToken(refused !== null).then((token) => {
    sessionStorage.setItem(KEY, token);
    question = null;
  });
  await question;
}
