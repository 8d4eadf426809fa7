// A listener reports the end of each call, in every protocol: its name in the contract and its outcome.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createGatewayClient } from "../../src/client/gateway-client.ts";
import type { EndedCall } from "../../src/transport/call-observer.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { type Gateway, openGateway, payment } from "./gateway.ts";

const ended: EndedCall[] = [];
let began = 0;
let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway({
    observer: {
      now: () => performance.now(),
      began: () => {
        began += 1;
      },
      ended: (call) => ended.push(call),
    },
  });
});
beforeEach(() => {
  gateway.reset();
  ended.length = 0;
  began = 0;
});
afterAll(() => gateway.close());

/** Name and outcome of the calls that have ended, once there are so many. */
async function outcomes(count: number): Promise<string[]> {
  await expect.poll(() => ended.length).toBe(count);
  expect(began).toBe(count);
  return ended.map(({ call, outcome }) => `${call} ${outcome}`);
}

describe("the outcome of a call", () => {
  it("is OK for an answer, in JSON and in binary", async () => {
    await gateway.curl("/peers");
    const client = createGatewayClient({ baseUrl: gateway.url, ca: gateway.ca });
    await client.calls.getStatus({});
    client.close();
    expect(await outcomes(2)).toEqual(["ListPeers OK", "GetStatus OK"]);
    expect(ended.every(({ durationMs, isStream }) => durationMs >= 0 && !isStream)).toBe(true);
  });

  it("is the reason of a refusal by the node, in JSON and in binary", async () => {
    gateway.ledger.answer = async () =>
      new Refusal("INSUFFICIENT_FUNDS", { message: "too little" });
    await gateway.post("/transaction", payment);
    const client = createGatewayClient({ baseUrl: gateway.url, ca: gateway.ca });
    await client.calls.getReceipt({}).catch(() => undefined);
    client.close();
    expect(await outcomes(2)).toEqual([
      "Transaction INSUFFICIENT_FUNDS",
      "GetReceipt MISSING_FIELD",
    ]);
  });

  it("is the reason of a refusal before any handler: path, verb, media type, a body that is no JSON", async () => {
    await gateway.curl("/nowhere");
    await gateway.curl("/transaction");
    await gateway.curl("/transaction", "-H", "content-type: text/plain", "--data-binary", "hello");
    await gateway.post("/transaction", "{");
    expect(await outcomes(4)).toEqual([
      "unknown UNKNOWN_PATH",
      "Transaction METHOD_NOT_ALLOWED",
      "Transaction UNSUPPORTED_MEDIA_TYPE",
      "Transaction MALFORMED",
    ]);
  });

  it("is INTERNAL if the program fails", async () => {
    gateway.ledger.answer = () => Promise.reject(new Error("a fault of the program"));
    await gateway.post("/transaction", payment);
    expect(await outcomes(1)).toEqual(["Transaction INTERNAL"]);
    expect(gateway.failures).toHaveLength(1);
  });
});
