// A polite poll: one request at a time, none while nobody looks, fewer while the server does not answer.

const SLOWEST = 15;

/** Do `work` now and `seconds` after it ended, again and again, while the page is visible. */
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
