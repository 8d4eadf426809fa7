// A collector that is slow, away or gone costs the node a bounded queue, and every lost span is counted.
import { describe, expect, it } from "vitest";
import type { Span } from "../../../src/node/traces/span.ts";
import { BATCH_MAX, SPANS_MAX, SpanQueue } from "../../../src/node/traces/span-queue.ts";

const span = (spanId: string): Span => ({
  name: "admit",
  traceId: "t",
  spanId,
  start: 0n,
  end: 1n,
  attributes: {},
});

/** A queue whose time moves by hand. */
function rig(send: (spans: readonly Span[]) => Promise<void>) {
  const due: (() => void)[] = [];
  const warnings: unknown[] = [];
  let isClosed = false;
  const queue = new SpanQueue({
    exporter: {
      send,
      close: async () => {
        isClosed = true;
      },
    },
    system: {
      after: (_, action) => {
        due.push(action);
        return () => due.splice(due.indexOf(action), 1);
      },
    },
    log: { warn: (...told: unknown[]) => warnings.push(told) },
  });
  const tick = async () => {
    for (const action of due.splice(0)) action();
    await new Promise(setImmediate);
  };
  return { queue, tick, warnings, due, isClosed: () => isClosed };
}

const fill = (queue: SpanQueue, count: number) => {
  for (let i = 0; i < count; i++) queue.add(span(`${i}`));
};

describe("the queue of spans", () => {
  it("sends what has come in order, in batches, one after another, and sets one timer", async () => {
    const batches: (readonly Span[])[] = [];
    let underWay = 0;
    const { queue, tick, due } = rig(async (spans) => {
      underWay += 1;
      expect(underWay).toBe(1);
      await new Promise(setImmediate);
      batches.push(spans);
      underWay -= 1;
    });
    fill(queue, 3 * BATCH_MAX + 1);
    expect(due).toHaveLength(1);
    await tick();
    await queue.close();
    expect(batches.map(({ length }) => length)).toEqual([BATCH_MAX, BATCH_MAX, BATCH_MAX, 1]);
    expect(batches.flat().map(({ spanId }) => Number(spanId))).toEqual([
      ...new Array(3 * BATCH_MAX + 1).keys(),
    ]);
    expect(queue.figures).toEqual({ sent: 3 * BATCH_MAX + 1, dropped: 0, failed: 0 });
  });

  it("sends a span that comes just as a round ends, without another span after it", async () => {
    for (let turns = 0; turns < 12; turns++) {
      const sent: string[] = [];
      const { queue, tick } = rig(async (spans) => {
        const first = sent.length === 0;
        sent.push(...spans.map(({ spanId }) => spanId));
        const late = async () => {
          for (let i = 0; i < turns; i++) await Promise.resolve();
          queue.add(span("late"));
        };
        if (first) void late();
      });
      queue.add(span("first"));
      await tick();
      await tick();
      expect(sent, `${turns} turns later`).toEqual(["first", "late"]);
    }
  });

  it("drops and counts what comes while it is full, because the collector does not answer", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { queue, tick } = rig(() => promise);
    fill(queue, 1);
    await tick();
    fill(queue, SPANS_MAX + 7);
    expect(queue.size).toBe(SPANS_MAX);
    expect(queue.figures).toEqual({ sent: 0, dropped: 7, failed: 0 });
    resolve();
    await queue.close();
    expect(queue.figures).toEqual({ sent: SPANS_MAX + 1, dropped: 7, failed: 0 });
  });

  it("counts and warns of what the collector does not take, and goes on with the next", async () => {
    let isAway = true;
    const { queue, tick, warnings } = rig(async () => {
      if (isAway) throw new Error("connect ECONNREFUSED");
    });
    fill(queue, BATCH_MAX + 1);
    await tick();
    expect(queue.figures).toEqual({ sent: 0, dropped: 0, failed: BATCH_MAX + 1 });
    expect(warnings).toHaveLength(2);
    isAway = false;
    fill(queue, 2);
    await tick();
    expect(queue.figures.sent).toBe(2);
  });

  it("closes after one attempt at a collector that is away, and takes nothing more", async () => {
    let attempts = 0;
    const { queue, isClosed } = rig(async () => {
      attempts += 1;
      throw new Error("away");
    });
    fill(queue, 3 * BATCH_MAX);
    await queue.close();
    expect({ attempts, isClosed: isClosed() }).toEqual({ attempts: 1, isClosed: true });
    queue.add(span("late"));
    expect(queue.figures.dropped).toBe(1);
  });
});
