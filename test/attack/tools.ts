/** What attacks have in common: votes in the member's name, operations, and loops that end with the attack. */
import { setTimeout as sleep } from "node:timers/promises";
import { createLedgerClient, type LedgerClient } from "../../src/client/ledger-client.ts";
import { entropy, type Signer, sha256, signerOf } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import { deriveWalletId, type WalletId } from "../../src/primitives/ids.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import type { ValidatorIndex } from "../../src/primitives/numbers.ts";
import { assembleOperation, encodeOperation } from "../../src/primitives/operation.ts";
import type { Transfer } from "../../src/primitives/operations/transfer.ts";
import type { WalletCreation } from "../../src/primitives/operations/wallet-creation.ts";
import type { PublicKey } from "../../src/primitives/signature.ts";
import { encodeVoteSubject, type Vote, type VoteSubject } from "../../src/primitives/vote.ts";
import { randomUuid } from "../support/operations.ts";
import type { ClientHand, MemberHand } from "./attack.ts";

export type Forged<Subject> = Subject & Pick<Vote, "signer" | "signature">;

/** Signs anything in the name of the hostile member. */
export function forge<Subject extends VoteSubject>(
  { networkId, identity, self }: MemberHand,
  subject: Subject,
): Forged<Subject> {
  const signature = identity.sign(encodeVoteSubject(networkId, subject));
  return { ...subject, signer: self, signature };
}

/** For each victim in turn, again and again until the signal; each waits for its own stream only. */
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
export function sponsoredCreation({ networkId, self, custodyKey, genesis }: MemberHand): Bytes {
  const key = signerOf(entropy(32));
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
  return assembleOperation(sha256, networkId, { operation, signature, sponsor }).bytes;
}

/** A wallet of the member's, canonical: as an issuer it creates the money in it. */
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

/** A transfer of one unit, as large as one may be, canonical. */
export function largeTransfer(
  { networkId, genesis }: MemberHand,
  by: Signer,
  way: Pick<Transfer, "from" | "to">,
): Bytes {
  const operation: Transfer = {
    kind: "transfer",
    ...way,
    author: by.publicKey,
    id: randomUuid(),
    validUntil: Date.now() + 600_000,
    asset: genesis.assets[0]?.code ?? "",
    amount: amount(1n),
    reference: "x".repeat(LIMITS.referenceLengthMax),
  };
  const signature = by.sign(encodeOperation(networkId, operation));
  return assembleOperation(sha256, networkId, { operation, signature }).bytes;
}

/** A client that takes every refusal as an answer. */
export function impatientClient({ url, ca }: ClientHand): LedgerClient {
  return createLedgerClient({ baseUrl: url, ca, patience: { attemptsMax: 1, waitMsMax: 0 } });
}
