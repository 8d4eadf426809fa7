import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/primitives/limits.ts";
import { epoch } from "../../src/primitives/numbers.ts";
import { LinkOutbox } from "../../src/transport/link-outbox.ts";
import type { LinkBatch } from "../../src/transport/peer-api.ts";
import { signature } from "./peer-double.ts";

const MIB = 1024 * 1024;

/** Bytes of a given size, distinguished by their first four. */
function item(number: number, size = 8): Uint8Array {
  const bytes = new Uint8Array(Math.max(size, 4));
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

function numbersOf(items: readonly Uint8Array[]): number[] {
  return items.map((bytes) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));
}

function takeAll(outbox: LinkOutbox): LinkBatch[] {
  const batches: LinkBatch[] = [];
  for (let batch = outbox.take(); batch !== undefined; batch = outbox.take()) batches.push(batch);
  return batches;
}

describe("T3: the outbox of a link", () => {
  test("gives one batch of what was queued, consensus and seals before operations", () => {
    const outbox = new LinkOutbox();
    const target = { kind: "test", epoch: epoch(1) } as const;
    const seal = { kind: "notice", target, seal: signature } as const;
    outbox.add({ operations: [item(1), item(2)] });
    outbox.add({ consensusMessages: [item(3)], seals: [seal] });
    expect(outbox.take()).toEqual({
      consensusMessages: [item(3)],
      seals: [seal],
      operations: [item(1), item(2)],
    });
    expect(outbox.take()).toBeUndefined();
    expect(outbox.isEmpty).toBe(true);
  });

  test("lets a vote overtake operations that wait, and loses none of them", () => {
    const outbox = new LinkOutbox();
    const operations = Array.from({ length: 100 }, (_, i) => item(i, 64 * 1024));
    outbox.add({ operations });
    expect(numbersOf(outbox.take()?.operations ?? []).length).toBe(2);
    outbox.add({ consensusMessages: [item(1000)] });
    const rest = takeAll(outbox);
    expect(numbersOf(rest[0]?.consensusMessages ?? [])).toEqual([1000]);
    expect(rest.flatMap((batch) => numbersOf(batch.operations))).toEqual(
      Array.from({ length: 98 }, (_, i) => i + 2),
    );
  });

  test("sends an item larger than a batch by itself", () => {
    const outbox = new LinkOutbox();
    outbox.add({ consensusMessages: [item(1), item(2, 3 * MIB), item(3)] });
    expect(takeAll(outbox).map((batch) => numbersOf(batch.consensusMessages))).toEqual([
      [1],
      [2],
      [3],
    ]);
  });

  test("drops the oldest votes when they fill their half, and counts them", () => {
    const outbox = new LinkOutbox();
    for (let i = 0; i < 20; i++) outbox.add({ consensusMessages: [item(i, MIB)] });
    expect(outbox.dropped).toBe(4);
    const kept = takeAll(outbox).flatMap((batch) => numbersOf(batch.consensusMessages));
    expect(kept).toEqual(Array.from({ length: 16 }, (_, i) => i + 4));
  });

  test("does not take the newest operations when they fill theirs, and counts them", () => {
    const outbox = new LinkOutbox();
    const operations = Array.from({ length: 300 }, (_, i) => item(i, 64 * 1024));
    outbox.add({ operations });
    expect(outbox.dropped).toBe(44);
    const kept = takeAll(outbox).flatMap((batch) => numbersOf(batch.operations));
    expect(kept).toEqual(Array.from({ length: 256 }, (_, i) => i));
  });

  test("has room for a vote, however many operations there are", () => {
    const outbox = new LinkOutbox();
    outbox.add({ operations: Array.from({ length: 300 }, (_, i) => item(i, 64 * 1024)) });
    outbox.add({ consensusMessages: [item(1)] });
    expect(numbersOf(outbox.take()?.consensusMessages ?? [])).toEqual([1]);
  });

  test("keeps the order of each kind and every bound, for any additions and removals", () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant("operation"), size: fc.nat(64 * 1024) }),
      fc.record({ kind: fc.constant("vote"), size: fc.nat(2 * MIB) }),
      fc.record({ kind: fc.constant("take"), size: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const outbox = new LinkOutbox();
        const batches: LinkBatch[] = [];
        let added = 0;
        for (const { kind, size } of actions) {
          if (kind === "take") batches.push(...[outbox.take()].filter((one) => one !== undefined));
          else added += 1;
          if (kind === "operation") outbox.add({ operations: [item(added, size)] });
          if (kind === "vote") outbox.add({ consensusMessages: [item(added, size)] });
        }
        batches.push(...takeAll(outbox));
        for (const kind of ["operations", "consensusMessages"] as const) {
          const numbers = batches.flatMap((batch) => numbersOf(batch[kind]));
          expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        }
        let taken = 0;
        for (const { operations, consensusMessages } of batches) {
          const items = [...operations, ...consensusMessages];
          taken += items.length;
          const bytes = items.reduce((sum, one) => sum + one.length, 0);
          expect(items.length).toBeGreaterThan(0);
          expect(items.length === 1 || bytes <= LIMITS.linkBatchBytesMax).toBe(true);
        }
        expect(taken + outbox.dropped).toBe(added);
      }),
    );
  });

  test("wakes a waiting reader once there is an item", async () => {
    const outbox = new LinkOutbox();
    let woken = false;
    const filled = outbox.filled().then(() => {
      woken = true;
    });
    outbox.add({});
    await Promise.resolve();
    await Promise.resolve();
    expect(woken).toBe(false);
    outbox.add({ operations: [item(1)] });
    await filled;
    await outbox.filled();
  });
});
