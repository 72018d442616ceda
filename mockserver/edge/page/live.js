// Follows this tenant: polls its journal from the last entry on, and its armed rules when they may have changed.

import { control } from "./control.js";
import { poll } from "./poll.js";

// The server keeps as many entries.
const MOST = 1000;
// An exchange in progress is polled again until it ends, or until so many have come after it: then it hangs.
const PATIENCE = 100;
// Another window or a test can arm rules too. Without traffic, the rules are polled once in so many turns.
const EVERY = 3;

/**
 * Sends three events: `journal` with the new entries (none when all before are void), `rules` with the armed rules, and
 * `status` with the reason why the server does not reply (empty when it does).
 */
class Live extends EventTarget {
  entries = new Map();
  armed = [];
  /** Whether the entries are what the mock has; false before the first answer, and while the mock does not answer. */
  isCurrent = false;
  #last = 0;
  #turns = 0;

  start() {
    poll(() => this.#turn(), 1);
  }

  async #turn() {
    try {
      // Behind an outage, another mock may answer: everything is read anew.
      const isNew = !this.isCurrent;
      const journal = await control(`requests?after=${isNew ? 0 : this.#cursor()}`);
      this.isCurrent = true;
      if (isNew) this.#forget();
      this.#add(journal);
      if (isNew || journal.requests.length || this.#turns++ % EVERY === 0) await this.refreshRules();
      this.#send("status", "");
    } catch (error) {
      this.isCurrent = false;
      this.#send("status", error.message);
      throw error;
    }
  }

  #cursor() {
    const unfinished = [...this.entries.values()].find(
      (entry) => entry.milliseconds === null && entry.id > this.#last - PATIENCE,
    );
    return unfinished ? unfinished.id - 1 : this.#last;
  }

  #add({ requests, last }) {
    // The last id is lower than before: the server was restarted or has forgotten this tenant. The next poll reads all.
    if (last < this.#last) return this.#forget();
    this.#last = last;
    for (const entry of requests) this.entries.set(entry.id, entry);
    for (const id of this.entries.keys()) if (id <= last - MOST) this.entries.delete(id);
    if (requests.length) this.#send("journal", requests);
  }

  async refreshRules() {
    this.armed = (await control("faults")).armed;
    this.#send("rules", this.armed);
  }

  async clearJournal() {
    await control("requests", undefined, "DELETE");
    this.#forget();
  }

  #forget() {
    this.entries.clear();
    this.#last = 0;
    this.#send("journal", []);
  }

  #send(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

export const live = new Live();
