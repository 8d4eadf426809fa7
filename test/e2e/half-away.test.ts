/**
 * Goal: with two of four nodes down nothing is applied, whoever calls is told "outcome unknown" with the id by its
 * deadline, and when one comes back what was pending is settled, or ends with a proof that it never will be.
 * Method: SIGKILL of two real processes, payments through both that are left, one of the two started again.
 */
import type { CallOptions } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DeclineReason, ResultStatus, Wait } from "../../gen/countersign/v1/types_pb.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";
import { randomUuid } from "../support/operations.ts";
import { toldDeadline } from "../support/told-deadline.ts";

const LEFT = [0, 1] as const;
const AWAY = [2, 3] as const;
const PAYMENTS = 5;
const DEADLINE_MS = 3_000;
const PATIENCE_MS = 60_000;
const BALANCE = 1_000n;

/** One payment of one minor unit, as often as it is sent. */
interface Payment {
  readonly gateway: number;
  readonly transaction: {
    readonly from: string;
    readonly to: string;
    readonly amount: bigint;
    readonly id: string;
    readonly validUntil?: bigint;
  };
}

let network: Devnet;
/** A wallet in the custody of each of the two that stay. */
const payers: string[] = [];
let payee = "";

beforeAll(async () => {
  network = await Devnet.start(await newPlace());
  for (const gateway of LEFT) {
    const { wallet } = await network.calls(gateway).walletCreation({ initialBalance: BALANCE });
    payers.push(wallet?.id ?? "");
  }
  payee = (await network.calls(0).walletCreation({})).wallet?.id ?? "";
});

afterAll(async () => {
  await network.stop();
  await leavePlace(network.place);
});

function paymentBy(gateway: number, validUntil?: number): Payment {
  const from = payers[gateway] ?? "";
  const named = validUntil === undefined ? {} : { validUntil: BigInt(validUntil) };
  return { gateway, transaction: { from, to: payee, amount: 1n, id: randomUuid(), ...named } };
}

function send({ gateway, transaction }: Payment, options: CallOptions) {
  return network.calls(gateway).transaction({ transaction, wait: Wait.FINAL }, options);
}

/** What the node says by the deadline that it was told, to a call that cannot be answered. */
async function unanswered(payment: Payment) {
  const error: unknown = await send(payment, toldDeadline(DEADLINE_MS)).then(
    () => expect.fail("it was answered without a quorum"),
    (reason: unknown) => reason,
  );
  return readRefusal(error);
}

/** Height and wallets as the nodes that are left hold them. */
async function states() {
  return await Promise.all(
    LEFT.map(async (node) => {
      const calls = network.calls(node);
      const { height, stateRoot } = await calls.getStatus({});
      const wallets = await Promise.all(
        [...payers, payee].map(async (id) => (await calls.getWallet({ id })).wallet?.balance),
      );
      return { height, stateRoot: Buffer.from(stateRoot).toString("hex"), wallets };
    }),
  );
}

/** One height on both, and nothing left to order. */
async function untilCalm(): Promise<void> {
  const calm = async () => {
    const all = await Promise.all(LEFT.map((node) => network.calls(node).getStatus({})));
    const pending = all.some(({ pendingOperations }) => pendingOperations > 0);
    return !pending && new Set(all.map(({ height }) => height)).size === 1;
  };
  await expect.poll(calm, { timeout: PATIENCE_MS }).toBe(true);
}

/** Its certified decline, or a final block later than its window. */
async function expectEnded({ gateway, transaction }: Payment): Promise<void> {
  const { from, id, validUntil = 0n } = transaction;
  const calls = network.calls(gateway);
  const ordered = await calls.getReceipt({ from, id }).catch((error: unknown) => {
    if (readRefusal(error)?.reason !== "NOT_FOUND") throw error;
    return undefined;
  });
  if (ordered !== undefined) {
    const { result } = ordered;
    expect(result?.status).toBe(ResultStatus.DECLINED);
    expect(result?.reason).toBe(DeclineReason.EXPIRED);
    return;
  }
  const { graceMs } = await calls.getNetwork({});
  expect((await calls.getStatus({})).blockTime).toBeGreaterThan(validUntil + BigInt(graceMs));
}

describe("with two of four nodes down", () => {
  it("nothing is applied, callers hear so in time, and all of it settles when one is back", {
    timeout: 150_000,
  }, async () => {
    await untilCalm();
    for (const node of AWAY) await network.kill(node);
    const before = await states();
    const lasting = LEFT.flatMap((gateway) =>
      Array.from({ length: PAYMENTS }, () => paymentBy(gateway)),
    );
    const short = LEFT.map((gateway) => paymentBy(gateway, Date.now() + 2_000));
    const payments = [...lasting, ...short];
    const outcomes = await Promise.all(payments.map(unanswered));
    for (const [place, refusal] of outcomes.entries()) {
      expect(refusal?.reason).toBe("OUTCOME_UNKNOWN");
      expect(refusal?.metadata["id"]).toBe(payments[place]?.transaction.id);
    }
    // Past the deadline of the short ones, which nothing certifies before there is a quorum.
    await expect
      .poll(() => Date.now() - Number(short.at(-1)?.transaction.validUntil))
      .toBeGreaterThan(0);
    expect(await states()).toEqual(before);

    await network.restart(AWAY[0]);
    for (const payment of lasting) {
      const { result } = await send(payment, { timeoutMs: PATIENCE_MS });
      expect(result?.status).toBe(ResultStatus.APPLIED);
    }
    await untilCalm();
    for (const payment of short) await expectEnded(payment);
    const paid = BigInt(PAYMENTS);
    for (const { wallets } of await states()) {
      expect(wallets).toEqual([BALANCE - paid, BALANCE - paid, 2n * paid]);
    }
  });
});
