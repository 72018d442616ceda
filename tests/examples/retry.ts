// Read a page of logs in spite of failures: wait and try again, renew the token, give up in time.

export type Log = { id: string; key: string; createdAt: number };

type Options = { page?: number; attempts?: number; firstWait?: number };

const passing = new Set([429, 500, 502, 503, 504]);
const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

export async function readPage(
  baseUrl: string,
  fetchToken: () => Promise<string>,
  { page = 1, attempts = 5, firstWait = 0.5 }: Options = {},
): Promise<Log[]> {
  let token = await fetchToken();
  let isRenewed = false;
  let failure: unknown;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    let wait = firstWait * 2 ** attempt * (0.5 + Math.random() / 2);
    try {
      const response = await fetch(`${baseUrl}/api/logs?page=${page}`, {
        headers: { Authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(10_000),
      });
      if (response.ok) return (await response.json()) as Log[];
      if (response.status === 401 && !isRenewed) {
        token = await fetchToken();
        isRenewed = true;
        continue;
      }
      failure = new Error(`status ${response.status}`);
      if (!passing.has(response.status)) break;
      wait = Math.max(wait, Number(response.headers.get("Retry-After") ?? 0));
    } catch (error) {
      failure = error; // No connection, a cut or malformed body, a timeout: all may pass.
    }
    if (attempt + 1 < attempts) await sleep(wait);
  }
  throw failure;
}
