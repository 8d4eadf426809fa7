// The owner signs two transfers of one whole balance and sends them to two gateways at once: exactly one is applied.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DeclineReason, ResultStatus, Wait } from "../../../gen/countersign/v1/types_pb.ts";
import { toHex } from "../../../src/primitives/bytes.ts";
import type { Uuid } from "../../../src/primitives/ids.ts";
import { readRefusal } from "../../../src/transport/errors.ts";
import type { Cluster } from "../../support/cluster.ts";
import { randomUuid } from "../../support/operations.ts";
import { sweep } from "../../support/sweep.ts";
import { Random } from "../../support/world/random.ts";
import {
  balanceOf,
  expectAgreement,
  issue,
  type Owned,
  signedTransfer,
  startNetwork,
  stopNetwork,
} from "../network.ts";

const RACES = sweep({ whole: 200, all: 100, share: 50 });
/** Races run in parallel. */
const BATCH = 25;
const WHOLE = 1_000n;

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000_000);

interface Race {
  readonly payer: Owned;
  readonly payees: readonly [Uuid, Uuid];
  readonly ids: readonly [Uuid, Uuid];
  readonly gateways: readonly [number, number];
}

/** The answer to the client at one gateway. */
type Told =
  | { readonly kind: "applied" | "declined"; readonly leaf: string }
  | { readonly kind: "refused"; readonly reason: string };

async function prepare(cluster: Cluster, random: Random, sameId: boolean): Promise<Race> {
  const gateway = random.below(4);
  const [payer, left, right] = await Promise.all([
    issue(cluster, gateway, { balance: WHOLE }),
    issue(cluster, gateway),
    issue(cluster, gateway),
  ]);
  const [one = 0, other = 1] = random.sample([0, 1, 2, 3], 2);
  const id = randomUuid();
  const ids = [id, sameId ? id : randomUuid()] as const;
  return { payer, payees: [left.id, right.id], ids, gateways: [one, other] };
}

async function send(cluster: Cluster, race: Race, side: 0 | 1): Promise<Told> {
  const { payer: from, payees, ids, gateways } = race;
  const plan = { from, to: payees[side], amount: WHOLE, id: ids[side] };
  const request = { ...signedTransfer(cluster, plan), wait: Wait.FINAL };
  try {
    const { result, receipt } = await cluster.client(gateways[side]).transaction(request);
    const leaf = toHex(receipt?.leaf ?? new Uint8Array());
    if (result?.status === ResultStatus.APPLIED) return { kind: "applied", leaf };
    expect(result?.reason).toBe(DeclineReason.INSUFFICIENT_FUNDS);
    return { kind: "declined", leaf };
  } catch (error) {
    const refusal = readRefusal(error);
    if (refusal === undefined) throw error;
    return { kind: "refused", reason: refusal.reason };
  }
}

/** The result of one side of a race at every node, once all nodes are at the same height. */
async function expectSameEverywhere(cluster: Cluster, race: Race, told: readonly Told[]) {
  const winner = told.findIndex(({ kind }) => kind === "applied");
  for (let node = 0; node < cluster.size; node++) {
    expect(await balanceOf(cluster, node, race.payer.id)).toBe(0n);
    for (const [side, payee] of race.payees.entries()) {
      expect(await balanceOf(cluster, node, payee)).toBe(side === winner ? 1n + WHOLE : 1n);
    }
    for (const [side, what] of told.entries()) {
      const query = { from: race.payer.id, id: race.ids[side] ?? "" };
      const answer = cluster.client(node).getReceipt(query);
      if (what.kind !== "refused") {
        expect(toHex((await answer).receipt?.leaf ?? new Uint8Array())).toBe(what.leaf);
      } else if (race.ids[0] !== race.ids[1]) {
        await expect(answer).rejects.toThrow("no final block");
      }
    }
  }
}

describe(`of two payments with the same money (SEED=${seed})`, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startNetwork();
  });
  afterAll(() => stopNetwork(cluster));

  async function run(sameId: boolean, losers: readonly string[]): Promise<void> {
    const random = new Random(seed, sameId ? 1 : 0);
    for (let done = 0; done < RACES; done += BATCH) {
      const races = await Promise.all(
        Array.from({ length: BATCH }, () => prepare(cluster, random, sameId)),
      );
      const outcomes = await Promise.all(
        races.map((race) => Promise.all([send(cluster, race, 0), send(cluster, race, 1)])),
      );
      await expectAgreement(cluster);
      for (const [place, race] of races.entries()) {
        const told = outcomes[place] ?? [];
        const what = told.map((one) => (one.kind === "refused" ? one.reason : one.kind));
        const loser = what.filter((one) => one !== "applied");
        expect(loser, `race ${done + place}: ${what}`).toHaveLength(1);
        expect(losers, `race ${done + place}`).toContain(loser[0]);
        await expectSameEverywhere(cluster, race, told);
      }
    }
  }

  it(
    `exactly one is applied, on every node, ${RACES} times, if they have ids of their own`,
    () => run(false, ["declined", "INSUFFICIENT_FUNDS"]),
    180_000,
  );

  it(
    `exactly one is applied, on every node, ${RACES} times, if they share an id`,
    () => run(true, ["ID_IN_USE"]),
    180_000,
  );
});
