/** Streams of the whole ledger (`Subscribe`), spread over the nodes, that are read as fast as they come. */
import { createGatewayClient, type GatewayClient } from "../../src/client/gateway-client.ts";
import type { BenchNode } from "./bench-network.ts";

interface Subscriber {
  readonly client: GatewayClient;
  readonly read: Promise<void>;
  events: number;
}

/** Longer than any run. */
const STREAM_MS = 600_000;

export class Subscribers {
  readonly #abort = new AbortController();
  readonly #all: readonly Subscriber[];

  constructor(ca: string, nodes: readonly BenchNode[], count: number) {
    this.#all = Array.from({ length: count }, (_, i) => {
      const baseUrl = nodes[i % nodes.length]?.url ?? "";
      const client = createGatewayClient({ baseUrl, ca });
      const subscriber = { client, events: 0, read: Promise.resolve() };
      subscriber.read = this.#read(subscriber);
      // It is told at the end.
      subscriber.read.catch(() => undefined);
      return subscriber;
    });
  }

  /** Rejects if a stream ended before this, or one gave less than `least` events: then nothing was measured. */
  async end(least: number): Promise<void> {
    const behind = this.#all.filter(({ events }) => events < least).map(({ events }) => events);
    this.stop();
    await Promise.all(this.#all.map(({ read }) => read));
    if (behind.length === 0) return;
    throw new Error(`subscribers had ${behind.join(", ")} events, but ${least} were final`);
  }

  stop(): void {
    this.#abort.abort();
    for (const { client } of this.#all) client.close();
  }

  async #read(subscriber: Subscriber): Promise<void> {
    const { signal } = this.#abort;
    const options = { signal, timeoutMs: STREAM_MS };
    try {
      for await (const { events } of subscriber.client.calls.subscribe({}, options)) {
        subscriber.events += events.length;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      return;
    }
    if (!signal.aborted) throw new Error("a stream ended by itself");
  }
}
