import { describe, expect, it } from "vitest";
import { Waiters } from "../../../src/node/clients/waiters.ts";
import { height } from "../../../src/primitives/numbers.ts";

const forever = new AbortController().signal;
const at = { height: height(7), index: 2 };

function committed(waiters: Waiters, fields: { keys?: string[]; at?: number; earliest?: number }) {
  waiters.committed({
    height: fields.at ?? 7,
    earliestDeadline: fields.earliest ?? 0,
    locations: new Map((fields.keys ?? []).map((key) => [key, at])),
  });
}

/** The outcome of a promise so far, if there is one. */
async function soFar<T>(promise: Promise<T>): Promise<T | "waiting"> {
  await new Promise(setImmediate);
  return await Promise.race([promise, Promise.resolve("waiting" as const)]);
}

describe("a wait for an operation", () => {
  it("ends with its place when a committed block holds it, for everyone who waits", async () => {
    const waiters = new Waiters({ final: 0, sealed: 0 });
    const waits = [1, 2, 3].map(() => waiters.operation("a/1", 100, forever));
    const other = waiters.operation("a/2", 100, forever);
    committed(waiters, { keys: ["a/1"] });
    expect(await Promise.all(waits)).toEqual([at, at, at]);
    expect(await soFar(other)).toBe("waiting");
  });

  it("ends as expired when final time is past its window, not before", async () => {
    const waiters = new Waiters({ final: 0, sealed: 0 });
    const wait = waiters.operation("a/1", 100, forever);
    committed(waiters, { earliest: 100 });
    expect(await soFar(wait)).toBe("waiting");
    committed(waiters, { earliest: 101, at: 8 });
    expect(await wait).toBe("expired");
  });

  it("ends with its place if one block both holds it and closes its window", async () => {
    const waiters = new Waiters({ final: 0, sealed: 0 });
    const wait = waiters.operation("a/1", 100, forever);
    committed(waiters, { keys: ["a/1"], earliest: 101 });
    expect(await wait).toEqual(at);
  });

  it("ends when it is given up, before or while it waits", async () => {
    const waiters = new Waiters({ final: 0, sealed: 0 });
    const caller = new AbortController();
    const wait = waiters.operation("a/1", 100, caller.signal);
    caller.abort();
    expect(await wait).toBe("aborted");
    expect(await waiters.operation("a/1", 100, caller.signal)).toBe("aborted");
    committed(waiters, { keys: ["a/1"] });
    expect(await soFar(waiters.operation("a/1", 100, forever))).toBe("waiting");
  });
});

describe("L26: a wait for a height", () => {
  it("ends at once if it is reached, else when it is, final and sealed by themselves", async () => {
    const waiters = new Waiters({ final: 5, sealed: 3 });
    expect(await waiters.height("final", 5, forever)).toBe("reached");
    expect(await waiters.height("sealed", 3, forever)).toBe("reached");
    const [final, sealed] = [
      waiters.height("final", 7, forever),
      waiters.height("sealed", 7, forever),
    ];
    committed(waiters, { at: 7 });
    expect(await final).toBe("reached");
    expect(await soFar(sealed)).toBe("waiting");
    waiters.sealed(9);
    expect(await sealed).toBe("reached");
    waiters.sealed(8);
    expect(waiters.sealedHeight).toBe(9);
  });
});

describe("a wait for a seal", () => {
  it("does not end with a seal behind the next multiple of 64: no receipt reaches that far", async () => {
    const waiters = new Waiters({ final: 70, sealed: 40 });
    const wait = waiters.height("sealed", 60, forever);
    waiters.sealed(65);
    expect(await soFar(wait)).toBe("waiting");
    waiters.sealed(64);
    expect(await wait).toBe("reached");
  });
});

describe("the number of waits", () => {
  it("is bounded; a wait that ended, however it ended, makes room", async () => {
    const waiters = new Waiters({ final: 0, sealed: 0 }, 3);
    const caller = new AbortController();
    const placed = waiters.operation("a/1", 100, forever);
    const expired = waiters.operation("a/2", 100, forever);
    const aborted = waiters.height("final", 9, caller.signal);
    expect(waiters.isFull).toBe(true);
    // A wait for a height is optional: without room it ends at once, and nothing breaks.
    expect(await waiters.height("sealed", 1, forever)).toBe("aborted");
    committed(waiters, { keys: ["a/1"] });
    committed(waiters, { earliest: 101, at: 8 });
    caller.abort();
    expect(await Promise.all([placed, expired, aborted])).toEqual([at, "expired", "aborted"]);
    for (let i = 0; i < 3; i++) {
      expect(waiters.isFull).toBe(false);
      void waiters.height("final", 9, forever);
    }
    expect(waiters.isFull).toBe(true);
  });
});
