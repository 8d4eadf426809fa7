/** A node catches up in a network in which one member does not serve it honestly. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Wait } from "../../../gen/countersign/v1/types_pb.ts";
import type { FetchedBlocks, PeerApi } from "../../../src/transport/peer-api.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import type { Cluster } from "../../support/cluster.ts";
import { twistedApi } from "../../support/twisted-api.ts";
import {
  expectAgreement,
  issue,
  type Owned,
  signedTransfer,
  startNetwork,
  stopNetwork,
} from "../network.ts";

const [LIAR, AWAY] = [0, 3];
/** More than a node fetches by hash (R25): it has to fetch ranges (R30). */
const PAYMENTS = 40;

let cluster: Cluster;
let serve: Serve | undefined;
/** The number of questions for blocks to that member. */
let asked = 0;
let payer: Owned;
let payee: Owned;

type Serve = (answer: FetchedBlocks) => Promise<FetchedBlocks | Refusal>;

const WAYS: Readonly<Record<string, Serve>> = {
  "never answers": () => new Promise(() => undefined),
  "answers with other bodies": async (answer) => {
    const [first] = answer.blocks;
    const operations = first?.operations ?? [];
    return { ...answer, blocks: answer.blocks.map((block) => ({ ...block, operations })) };
  },
  "cuts headers off": async (answer) => ({
    ...answer,
    blocks: answer.blocks.map((block) => ({ ...block, header: block.header.subarray(1) })),
  }),
  "keeps the finalization back": async ({ blocks, finalHeight }) => ({ blocks, finalHeight }),
  refuses: async () => new Refusal("NOT_READY", { message: "not now" }),
  "has nothing": async ({ finalHeight }) => ({ blocks: [], finalHeight }),
  "sends more than a message may hold": async (answer) => ({
    ...answer,
    blocks: Array.from({ length: 300 }, () => ({
      header: new Uint8Array(1024),
      operations: [new Uint8Array(65_536)],
    })),
  }),
};

beforeAll(async () => {
  cluster = await startNetwork({
    timings: { viewTimeoutMs: 300, sealTimeoutMs: 150 },
    asSeen: (index, api) =>
      index === LIAR ? twistedApi(api, () => ({ fetchBlocks: answering(api) })) : api,
  });
  payer = await issue(cluster, 1, { balance: 10_000n });
  payee = await issue(cluster, 2);
});
afterAll(() => stopNetwork(cluster));

function answering(api: PeerApi): PeerApi["fetchBlocks"] {
  return async (query, caller) => {
    asked += 1;
    const answer = await api.fetchBlocks(query, caller);
    return serve === undefined || answer instanceof Refusal ? answer : await serve(answer);
  };
}

/** One payment after another, so that each takes a block. */
async function pay(): Promise<void> {
  for (let i = 0; i < PAYMENTS; i++) {
    const request = signedTransfer(cluster, { from: payer, to: payee.id, amount: 1n });
    await cluster.client(1).transaction({ ...request, wait: Wait.FINAL });
  }
}

describe("R30: a node that was away has everything again though a member", () => {
  it.each(Object.entries(WAYS))("%s", async (_, way) => {
    await cluster.stopNode(AWAY);
    await pay();
    serve = way;
    asked = 0;
    await cluster.startNode(AWAY);
    await expectAgreement(cluster);
    expect(asked).toBeGreaterThan(0);
    expect(cluster.failures).toEqual([]);
  });

  it("is gone, and votes", async () => {
    await cluster.stopNode(LIAR);
    await issue(cluster, AWAY, { balance: 1n });
    await expectAgreement(cluster);
  });
});
