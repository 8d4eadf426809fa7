// The hash of a payment decides if it is traced, at every node alike, and what is followed at a time is bounded.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { OPERATIONS_MAX, OperationTraces } from "../../../src/node/traces/operation-traces.ts";
import type { Span } from "../../../src/node/traces/span.ts";
import { height } from "../../../src/primitives/numbers.ts";
import type { SignedOperation } from "../../../src/primitives/operation.ts";

/** The traces look at nothing of an operation but its hash. */
const operation = (place: number) =>
  ({ hash: new Uint8Array(createHash("sha256").update(`${place}`).digest()) }) as SignedOperation;

function traces(oneIn: number) {
  const spans: Span[] = [];
  let now = 0n;
  let drawn = 0;
  const observer = new OperationTraces({
    oneIn,
    spans: { add: (span) => spans.push(span) },
    clock: {
      now: () => {
        now += 1n;
        return now;
      },
    },
    system: {
      entropy: (length) => {
        drawn += 1;
        return new Uint8Array(length).fill(drawn);
      },
    },
  });
  return { observer, spans };
}

const taken = (spans: readonly Span[]) => new Set(spans.map(({ traceId }) => traceId));

describe("the traces of a node", () => {
  it("are of about one operation in so many, the same ones at two nodes, and a part of a node's that takes more", () => {
    const [one, other, more] = [traces(8), traces(8), traces(2)];
    for (let i = 0; i < 2_000; i++)
      for (const { observer } of [one, other, more]) observer.pooled(operation(i), "peer", 0n);
    expect(taken(one.spans)).toEqual(taken(other.spans));
    expect([...taken(one.spans)].every((id) => taken(more.spans).has(id))).toBe(true);
    // 250 are expected, and the chance of a difference of 100 is below 10^-10.
    expect(Math.abs(one.spans.length - 250)).toBeLessThan(100);
    expect(Math.abs(more.spans.length - 1_000)).toBeLessThan(150);
  });

  it("follow a bounded number of operations, however many never end", () => {
    const { observer } = traces(1);
    for (let i = 0; i < OPERATIONS_MAX + 500; i++) observer.pooled(operation(i), "peer", 0n);
    expect(observer.size).toBe(OPERATIONS_MAX);
  });

  it("forget an operation once it is sealed and its client has its answer, in either order", () => {
    for (const order of [
      ["sealed", "answered"],
      ["answered", "sealed"],
    ]) {
      const { observer, spans } = traces(1);
      const one = operation(1);
      const asked = observer.asked(one, undefined);
      observer.pooled(one, "client", 0n);
      const block = { hash: one.hash, header: { height: height(7), view: 9 } };
      observer.committed([{ block, operations: [one] }]);
      for (const step of order) {
        expect(observer.size).toBe(1);
        if (step === "sealed") observer.sealed(height(8));
        else asked?.answered("applied");
      }
      expect(observer.size).toBe(0);
      const [root] = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
      expect(root).toMatchObject({
        name: "payment",
        attributes: { "countersign.outcome": "applied" },
      });
      expect(spans.map(({ name }) => name).sort()).toEqual([
        ...["admit", "commit", "payment", "receipt", "seal"],
      ]);
    }
  });

  it("have one root: a refused call and a repeated one are steps", () => {
    const { observer, spans } = traces(1);
    const one = operation(1);
    observer.asked(one, undefined)?.answered("INSUFFICIENT_FUNDS");
    const first = observer.asked(one, undefined);
    observer.pooled(one, "client", 0n);
    const again = observer.asked(one, undefined);
    first?.answered("applied");
    again?.answered("applied");
    expect(spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1);
    expect(spans.filter(({ name }) => name === "ask")).toHaveLength(2);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  });
});
