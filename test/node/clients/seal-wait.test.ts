// The wait of a final payment for its seal: as long as a seal can come, and a moment longer.
import { beforeEach, describe, expect, it } from "vitest";
import type { CeremonyFinal } from "../../../src/ledger/ceremony-record.ts";
import { genesisState } from "../../../src/ledger/state.ts";
import { SealWait, type SealWaitParts } from "../../../src/node/clients/seal-wait.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";
import { createNetwork } from "../../ledger/fixture.ts";
import { genesisBlock } from "../chain.ts";

const AT = height(7);
const HOPE_MS = 1_000;

const network = createNetwork();
const { context } = network;
const state = genesisState(context);
const start = { state, ...genesisBlock(network) };
const withKey = { ...state, ceremony: { kind: "final", epoch: state.epoch } as CeremonyFinal };

let present: number;
let reach: ((end: "reached" | "aborted") => void) | undefined;
let elapse: (() => void) | undefined;
let looks: number;
let isFull: boolean;

beforeEach(() => {
  [present, looks, isFull, reach, elapse] = [2, 0, false, undefined, undefined];
});

function waiting({ isKeyless } = { isKeyless: false }) {
  const parts: SealWaitParts = {
    context,
    finalizer: { committed: isKeyless ? start : { ...start, state: withKey } },
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
    const keyless = waiting({ isKeyless: true });
    await settled();
    expect({ looks, isOver: keyless.isOver }).toEqual({ looks: 1, isOver: true });
    isFull = true;
    const crowded = waiting();
    await settled();
    expect({ looks, isOver: crowded.isOver }).toEqual({ looks: 2, isOver: true });
  });
});
