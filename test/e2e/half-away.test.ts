/**
 * Goal: with two of four nodes down no operation is applied, and every caller is told "outcome unknown" with the id
 * before its deadline. When one node comes back, pending operations settle, or get a proof that they never will.
 * Method: SIGKILL of two real processes, payments through the two others, and a restart of one node.
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
/** Of an order; a node on a busy machine still accepts it. */
const SHORT_MS = 10_000;
const PATIENCE_MS = 60_000;
const BALANCE = 1_000n;

/** One payment of one minor unit, which may be sent several times. */
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
/** One custodial wallet at each of the two nodes that stay. */
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

/** The node's answer, by the caller's deadline, to a call that it cannot complete. */
async function unanswered(payment: Payment) {
  const error: unknown = await send(payment, toldDeadline(DEADLINE_MS)).then(
    () => expect.fail("it was answered without a quorum"),
    (reason: unknown) => reason,
  );
  return readRefusal(error);
}

/** Both nodes have these balances of the payers and the payee. An empty block that became final meanwhile changes none (R8). */
async function expectBalances(balances: readonly bigint[]): Promise<void> {
  for (const node of LEFT) {
    const { getWallet } = network.calls(node);
    const ids = [...payers, payee];
    const found = await Promise.all(
      ids.map(async (id) => (await getWallet({ id })).wallet?.balance),
    );
    expect(found).toEqual(balances);
  }
}

/** Both nodes have one height and nothing left to order. */
async function untilCalm(): Promise<void> {
  const calm = async () => {
    const all = await Promise.all(LEFT.map((node) => network.calls(node).getStatus({})));
    const pending = all.some(({ pendingOperations }) => pendingOperations > 0);
    return !pending && new Set(all.map(({ height }) => height)).size === 1;
  };
  await expect.poll(calm, { timeout: PATIENCE_MS }).toBe(true);
}

/** The certified decline of an operation, or a final block later than its window. */
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
    const lasting = LEFT.flatMap((gateway) =>
      Array.from({ length: PAYMENTS }, () => paymentBy(gateway)),
    );
    const short = LEFT.map((gateway) => paymentBy(gateway, Date.now() + SHORT_MS));
    const payments = [...lasting, ...short];
    const outcomes = await Promise.all(payments.map(unanswered));
    for (const [place, refusal] of outcomes.entries()) {
      expect(refusal?.reason).toBe("OUTCOME_UNKNOWN");
      expect(refusal?.metadata["id"]).toBe(payments[place]?.transaction.id);
    }
    // After the deadline of the short orders, which nothing certifies while there is no quorum.
    await expect
      .poll(() => Date.now() - Number(short.at(-1)?.transaction.validUntil))
      .toBeGreaterThan(0);
    await expectBalances([BALANCE, BALANCE, 0n]);

    await network.restart(AWAY[0]);
    for (const payment of lasting) {
      const { result } = await send(payment, { timeoutMs: PATIENCE_MS });
      expect(result?.status).toBe(ResultStatus.APPLIED);
    }
    await untilCalm();
    for (const payment of short) await expectEnded(payment);
    const paid = BigInt(PAYMENTS);
    await expectBalances([BALANCE - paid, BALANCE - paid, 2n * paid]);
  });
});
