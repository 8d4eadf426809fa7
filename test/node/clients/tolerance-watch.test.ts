// The log warns when the network tolerates less than it promises, but not at every start.
import { beforeEach, describe, expect, it } from "vitest";
import type { Shortfall } from "../../../src/node/clients/shortfalls.ts";
import { ToleranceWatch } from "../../../src/node/clients/tolerance-watch.ts";
import type { KeyCertificate } from "../../../src/primitives/key-certificate.ts";

const AWAY: Shortfall = { text: "node3 is away", isLasting: false };
const LEFT_OUT: Shortfall = { text: "node4 holds no share", isLasting: true };
const [MINUTE, HOUR] = [60_000, 3_600_000];

let now: number;
let timers: { at: number; action: () => void }[];
let warned: (readonly [number, string])[];
let found: Shortfall[];
let isKeyFinal: boolean;
let watch: ToleranceWatch;

beforeEach(() => {
  [now, timers, warned, found, isKeyFinal] = [0, [], [], [AWAY, LEFT_OUT], true];
  const log = {
    warn: ({ because }: { because: string[] }) => warned.push([now, because.join("; ")]),
  } as never;
  const after = (delayMs: number, action: () => void) => {
    const timer = { at: now + delayMs, action };
    timers.push(timer);
    return () => {
      timers = timers.filter((one) => one !== timer);
    };
  };
  watch = new ToleranceWatch({
    view: { shortfalls: () => found },
    finalizer: {
      get keyCertificate() {
        return isKeyFinal ? ({} as KeyCertificate) : undefined;
      },
    },
    system: { after },
    log,
  });
});

function runTo(end: number): void {
  for (;;) {
    const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
    if (next === undefined) break;
    timers = timers.filter((one) => one !== next);
    now = next.at;
    next.action();
  }
  now = end;
}

describe("the log warns of fewer failures borne than promised", () => {
  it("at the start of what will not pass, after a minute and every hour of all", () => {
    watch.start();
    expect(warned).toEqual([[0, LEFT_OUT.text]]);
    runTo(MINUTE + 2 * HOUR);
    const all = `${AWAY.text}; ${LEFT_OUT.text}`;
    const later = [MINUTE, MINUTE + HOUR, MINUTE + 2 * HOUR].map((at) => [at, all]);
    expect(warned.slice(1)).toEqual(later);
  });

  it("once when the key is made, and not before for want of one", () => {
    isKeyFinal = false;
    watch.observe();
    watch.start();
    watch.observe();
    expect(warned).toEqual([]);
    isKeyFinal = true;
    watch.observe();
    watch.observe();
    expect(warned).toEqual([[0, LEFT_OUT.text]]);
  });

  it("not while all is well, nor after the stop", () => {
    found = [];
    watch.start();
    runTo(HOUR);
    expect(warned).toEqual([]);
    found = [LEFT_OUT];
    watch.stop();
    runTo(10 * HOUR);
    expect({ warned, timers }).toEqual({ warned: [], timers: [] });
  });
});
