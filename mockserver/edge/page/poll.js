// Polls with care: one request at a time, none while the page is hidden, fewer while the server does not reply.

const SLOWEST = 5;

/** Do `work` now, and again `seconds` after each end of it, while the page is visible. */
export function poll(work, seconds) {
  let timer = null;
  let isBusy = false;
  let pause = seconds;

  async function turn() {
    if (isBusy || document.hidden) return;
    clearTimeout(timer);
    isBusy = true;
    try {
      await work();
      pause = seconds;
    } catch {
      pause = Math.min(pause * 2, SLOWEST);
    } finally {
      isBusy = false;
      timer = setTimeout(turn, pause * 1000);
    }
  }

  document.addEventListener("visibilitychange", turn);
  turn();
}
