// What happens in this tenant, as it happens: the journal by a cursor, the armed rules whenever they may have changed.

import { control } from "./control.js";
import { poll } from "./poll.js";

// As many as the server keeps.
const MOST = 1000;
// An exchange that is still under way is asked for again, unless so many came after it that it is surely a hang.
const PATIENCE = 100;
// Rules are armed elsewhere too, in another window or by a test: looked for in every so many turns without traffic.
const EVERY = 3;

/** Tells `journal` (new entries, or none left) and `rules` (the armed ones) to whoever listens. */
class Live extends EventTarget {
  entries = new Map();
  armed = [];
  #last = 0;
  #turns = 0;

  start() {
    poll(() => this.#turn(), 1);
  }

  async #turn() {
    try {
      const news = await control(`requests?after=${this.#cursor()}`);
      this.#take(news);
      if (news.requests.length || this.#turns++ % EVERY === 0) await this.refreshRules();
      this.#tell("answers", "");
    } catch (error) {
      this.#tell("answers", error.message);
      throw error;
    }
  }

  #cursor() {
    const waiting = [...this.entries.values()].find(
      (entry) => entry.milliseconds === null && entry.id > this.#last - PATIENCE,
    );
    return waiting ? waiting.id - 1 : this.#last;
  }

  #take({ requests, last }) {
    // A lower number than before: the server was started anew, or forgot this tenant. Everything is read next time.
    if (last < this.#last) return this.#forget();
    this.#last = last;
    for (const entry of requests) this.entries.set(entry.id, entry);
    for (const id of this.entries.keys()) if (id <= last - MOST) this.entries.delete(id);
    if (requests.length) this.#tell("journal", requests);
  }

  async refreshRules() {
    this.armed = (await control("faults")).armed;
    this.#tell("rules", this.armed);
  }

  async clearJournal() {
    await control("requests", undefined, "DELETE");
    this.#forget();
  }

  #forget() {
    this.entries.clear();
    this.#last = 0;
    this.#tell("journal", []);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

export const live = new Live();
