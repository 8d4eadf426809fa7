/** Tools shared by attacks: votes in the member's name, operations, and loops that end with the attack. */
import { setTimeout as sleep } from "node:timers/promises";
import { createGatewayClient, type GatewayClient } from "../../src/client/gateway-client.ts";
import { entropy, type SigningKey, sha256, signingKeyOf } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import { deriveWalletId, type WalletId } from "../../src/primitives/ids.ts";
import type { ValidatorIndex } from "../../src/primitives/numbers.ts";
import { assembleOperation, encodeOperation } from "../../src/primitives/operation.ts";
import type { Transfer } from "../../src/primitives/operations/transfer.ts";
import type { WalletCreation } from "../../src/primitives/operations/wallet-creation.ts";
import type { PublicKey } from "../../src/primitives/signature.ts";
import { encodeVoteSubject, type Vote, type VoteSubject } from "../../src/primitives/vote.ts";
import { openCall } from "../support/open-call.ts";
import { randomUuid } from "../support/operations.ts";
import type { ClientHand, MemberHand } from "./attack.ts";

/** Operations in one batch of a link, and the pause between two looks at the pool, milliseconds. */
const BATCH = 300;
const POLL_MS = 50;

export type Forged<Subject> = Subject & Pick<Vote, "signer" | "signature">;

/** Signs anything in the name of the hostile member. */
export function forge<Subject extends VoteSubject>(
  { networkId, identity, self }: MemberHand,
  subject: Subject,
): Forged<Subject> {
  const signature = identity.sign(encodeVoteSubject(networkId, subject));
  return { ...subject, signer: self, signature };
}

/** Runs `act` for each victim in turn until the signal. Each victim waits for its own stream only. */
export async function toEachUntil(
  hand: MemberHand,
  signal: AbortSignal,
  act: (victim: ValidatorIndex) => Promise<void>,
): Promise<void> {
  await Promise.all(
    hand.victims.map(async ({ index }) => {
      while (!signal.aborted) await act(index);
    }),
  );
}

/** Settles after this time, or at once with the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** A wallet without money that the member lets in, canonical with both signatures. */
export function sponsoredCreation(hand: MemberHand): Bytes {
  return emptyWallet(hand, signingKeyOf(entropy(32))).bytes;
}

/** The same creation for a given key. */
export function emptyWallet(
  { networkId, self, custodyKey, genesis }: MemberHand,
  key: SigningKey,
): { readonly id: WalletId; readonly bytes: Bytes } {
  const operation: WalletCreation = {
    kind: "walletCreation",
    author: key.publicKey,
    publicKey: key.publicKey,
    id: randomUuid(),
    validUntil: Date.now() + 600_000,
    asset: genesis.assets[0]?.code ?? "",
  };
  const unsigned = encodeOperation(networkId, operation);
  const sponsor = { validator: self, signature: custodyKey.sign(unsigned) };
  const signature = key.sign(unsigned);
  const { bytes } = assembleOperation(sha256, networkId, { operation, signature, sponsor });
  const creation = { networkId, publicKey: key.publicKey, creationId: operation.id };
  return { id: deriveWalletId(sha256, creation), bytes };
}

/** Canonical bytes of a wallet of the member, which creates the money in it as an issuer. */
export function fundedCreation(
  { networkId, custodyKey, genesis }: MemberHand,
  owner: PublicKey,
): { readonly id: WalletId; readonly bytes: Bytes } {
  const operation: WalletCreation = {
    kind: "walletCreation",
    author: custodyKey.publicKey,
    publicKey: owner,
    id: randomUuid(),
    validUntil: Date.now() + 600_000,
    asset: genesis.assets[0]?.code ?? "",
    initialBalance: amount(1_000_000_000n),
  };
  const signature = custodyKey.sign(encodeOperation(networkId, operation));
  const { bytes } = assembleOperation(sha256, networkId, { operation, signature });
  const creation = { networkId, publicKey: owner, creationId: operation.id };
  return { id: deriveWalletId(sha256, creation), bytes };
}

/** Canonical bytes of a transfer of one unit. */
export function transferOfOne(
  { networkId, genesis }: MemberHand,
  by: SigningKey,
  about: Pick<Transfer, "from" | "to" | "reference">,
): Bytes {
  const operation: Transfer = {
    kind: "transfer",
    ...about,
    author: by.publicKey,
    id: randomUuid(),
    validUntil: Date.now() + 600_000,
    asset: genesis.assets[0]?.code ?? "",
    amount: amount(1n),
  };
  const signature = by.sign(encodeOperation(networkId, operation));
  return assembleOperation(sha256, networkId, { operation, signature }).bytes;
}

/** Puts operations into every pool. Settles when the blocks that order them are final. */
export async function order(hand: MemberHand, operations: readonly Bytes[]): Promise<void> {
  const [first] = hand.victims;
  if (first === undefined) return;
  for (let from = 0; from < operations.length; from += BATCH) {
    const batch = operations.slice(from, from + BATCH);
    // The member's own node takes them like operations from a peer.
    await hand.node.peers.receive(first.index, {
      operations: batch,
      consensusMessages: [],
      seals: [],
    });
    await Promise.all(hand.victims.map(({ index }) => hand.say(index, { operations: batch })));
  }
  do await sleep(POLL_MS);
  while (hand.node.ledger.getStatus(openCall()).pendingOperations > 0);
}

/** A client that treats every refusal as an answer. */
export function impatientClient({ url, ca }: ClientHand): GatewayClient {
  return createGatewayClient({ baseUrl: url, ca, patience: { attemptsMax: 1, waitMsMax: 0 } });
}
