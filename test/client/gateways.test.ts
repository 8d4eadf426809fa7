// Several gateways as one: which is asked when one is dead, slow, refuses or lies.
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { GatewayHealth } from "../../src/client/gateway-health.ts";
import { Gateways } from "../../src/client/gateways.ts";
import { GatewayFault } from "../../src/client/ledger-error.ts";
import { toConnectError } from "../../src/transport/errors.ts";
import { Refusal, type RefusalReason } from "../../src/transport/refusal.ts";
import type { Calls } from "./ledger-bed.ts";

const gone = () => new ConnectError("gone", Code.Unavailable);
const refusal = (reason: RefusalReason) => toConnectError(new Refusal(reason, { message: "no" }));
const never = (signal: AbortSignal) =>
  new Promise<string>((_, reject) => {
    signal.addEventListener("abort", () => reject(new ConnectError("left", Code.Canceled)));
  });

/** Gateways that do this, one call after the other, and the names of those that were asked. */
function gatewaysOf(...acts: ((signal: AbortSignal) => Promise<string>)[]) {
  const asked: string[] = [];
  const all = acts.map((_, i) => ({ name: `g${i}`, node: undefined, calls: {} as Calls }));
  const gateways = new Gateways(all, () => 0);
  const call = ({ name }: { readonly name: string }, signal: AbortSignal): Promise<string> => {
    asked.push(name);
    return acts[Number(name.slice(1))]?.(signal) ?? expect.fail("it is one of them");
  };
  return {
    gateways,
    asked,
    ask: (more = {}) => gateways.ask(call, { timeoutMs: 20_000, ...more }),
  };
}

describe("a call", () => {
  it("goes to the next gateway when one is dead or lies, and asks these last from then on", async () => {
    const { ask, asked } = gatewaysOf(
      () => Promise.reject(gone()),
      () => Promise.reject(new GatewayFault("a lie")),
      async () => "good",
    );
    expect(await ask()).toMatchObject({ answer: "good", gateway: { name: "g2" } });
    await ask();
    expect(asked).toEqual(["g0", "g1", "g2", "g2"]);
  });

  it("goes to a second gateway when the first is slow, and leaves the slow one when that answers", async () => {
    let left = false;
    const slow = (signal: AbortSignal) => {
      signal.addEventListener("abort", () => {
        left = true;
      });
      return never(signal);
    };
    const { ask, asked } = gatewaysOf(slow, async () => "good");
    expect(await ask({ hedgeAfterMs: 5 })).toMatchObject({ answer: "good" });
    expect(asked).toEqual(["g0", "g1"]);
    expect(left).toBe(true);
  });

  it("is refused when each gateway was asked, with the first refusal", async () => {
    const { ask, asked } = gatewaysOf(
      () => Promise.reject(refusal("UNKNOWN_WALLET")),
      () => Promise.reject(refusal("NOT_FOUND")),
    );
    await expect(ask()).rejects.toMatchObject({
      ...{ code: "REFUSED", refusal: { reason: "UNKNOWN_WALLET" } },
      failures: [{ gateway: "g0" }, { gateway: "g1" }],
    });
    expect(asked).toEqual(["g0", "g1"]);
  });

  it("is made again while gateways are not ready, until its time is over", async () => {
    let count = 0;
    const { ask } = gatewaysOf(async () => {
      count += 1;
      if (count < 3) throw refusal("NOT_READY");
      return "good";
    });
    expect(await ask()).toMatchObject({ answer: "good" });
    const dead = gatewaysOf(() => Promise.reject(gone()), never);
    await expect(dead.ask({ timeoutMs: 50 })).rejects.toMatchObject({ code: "UNREACHABLE" });
  });

  it("ends with the reason of its signal", async () => {
    const { ask } = gatewaysOf(never);
    const end = new AbortController();
    const asking = ask({ signal: end.signal });
    end.abort(new Error("enough"));
    await expect(asking).rejects.toThrow("enough");
  });
});

describe("the memory of gateways", () => {
  it("rests one that fails twice as long each time, and forgets that when it answers", () => {
    const health = new GatewayHealth(3, 1);
    expect(health.order(0)).toEqual([1, 2, 0]);
    health.failed(1, 0);
    expect(health.order(499)).toEqual([2, 0, 1]);
    expect(health.order(500)).toEqual([1, 2, 0]);
    health.failed(1, 500);
    expect(health.order(1_499)).toEqual([2, 0, 1]);
    health.answered(1);
    health.failed(1, 2_000);
    expect(health.order(2_500)).toEqual([1, 2, 0]);
  });

  it("rests a liar for ten minutes, also if it does not answer then", () => {
    const health = new GatewayHealth(2, 0);
    health.lied(0, 0);
    health.failed(0, 1);
    expect(health.order(599_999)).toEqual([1, 0]);
    expect(health.order(600_000)).toEqual([0, 1]);
  });
});
