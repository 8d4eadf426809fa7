/**
 * Goal: the messages of a stream are those that were put into it, wherever the network cuts its bytes, and what a message claims
 * takes no memory. Method: random messages and random cuts, from a seed.
 */
import { describe, expect, test } from "vitest";
import { concatBytes } from "../../src/primitives/bytes.ts";
import { EnvelopeReader } from "../../src/transport/envelope-reader.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { enveloped } from "../../src/transport/refusal-answer.ts";
import { sweep } from "../support/sweep.ts";
import { Random } from "../support/world/random.ts";

const BYTES_MAX = 100_000;
const SEEDS = sweep({ share: 200, all: 1_000 });

function messageOf(random: Random): Uint8Array {
  const length = random.below(random.pick([2, 20, 300, 70_000]));
  return Uint8Array.from({ length }, () => random.below(256));
}

describe("the messages of a stream", () => {
  test("are those that were put into it, wherever its bytes are cut", () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = new Random(seed);
      const messages = Array.from({ length: random.between(1, 8) }, () => messageOf(random));
      const bytes = concatBytes(...messages.map((message) => enveloped(0, message)));
      const reader = new EnvelopeReader(BYTES_MAX);
      const read: unknown[] = [];
      const longest = random.pick([1, 7, 500, 100_000]);
      // Some chunks wait unread, as they do while a message is handled.
      for (let at = 0; at < bytes.length; ) {
        const end = at + random.between(1, longest);
        reader.push(bytes.slice(at, end));
        at = end;
        if (random.chance(0.3)) continue;
        for (let next = reader.next(); next !== undefined; next = reader.next()) read.push(next);
      }
      for (let next = reader.next(); next !== undefined; next = reader.next()) read.push(next);
      expect(read, `seed ${seed}`).toEqual(messages);
      expect(reader.isBetweenMessages, `seed ${seed}`).toBe(true);
    }
  });

  test("have memory of their own, of their own length", () => {
    const reader = new EnvelopeReader(BYTES_MAX);
    reader.push(concatBytes(enveloped(0, new Uint8Array(3)), enveloped(0, new Uint8Array(70_000))));
    for (const length of [3, 70_000]) {
      const message = reader.next();
      expect(message).toMatchObject({ length, byteOffset: 0 });
      expect((message as Uint8Array).buffer.byteLength).toBe(length);
    }
  });

  test("are not whole until their last byte is there", () => {
    const bytes = enveloped(0, new Uint8Array(20));
    for (let cut = 1; cut < bytes.length; cut++) {
      const reader = new EnvelopeReader(BYTES_MAX);
      reader.push(bytes.subarray(0, cut));
      expect(reader.next()).toBeUndefined();
      expect(reader.isBetweenMessages).toBe(false);
      reader.push(bytes.subarray(cut));
      expect(reader.next()).toHaveLength(20);
    }
  });
});

describe("an envelope is refused", () => {
  test.each([
    ["with a length above the bound", 0, BYTES_MAX + 1, "TOO_LARGE"],
    ["of a packed message", 1, 10, "MALFORMED"],
    ["of an end", 2, 0, "MALFORMED"],
    ["with another flag", 0x80, 10, "MALFORMED"],
  ])("%s", (_name, flags, length, reason) => {
    const reader = new EnvelopeReader(BYTES_MAX);
    const head = enveloped(flags, new Uint8Array()).slice();
    new DataView(head.buffer).setUint32(1, length);
    reader.push(head);
    const refusal = reader.next();
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ reason });
  });
});
