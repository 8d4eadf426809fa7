/** Failures that stop a node. While it is being stopped they are expected, because work is cut off in the middle. */
import type { Log } from "./base/log.ts";

export class Failures {
  readonly #end: (error: unknown) => void;
  readonly #log: Log;
  #stopping = false;

  /** `end`: ends the process. */
  constructor(end: (error: unknown) => void, log: Log) {
    this.#end = end;
    this.#log = log;
  }

  /** The node is being stopped on purpose. */
  expect(): void {
    this.#stopping = true;
  }

  readonly fail = (error: unknown): void => {
    if (!this.#stopping) this.#end(error);
    else {
      const reason = error instanceof Error ? error.message : error;
      this.#log.debug({ error: reason }, "cut off by the stop");
    }
  };
}
