// One of four nodes, the leader included, loses its power at any time: payments still settle and are sealed.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ResultStatus, Wait } from "../../gen/countersign/v1/types_pb.ts";
import type { Uuid } from "../../src/primitives/ids.ts";
import type { Cluster } from "../support/cluster.ts";
import { sweep } from "../support/sweep.ts";
import {
  balanceOf,
  expectAgreement,
  expectSealed,
  issue,
  type Owned,
  openCustodial,
  running,
  signedTransfer,
  startNetwork,
  statuses,
  stopNetwork,
} from "./network.ts";

/** Ends what hangs: a busy machine needs many times the second that an idle one takes. */
const SETTLE_MS = 60_000;

/** Payments one after another, answered as applied; `expected` counts them. */
class Payer {
  readonly #cluster: Cluster;
  readonly #from: Owned;
  readonly #to: Uuid;
  settled = 0n;
  #stopped = false;
  #paying: Promise<void> | undefined;

  constructor(cluster: Cluster, from: Owned, to: Uuid) {
    this.#cluster = cluster;
    this.#from = from;
    this.#to = to;
  }

  /** One payment of 1 through `gateway`, up to its seal. */
  async pay(gateway: number): Promise<void> {
    const request = signedTransfer(this.#cluster, { from: this.#from, to: this.#to, amount: 1n });
    const { result, receipt } = await this.#cluster.client(gateway).transaction(request);
    expect(result?.status).toBe(ResultStatus.APPLIED);
    await expectSealed(this.#cluster, receipt);
    this.settled += 1n;
  }

  /** Pays without a pause until it is stopped; waits for finality only. */
  begin(gateway: number): void {
    this.#stopped = false;
    this.#paying = this.#goOn(gateway);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#paying;
  }

  async #goOn(gateway: number): Promise<void> {
    while (!this.#stopped) {
      const request = signedTransfer(this.#cluster, { from: this.#from, to: this.#to, amount: 1n });
      const { result } = await this.#cluster
        .client(gateway)
        .transaction({ ...request, wait: Wait.FINAL });
      expect(result?.status).toBe(ResultStatus.APPLIED);
      this.settled += 1n;
    }
  }
}

/** The leader of the view that most nodes are in. */
async function leader(cluster: Cluster): Promise<number> {
  const views = (await statuses(cluster)).map(({ view }) => Number(view));
  return Math.max(...views) % cluster.size;
}

describe("with any one node dead", () => {
  let cluster: Cluster;
  let payers: Payer[];
  let payee: Uuid;
  beforeAll(async () => {
    // A short timeout, so that a dead node costs the test little time.
    cluster = await startNetwork({ timings: { viewTimeoutMs: 250, sealTimeoutMs: 150 } });
    payee = await openCustodial(cluster, 0);
    payers = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        return new Payer(cluster, await issue(cluster, i % 4, { balance: 100_000n }), payee);
      }),
    );
  });
  afterAll(() => stopNetwork(cluster));

  const payer = () => payers[0] ?? expect.fail("no payer");

  async function expectAllSettled(): Promise<void> {
    await expectAgreement(cluster);
    const settled = payers.reduce((sum, one) => sum + one.settled, 0n);
    for (const node of running(cluster)) {
      expect(await balanceOf(cluster, node, payee)).toBe(settled);
    }
  }

  /** Brings the dead node back: it catches up, agrees, and takes payments itself. */
  async function expectReturn(dead: number): Promise<void> {
    await cluster.startNode(dead);
    await expectAllSettled();
    await payer().pay(dead);
    await expectAllSettled();
  }

  for (const dead of [0, 1, 2, 3]) {
    it(`payments settle and are sealed: node ${dead}, idle`, {
      timeout: 4 * SETTLE_MS,
    }, async () => {
      await expectAgreement(cluster);
      await cluster.stopNode(dead, true);
      for (const gateway of running(cluster)) await payer().pay(gateway);
      await expectReturn(dead);
    });
  }

  for (const dead of sweep({ all: [0, 1, 2, 3], share: [1, 2] })) {
    it(`payments settle and are sealed: node ${dead}, under load`, {
      timeout: 4 * SETTLE_MS,
    }, async () => {
      const gateways = [0, 1, 2, 3].filter((node) => node !== dead);
      for (const [i, one] of payers.entries()) one.begin(gateways[i % 3] ?? 0);
      await payUntil(payers, 8n);
      await cluster.stopNode(dead, true);
      await payUntil(payers, 8n);
      await cluster.startNode(dead);
      await payUntil(payers, 8n);
      for (const one of payers) await one.stop();
      await payer().pay(dead);
      await expectAllSettled();
    });
  }

  it("payments settle and are sealed: whichever leads, three times in a row", {
    timeout: 4 * SETTLE_MS,
  }, async () => {
    for (let round = 0; round < 3; round++) {
      const dead = await leader(cluster);
      const gateway = (dead + 1) % 4;
      const under = payer().pay(gateway);
      await cluster.stopNode(dead, true);
      await under;
      await payer().pay((dead + 2) % 4);
      await expectReturn(dead);
    }
  });
});

/** Settles when each of them has had this many more payments settled. */
async function payUntil(payers: readonly Payer[], more: bigint): Promise<void> {
  const goals = payers.map(({ settled }) => settled + more);
  const end = Date.now() + SETTLE_MS;
  while (payers.some(({ settled }, i) => settled < (goals[i] ?? 0n))) {
    if (Date.now() > end) throw new Error("payments do not settle");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
