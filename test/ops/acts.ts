/** Acts of clients, members and servers in a watched network. */
import type { RequestListener } from "node:http";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import { createGatewayClient, type GatewayClient } from "../../src/client/gateway-client.ts";
import { encodeMessage } from "../../src/consensus/message.ts";
import { FIRST_EPOCH } from "../../src/ledger/epochs.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import type { WalletId } from "../../src/primitives/ids.ts";
import { height, validatorIndex, view } from "../../src/primitives/numbers.ts";
import { encodeVoteSubject } from "../../src/primitives/vote.ts";
import { batchToMessage } from "../../src/transport/convert-peer.ts";
import type { PeerApi } from "../../src/transport/peer-api.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { issue, networkOf, type Owned, signedTransfer, until } from "../node/network.ts";
import { namedSigningKey } from "../support/operations.ts";
import type { WatchedNetwork } from "./watched-network.ts";

/** The network under watch, and wallets with money in it. */
export interface Scene {
  readonly network: WatchedNetwork;
  readonly payer: Owned;
  readonly payee: Owned;
}

/** The member that lies, with the key of node4. */
const LIAR = 3;

const PAYMENT_MS = 100_000;

/** Answers of a member that hears no message of the others. */
export const deaf = (): Partial<PeerApi> => ({ receive: async () => undefined });

export async function refuse(): Promise<Refusal> {
  return new Refusal("NOT_READY", { message: "not now" });
}

/** The answer of an authorization server that is out of order. */
export const unavailable: RequestListener = (_, response) => response.writeHead(503).end();

/** A payment by way of the first node, which is final when it settles. */
export async function pay(scene: Scene): Promise<void> {
  await payTo(scene, scene.payee.id);
}

export async function payTo({ network, payer }: Scene, to: WalletId): Promise<void> {
  const request = signedTransfer(network.cluster, { from: payer, to, amount: 1n });
  const isFinal = async () => {
    await network.cluster.client(0).transaction({ ...request, wait: Wait.FINAL });
    return true;
  };
  // An order without an answer is repeated under its id, as its caller should.
  await until("a final payment", isFinal, PAYMENT_MS);
}

/** Many payments at once from a wallet that has money for one: the others cost their sender nothing. */
export async function overdraw({ network: { cluster }, payee }: Scene): Promise<void> {
  const poor = await issue(cluster, 0, { balance: 1n });
  const orders = Array.from({ length: 100 }, () => {
    const request = signedTransfer(cluster, { from: poor, to: payee.id, amount: 1n });
    return cluster.client(1).transaction(request);
  });
  await Promise.allSettled(orders);
}

/** A call to the second node over TLS, as a program without a valid credential makes it; it must be refused. */
export async function refusedCall(
  { nodes: [, node] }: WatchedNetwork,
  call: (calls: GatewayClient["calls"]) => Promise<unknown>,
): Promise<void> {
  if (node === undefined) throw new Error("there is no second node");
  const client = createGatewayClient({ baseUrl: node.clientUrl, ca: node.ca });
  const isAnswered = await call(client.calls).then(
    () => true,
    () => false,
  );
  client.close();
  if (isAnswered) throw new Error("a call was answered that should fail");
}

/** One member signs two votes in the next view, and shows both to the first node, until that keeps them as evidence. */
export async function equivocate({ network }: Scene): Promise<void> {
  const { cluster } = network;
  const victim = cluster.genesis.validators[0];
  if (victim === undefined) throw new Error("there is no first node");
  const held = cluster.store(0).evidence.size;
  const dialing = network.node(LIAR).dial();
  const end = new AbortController();
  try {
    const next = Number((await cluster.client(0).getStatus({})).view) + 1;
    const consensusMessages = ["one block", "another"].map((name) => voteFor(network, next, name));
    const batch = batchToMessage({ consensusMessages, operations: [], seals: [] });
    await dialing.clientOf(victim).link(once(batch), end.signal);
    await until("evidence", async () => cluster.store(0).evidence.size > held);
  } finally {
    end.abort();
    dialing.close();
  }
}

function voteFor({ cluster }: WatchedNetwork, at: number, name: string) {
  const blockHash = sha256(utf8(name));
  const place = { epoch: FIRST_EPOCH, view: view(at), height: height(at) };
  const subject = { kind: "finalize", ...place, blockHash } as const;
  const signature = namedSigningKey(`identity ${LIAR}`).sign(
    encodeVoteSubject(networkOf(cluster), subject),
  );
  const vote = { ...subject, signer: validatorIndex(LIAR), signature };
  return encodeMessage({ kind: "vote", vote });
}

async function* once<T>(item: T): AsyncGenerator<T> {
  yield item;
}
