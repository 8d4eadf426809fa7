/**
 * The spans that wait for their collector, sent in small batches, one after another. A full queue drops the newest, and a batch that
 * the collector does not take is lost: both are counted, and neither holds anything up.
 */
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { Span } from "./span.ts";

export interface SpanExporter {
  /** Settles when the collector has them; rejects if it does not take them, in a bounded time. */
  send(spans: readonly Span[]): Promise<void>;
  close(): Promise<void>;
}

export interface SpanQueueParts {
  readonly exporter: SpanExporter;
  readonly system: Pick<System, "after">;
  readonly log: Pick<Log, "warn">;
}

/** Spans that wait, and spans in one request: a few milliseconds of work. */
export const SPANS_MAX = 4096;
export const BATCH_MAX = 128;
/** The pause between two rounds of requests, milliseconds. */
const SEND_EVERY_MS = 500;

export class SpanQueue {
  readonly #parts: SpanQueueParts;
  readonly #waiting: Span[] = [];
  #cancel: (() => void) | undefined;
  #sending: Promise<void> | undefined;
  #isClosed = false;
  readonly figures = { sent: 0, dropped: 0, failed: 0 };

  constructor(parts: SpanQueueParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(span: Span): void {
    if (this.#isClosed || this.#waiting.length >= SPANS_MAX) {
      this.figures.dropped += 1;
      return;
    }
    this.#waiting.push(span);
    this.#sendSoon();
  }

  #sendSoon(): void {
    const isDue = this.#waiting.length > 0 && !this.#isClosed;
    if (!isDue || this.#cancel !== undefined || this.#sending !== undefined) return;
    this.#cancel = this.#parts.system.after(SEND_EVERY_MS, () => {
      this.#cancel = undefined;
      this.#sending = this.#sendAll().finally(() => {
        this.#sending = undefined;
        // A span may have come after the last look at what waits.
        this.#sendSoon();
      });
    });
  }

  /** Sends what waits, as far as the collector takes it at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    await this.#sending;
    await this.#sendAll();
    await this.#parts.exporter.close();
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_MAX);
      try {
        await this.#parts.exporter.send(batch);
        this.figures.sent += batch.length;
      } catch (error) {
        this.figures.failed += batch.length;
        const why = error instanceof Error ? error.message : String(error);
        this.#parts.log.warn({ spans: batch.length, error: why }, "a collector did not take spans");
        if (this.#isClosed) return;
      }
    }
  }
}
