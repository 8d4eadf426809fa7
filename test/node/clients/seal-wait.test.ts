// The wait of a final payment for its seal: as long as a seal can come, and a moment longer.
import { beforeEach, describe, expect, it } from "vitest";
import { SealWait, type SealWaitParts } from "../../../src/node/clients/seal-wait.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";

const AT = height(7);
const HOPE_MS = 1_000;

let present: number;
let reach: ((end: "reached" | "aborted") => void) | undefined;
let elapse: (() => void) | undefined;
let looks: number;
let isFull: boolean;

beforeEach(() => {
  [present, looks, isFull, reach, elapse] = [2, 0, false, undefined, undefined];
});

function waiting(keyless?: string) {
  const parts: SealWaitParts = {
    members: () => [0, 1, 2, 3].map(memberOf),
    threshold: 3,
    keylessBecause: () => keyless,
    sealing: {
      get outlook() {
        return {
          share: "held" as const,
          holders: [0, 1, 2].map(validatorIndex),
          present: Array.from({ length: present }, (_, i) => validatorIndex(i)),
          margin: present - 3,
        };
      },
    },
    waiters: {
      get isFull() {
        return isFull;
      },
      height: (_level, _at, signal) => {
        looks += 1;
        if (isFull) return Promise.resolve("aborted");
        return new Promise((resolve) => {
          reach = resolve;
          if (signal.aborted) resolve("aborted");
          signal.addEventListener("abort", () => resolve("aborted"));
        });
      },
    },
    system: {
      after: (delayMs, action) => {
        expect(delayMs).toBe(HOPE_MS);
        elapse = action;
        return () => undefined;
      },
    },
  };
  const stop = new AbortController();
  const state = { isOver: false, stop };
  void new SealWait(parts).covered(AT, stop.signal).then(() => {
    state.isOver = true;
  });
  return state;
}

const memberOf = (index: number) => ({ index: validatorIndex(index), id: `node${index + 1}` });
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("S1: a final payment waits for its seal", () => {
  it("a moment and no longer while too few share holders are there", async () => {
    const wait = waiting();
    await settled();
    expect({ looks, isOver: wait.isOver }).toEqual({ looks: 1, isOver: false });
    elapse?.();
    await settled();
    expect({ looks, isOver: wait.isOver }).toEqual({ looks: 1, isOver: true });
  });

  it("on if they are back by then, and until it is there", async () => {
    const wait = waiting();
    present = 3;
    for (let second = 1; second < 20; second++) {
      elapse?.();
      await settled();
      expect({ looks, isOver: wait.isOver }).toEqual({ looks: second + 1, isOver: false });
    }
    reach?.("reached");
    await settled();
    expect(wait.isOver).toBe(true);
  });

  it("until the caller goes, and not at all without a group key or room", async () => {
    present = 3;
    const left = waiting();
    left.stop.abort();
    await settled();
    expect({ looks, isOver: left.isOver }).toEqual({ looks: 1, isOver: true });
    const keyless = waiting("there is none yet");
    await settled();
    expect({ looks, isOver: keyless.isOver }).toEqual({ looks: 1, isOver: true });
    isFull = true;
    const crowded = waiting();
    await settled();
    expect({ looks, isOver: crowded.isOver }).toEqual({ looks: 2, isOver: true });
  });
});
