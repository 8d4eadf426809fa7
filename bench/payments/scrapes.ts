/** Scrapes of all nodes of a network at an interval, as Prometheus makes them. */
import type { BenchNetwork, BenchNode } from "./bench-network.ts";

/** Three times as often as usual (15 s). */
const EVERY_MS = 5_000;

export class Scrapes {
  readonly #timer: NodeJS.Timeout;
  #last: Promise<unknown> = Promise.resolve();

  constructor(network: BenchNetwork, nodes: readonly BenchNode[]) {
    const scrape = () => {
      this.#last = Promise.all(nodes.map((node) => network.metricsOf(node)));
      // It is told at the end.
      this.#last.catch(() => undefined);
    };
    scrape();
    this.#timer = setInterval(scrape, EVERY_MS);
  }

  /** Rejects if the last scrape failed. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#last;
  }
}
