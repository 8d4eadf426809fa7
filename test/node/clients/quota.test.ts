// Every wallet without money has a member that answers for it: each member may sponsor up to its quota in the
// genesis.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DeclineReason, ResultStatus } from "../../../gen/countersign/v1/types_pb.ts";
import { readRefusal } from "../../../src/transport/errors.ts";
import type { Cluster } from "../../support/cluster.ts";
import { randomUuid } from "../../support/operations.ts";
import { expectAgreement, expectSealed, startNetwork, stopNetwork, untilKey } from "../network.ts";

const QUOTA = 3;

describe("a member's quota of wallets without money", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startNetwork({ limits: { unfundedPerSponsorMax: QUOTA } });
  });
  afterAll(() => stopNetwork(cluster));

  const createEmpty = (node: number) =>
    cluster.client(node).walletCreation({ creationId: randomUuid(), initialBalance: 0n });

  it("declines what goes beyond it, refuses what clearly would, and comes back with a payment", async () => {
    const answers = await Promise.all(Array.from({ length: QUOTA + 2 }, () => createEmpty(0)));
    const applied = answers.filter(({ result }) => result?.status === ResultStatus.APPLIED);
    const declined = answers.filter(({ result }) => result?.status === ResultStatus.DECLINED);
    expect([applied.length, declined.length]).toEqual([QUOTA, 2]);
    for (const { result, receipt } of declined) {
      expect(result?.reason).toBe(DeclineReason.SPONSOR_QUOTA_USED);
      await expectSealed(cluster, receipt);
    }
    const refusal = await createEmpty(0).then(
      () => expect.fail("a wallet beyond the quota was taken"),
      (error: unknown) => readRefusal(error),
    );
    expect(refusal?.reason).toBe("SPONSOR_QUOTA_USED");
    const elsewhere = await createEmpty(1);
    expect(elsewhere.result?.status).toBe(ResultStatus.APPLIED);

    const rich = await cluster.client(0).walletCreation({ initialBalance: 10n });
    const [from, to] = [rich.wallet?.id ?? "", applied[0]?.wallet?.id ?? ""];
    await cluster.client(0).transaction({ transaction: { from, to, amount: 4n } });
    const again = await createEmpty(0);
    expect(again.result?.status).toBe(ResultStatus.APPLIED);
    await expectAgreement(cluster);
  });

  it("is known to a node that was started again", async () => {
    await cluster.stopNode(0);
    await cluster.startNode(0);
    await untilKey(cluster);
    const refusal = await createEmpty(0).then(
      () => expect.fail("a wallet beyond the quota was taken"),
      (error: unknown) => readRefusal(error),
    );
    expect(refusal?.reason).toBe("SPONSOR_QUOTA_USED");
  });
});
