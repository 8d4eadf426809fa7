/** Messages of an authenticated member: none of them stops its peers or holds them up. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PeerService } from "../../../gen/countersign/v1/peer_service_pb.ts";
import { encodeMessage, type Message } from "../../../src/consensus/message.ts";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { type SigningKey, sha256 } from "../../../src/node/base/crypto.ts";
import { type Bytes, utf8 } from "../../../src/primitives/bytes.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { height, validatorIndex, view } from "../../../src/primitives/numbers.ts";
import { encodeVoteSubject } from "../../../src/primitives/vote.ts";
import type { Cluster } from "../../support/cluster.ts";
import { namedSigningKey, signOperation } from "../../support/operations.ts";
import {
  balanceOf,
  issue,
  networkOf,
  startNetwork,
  stopNetwork,
  transferOf,
  until,
} from "../network.ts";

/** The dishonest member. */
const HOSTILE = 3;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startNetwork();
  await cluster.stopNode(HOSTILE);
});
afterAll(() => stopNetwork(cluster));

/** Sends one batch of consensus messages to every honest node; settles when they have taken it. */
async function say(...messages: readonly Bytes[]): Promise<void> {
  for (const to of [0, 1, 2]) {
    const client = createClient(PeerService, cluster.peerTransport(to, HOSTILE));
    await client.link(batches(messages)).catch(() => undefined);
  }
}

async function* batches(consensusMessages: readonly Bytes[]) {
  yield { consensusMessages: [...consensusMessages] };
}

/** Sends a batch of operations, and a vote in the next batch. */
async function* operationsThenVote(operations: readonly Bytes[], vote: Bytes) {
  yield { operations: [...operations] };
  yield { consensusMessages: [vote] };
}

function finalizeIn(at: number, name = "no block"): Message {
  const blockHash = sha256(utf8(name));
  const place = { epoch: FIRST_EPOCH, view: view(at), height: height(at) };
  const subject = { kind: "finalize", ...place, blockHash } as const;
  const signature = namedSigningKey(`identity ${HOSTILE}`).sign(
    encodeVoteSubject(networkOf(cluster), subject),
  );
  return { kind: "vote", vote: { ...subject, signer: validatorIndex(HOSTILE), signature } };
}

/** The number of turns of the event loop while `act` lasts. */
async function turnsDuring(act: Promise<unknown>): Promise<number> {
  let turns = 0;
  let going = true;
  const count = () => {
    turns += 1;
    if (going) setImmediate(count);
  };
  setImmediate(count);
  await act;
  going = false;
  return turns;
}

describe("a hostile member", () => {
  it("keeps no other member waiting with a batch of valid votes", async () => {
    const messages = Array.from({ length: 400 }, (_, i) => encodeMessage(finalizeIn(1_000 + i)));
    expect(await turnsDuring(say(...messages))).toBeGreaterThanOrEqual(messages.length / 8);
  });

  it("has its votes heard while thousands of its operations wait for their turn", async () => {
    const payer = await issue(cluster, 0, { balance: 5n });
    const payee = await issue(cluster, 0);
    const network = networkOf(cluster);
    const pay = (by: SigningKey) =>
      signOperation(network, by, transferOf({ from: payer, to: payee.id, amount: 1n }));
    const forged = Array.from({ length: 1_900 }, () => pay(payee.signer).bytes);
    const vote = finalizeIn(1_000_000);
    const batches = operationsThenVote([...forged, pay(payer.signer).bytes], encodeMessage(vote));
    const { peers } = cluster.node(0);
    const heard = async () => {
      const remembered = await peers.recall(validatorIndex(HOSTILE));
      return "vote" in remembered && remembered.vote?.view === 1_000_000;
    };
    const client = createClient(PeerService, cluster.peerTransport(0, HOSTILE));
    const link = client.link(batches);
    while (!(await heard())) await nextTurn();
    const { pendingOperations } = await cluster.client(0).getStatus({});
    expect(pendingOperations).toBe(0);
    expect(await balanceOf(cluster, 0, payee.id)).toBe(1n);
    await link;
    await until("the payment behind them", async () => {
      return (await balanceOf(cluster, 0, payee.id)) === 2n;
    });
  });

  it.each([Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1])(
    "stops no node with a vote of view %d",
    async (at) => {
      await say(encodeMessage(finalizeIn(at)));
      await issue(cluster, 0);
      expect(cluster.failures).toEqual([]);
    },
  );

  it("has few proofs of one kind of fault kept, in however many views it commits that", async () => {
    for (let i = 0; i < 4; i++) {
      const next = Number((await cluster.client(0).getStatus({})).view) + 1;
      const votes = [finalizeIn(next, "one block"), finalizeIn(next, "another")];
      await say(...votes.map((vote) => encodeMessage(vote)));
      await issue(cluster, 0);
    }
    const { evidence } = cluster.store(0);
    expect(await evidence.load()).toHaveLength(LIMITS.evidencePerFaultMax);
  });

  // The last message: its sender is read slowly for a while.
  it("is read slowly when it sends more seals than there are blocks", async () => {
    const seals = Array.from({ length: 10_000 }, (_, i) => ({
      kind: "notice" as const,
      target: { kind: "header" as const, epoch: FIRST_EPOCH, height: height(1_000_000 + i) },
      seal: new Uint8Array(64),
    }));
    const end = new AbortController();
    let isRead = false;
    const batch = { operations: [], consensusMessages: [], seals };
    const reading = cluster
      .node(0)
      .peers.receive(validatorIndex(HOSTILE), batch, end.signal)
      .then(() => {
        isRead = true;
      });
    for (let turn = 0; turn < 1_000; turn++) await nextTurn();
    expect(isRead).toBe(false);
    end.abort();
    await reading;
  });
});
