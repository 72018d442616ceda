// The control API: one function that asks, and the token where the server wants one.

import { askToken } from "./token.js";

// Kept for this window only, and gone with it.
const KEY = "mockserver.admin-token";

let asking = null;

/** What the control API refused, or status 0 where it did not answer. `data.place` says where the mistake is. */
export class Refusal extends Error {
  constructor(status, { message, data = {} }) {
    super(message);
    this.status = status;
    this.data = data;
  }
}

/** Ask the control API for JSON; a body makes it a POST. Throws Refusal. */
export async function control(path, body = undefined, method = body === undefined ? "GET" : "POST") {
  const used = sessionStorage.getItem(KEY);
  const response = await send(path, body, method, used);
  if (response.status === 401) {
    await renewToken(used);
    return control(path, body, method);
  }
  if (response.status === 204) return null;
  const answer = await response.json();
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
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

// Several requests may be refused at once: one question serves them all, and those that come late find it answered.
async function renewToken(used) {
  if (sessionStorage.getItem(KEY) !== used) return;
  asking ??= askToken(used !== null).then((token) => {
    sessionStorage.setItem(KEY, token);
    asking = null;
  });
  await asking;
}
