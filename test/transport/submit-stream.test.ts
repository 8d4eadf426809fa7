// One stream of transfers by itself: what is under way, what is not read, and how it ends.
import { setImmediate as nextTurn } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { afterEach, expect, it } from "vitest";
import {
  type SubmitTransactionsRequest,
  SubmitTransactionsRequestSchema,
  type SubmitTransactionsResponse,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import type { TransferAnswer } from "../../src/transport/ledger-api.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { SubmitStream, type SubmitStreamParts } from "../../src/transport/submit-stream.ts";
import { finalReceipt, sealedReceipt, transfer } from "./ledger-double.ts";

const { underWayMax, perMessageMax } = LIMITS.submitStreams;
const APPLIED: TransferAnswer = {
  transfer,
  result: { status: "applied" },
  receipt: sealedReceipt,
};
const FULL = new Refusal("POOL_FULL", { message: "full" });
const LONG_MS = 60_000;

/** A stream, what it has ordered, and the places that it holds. */
class StreamRig {
  readonly end = new AbortController();
  readonly orders: ((outcome: TransferAnswer | Refusal) => void)[] = [];
  readonly signals: AbortSignal[] = [];
  places = 0;
  messages = 0;
  cuts = 0;
  refusal: Refusal | undefined;
  readonly stream: SubmitStream;

  constructor(times: Partial<SubmitStreamParts["times"]> = {}) {
    this.stream = new SubmitStream({
      order: (_, signal) => {
        this.signals.push(signal);
        return new Promise((resolve) => this.orders.push(resolve));
      },
      takePlace: async () => {
        this.places += 1;
        return { leave: () => (this.places -= 1) };
      },
      recheck: async () => this.refusal,
      answers: { cut: () => (this.cuts += 1), onGone: () => undefined },
      signal: this.end.signal,
      times: { idleMs: LONG_MS, readMs: LONG_MS, recheckMs: LONG_MS, ...times },
    });
    rigs.push(this);
  }

  /** Messages with `size` operations each, numbered from 0; then silence, until the stream is over. */
  async *messagesOf(size: number, count: number): AsyncGenerator<SubmitTransactionsRequest> {
    while (this.messages < count) {
      this.messages += 1;
      yield messageOf(size, (this.messages - 1) * size);
    }
    await new Promise((resolve) => this.end.signal.addEventListener("abort", resolve));
  }
}

const rigs: StreamRig[] = [];

afterEach(() => {
  for (const { end } of rigs.splice(0)) end.abort();
});

function messageOf(size: number, first = 0): SubmitTransactionsRequest {
  const operation = new Uint8Array(200);
  const transfers = Array.from({ length: size }, (_, i) => ({ number: first + i, operation }));
  return create(SubmitTransactionsRequestSchema, { transfers });
}

/** Everything that can happen without an event from outside has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

function numbersOf({ results, refusals }: SubmitTransactionsResponse): number[] {
  return [...results, ...refusals].map(({ number }) => number);
}

it("T9: reads no message while as many operations are under way as may be", async () => {
  const rig = new StreamRig();
  const answers = rig.stream.run(rig.messagesOf(perMessageMax, 100));
  const first = answers.next();
  await settled();
  expect(rig.orders).toHaveLength(underWayMax);
  expect(rig.messages).toBe(underWayMax / perMessageMax);
  rig.orders[7]?.(APPLIED);
  const { value } = await first;
  expect(numbersOf(value)).toEqual([7]);
  await settled();
  // Written when the next one is asked for, and not before.
  expect(rig.orders).toHaveLength(underWayMax);
  const second = answers.next();
  await settled();
  expect(rig.orders).toHaveLength(underWayMax + 1);
  expect(rig.messages).toBe(underWayMax / perMessageMax + 1);
  rig.end.abort();
  await expect(second).rejects.toThrow();
});

it("T9: of a caller that reads nothing, it takes no more operations than may be under way", async () => {
  const rig = new StreamRig({ readMs: 20 });
  const answers = rig.stream.run(rig.messagesOf(perMessageMax, 100));
  const first = answers.next();
  await settled();
  for (const order of rig.orders) order(APPLIED);
  expect(numbersOf((await first).value)).toHaveLength(perMessageMax);
  await settled();
  expect(rig.orders).toHaveLength(underWayMax);
  expect(rig.places).toBe(underWayMax);
  await expect.poll(() => rig.cuts, { timeout: LONG_MS }).toBe(1);
});

it("gives back every place, and ends every wait, when its caller leaves", async () => {
  const rig = new StreamRig();
  const answer = rig.stream.run(rig.messagesOf(9, 1)).next();
  await settled();
  rig.orders[0]?.(APPLIED);
  rig.end.abort();
  await expect(answer).rejects.toThrow();
  expect(rig.places).toBe(0);
  expect(rig.signals.slice(1).every(({ aborted }) => aborted)).toBe(true);
});

it("sends the results of a block under one proof, and refusals by themselves", async () => {
  const rig = new StreamRig();
  const answers = rig.stream.run(rig.messagesOf(7, 1));
  const first = answers.next();
  await settled();
  const pending: TransferAnswer = { ...APPLIED, receipt: finalReceipt };
  const outcomes = [
    APPLIED,
    FULL,
    pending,
    APPLIED,
    FULL,
    { ...pending, receipt: { ...finalReceipt, proof: { ...finalReceipt.proof } } },
  ];
  for (const [i, outcome] of outcomes.entries()) rig.orders[i]?.(outcome);
  const messages = [
    (await first).value,
    (await answers.next()).value,
    (await answers.next()).value,
  ];
  expect(messages.map(numbersOf)).toEqual([
    [1, 4],
    [0, 3],
    [2, 5],
  ]);
  const [refused, sealed, final] = messages;
  expect(refused.refusals[0]).toMatchObject({ detail: { reason: "POOL_FULL" } });
  expect(refused.proof).toBeUndefined();
  expect(sealed.proof).toMatchObject({ sealPending: false });
  expect(final.proof).toMatchObject({ sealPending: true });
});

it("ends with its requests, after the last outcome", async () => {
  const rig = new StreamRig();
  async function* two() {
    yield messageOf(2);
  }
  const answers = rig.stream.run(two());
  const first = answers.next();
  await settled();
  rig.orders[1]?.(APPLIED);
  expect(numbersOf((await first).value)).toEqual([1]);
  const second = answers.next();
  await settled();
  rig.orders[0]?.(FULL);
  expect(numbersOf((await second).value)).toEqual([0]);
  expect(await answers.next()).toEqual({ done: true, value: undefined });
  expect(rig.places).toBe(0);
});

it.each([
  ["no operation", messageOf(0), "MISSING_FIELD"],
  ["too many operations", messageOf(perMessageMax + 1), "LIMIT"],
])("answers what is under way before it ends for %s", async (_, wrong, reason) => {
  const rig = new StreamRig();
  async function* requests() {
    yield messageOf(1);
    yield wrong;
    yield messageOf(1, 1);
  }
  const answers = rig.stream.run(requests());
  const first = answers.next();
  await settled();
  expect(rig.orders).toHaveLength(1);
  rig.orders[0]?.(APPLIED);
  expect(numbersOf((await first).value)).toEqual([0]);
  const error = await answers.next().catch((caught: unknown) => caught);
  expect(readRefusal(error)?.reason).toBe(reason);
});

it("ends when nothing was under way for long enough, and not while something is", async () => {
  const rig = new StreamRig({ idleMs: 30 });
  async function* requests() {
    yield messageOf(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    yield messageOf(1, 1);
    await new Promise((resolve) => rig.end.signal.addEventListener("abort", resolve));
  }
  const answers = rig.stream.run(requests());
  const first = answers.next();
  // Nothing came for longer than that, while the first was under way.
  await expect.poll(() => rig.orders.length, { timeout: LONG_MS }).toBe(2);
  for (const order of rig.orders) order(APPLIED);
  expect(numbersOf((await first).value)).toEqual([0, 1]);
  const error = await answers.next().catch((caught: unknown) => caught);
  expect(readRefusal(error)?.reason).toBe("DEADLINE_EXCEEDED");
});

it("ends when the credential no longer holds, and orders nothing of the next message", async () => {
  const rig = new StreamRig({ recheckMs: 0 });
  async function* requests() {
    yield messageOf(1);
    rig.refusal = new Refusal("UNAUTHENTICATED", { message: "revoked" });
    yield messageOf(1, 1);
  }
  const answers = rig.stream.run(requests());
  const first = answers.next();
  await settled();
  expect(rig.orders).toHaveLength(1);
  rig.orders[0]?.(APPLIED);
  await first;
  const error = await answers.next().catch((caught: unknown) => caught);
  expect(readRefusal(error)?.reason).toBe("UNAUTHENTICATED");
});

it("fails with the failure of an order", async () => {
  const failing = new SubmitStream({
    order: () => Promise.reject(new Error("a fault")),
    takePlace: async () => ({ leave: () => undefined }),
    recheck: async () => undefined,
    answers: undefined,
    signal: new AbortController().signal,
    times: { idleMs: LONG_MS, readMs: LONG_MS, recheckMs: LONG_MS },
  });
  async function* requests() {
    yield messageOf(1);
  }
  await expect(failing.run(requests()).next()).rejects.toThrow("a fault");
});

it("orders nothing more of a message whose caller's credential ends while its operations wait for places", async () => {
  let [orders, places] = [0, 0];
  let refusal: Refusal | undefined;
  const stream = new SubmitStream({
    order: async () => {
      orders += 1;
      return APPLIED;
    },
    takePlace: async () => {
      if (orders === 2) refusal = new Refusal("UNAUTHENTICATED", { message: "revoked" });
      places += 1;
      return { leave: () => (places -= 1) };
    },
    recheck: async () => refusal,
    answers: undefined,
    signal: new AbortController().signal,
    times: { idleMs: LONG_MS, readMs: LONG_MS, recheckMs: 0 },
  });
  async function* requests() {
    yield messageOf(9);
  }
  const error = await Array.fromAsync(stream.run(requests())).catch((caught: unknown) => caught);
  expect(readRefusal(error)?.reason).toBe("UNAUTHENTICATED");
  expect({ orders, places }).toEqual({ orders: 2, places: 0 });
});
