/**
 * A small network for ledger tests: keys from names, a genesis, a ceremony judge without cryptography, and signed
 * operations.
 */

import type { CeremonyJudge } from "../../src/ledger/ceremony-judge.ts";
import { createLedgerContext, type LedgerContext } from "../../src/ledger/context.ts";
import { FIRST_EPOCH } from "../../src/ledger/epochs.ts";
import { type Execution, execute } from "../../src/ledger/execute.ts";
import type { Genesis, RulesetStart } from "../../src/ledger/genesis.ts";
import type { Invalid } from "../../src/ledger/invalid-reason.ts";
import { ALL_RULES } from "../../src/ledger/rulesets.ts";
import { signatureChecks } from "../../src/ledger/signature-checks.ts";
import { findWallet, genesisState, type State } from "../../src/ledger/state.ts";
import type { WalletRecord } from "../../src/ledger/wallet-record.ts";
import {
  isValidPoint,
  type SigningKey,
  sha256,
  signingKeyOf,
  verify,
} from "../../src/node/base/crypto.ts";
import { type Amount, amount } from "../../src/primitives/amount.ts";
import { type Bytes, concatBytes, equalBytes, toHex, utf8 } from "../../src/primitives/bytes.ts";
import {
  deriveWalletId,
  type OperationId,
  uuidFromDigest,
  type WalletId,
} from "../../src/primitives/ids.ts";
import { type ValidatorIndex, validatorIndex } from "../../src/primitives/numbers.ts";
import {
  assembleOperation,
  type SignedOperation,
  type Sponsor,
} from "../../src/primitives/operation.ts";
import type { Operation } from "../../src/primitives/operation-kinds.ts";
import type { WalletCreation } from "../../src/primitives/operations/wallet-creation.ts";
import { validatorOf } from "../support/validator.ts";

export const CREATED_AT = 1_763_900_000_000;
export const GRACE_MS = 5_000;
export const LIFETIME_MS = 3_600_000;

export interface Network {
  readonly context: LedgerContext;
  readonly identities: readonly SigningKey[];
  readonly custodians: readonly SigningKey[];
}

/** The key pair that belongs to a name. */
export function keyOf(name: string): SigningKey {
  return signingKeyOf(sha256(utf8(name)));
}

/** The id that belongs to a name. */
export function idOf(name: string): OperationId {
  return uuidFromDigest(sha256(utf8(name)));
}

export function createGenesis(n = 4, limits: Partial<Genesis["limits"]> = {}): Genesis {
  const indices = Array.from({ length: n }, (_, i) => i);
  return {
    createdAt: CREATED_AT,
    validators: indices.map((index) => {
      const identityKey = keyOf(`identity ${index}`).publicKey;
      const custodyKey = keyOf(`custody ${index}`).publicKey;
      return { ...validatorOf(index, { identityKey, custodyKey }), id: `node-${index + 1}` };
    }),
    assets: [
      { code: "EUR", scale: 2 },
      { code: "BTC", scale: 8 },
    ],
    issuers: [keyOf("issuer").publicKey],
    limits: {
      blockOperationsMax: 50,
      blockBytesMax: 65_536,
      sponsoredPerBlockMax: 2,
      unfundedPerSponsorMax: 40,
      ...limits,
    },
    timings: {
      graceMs: GRACE_MS,
      lifetimeMsMax: LIFETIME_MS,
      clockSkewMs: 1_000,
      viewTimeoutMs: 500,
      viewTimeoutMsMax: 8_000,
      sealTimeoutMs: 500,
      ceremonyTimeoutMs: 30_000,
    },
    rulesets: ALL_RULES,
  };
}

export function createNetwork(
  n = 4,
  judge: CeremonyJudge = playfulJudge,
  limits: Partial<Genesis["limits"]> = {},
  rulesets: readonly RulesetStart[] = ALL_RULES,
): Network {
  const genesis = {
    ...createGenesis(n, limits),
    rulesets: rulesets.length === 0 ? undefined : rulesets,
  };
  return {
    context: createLedgerContext({ genesis, hash: sha256, isValidPoint, judge }),
    identities: genesis.validators.map(({ index }) => keyOf(`identity ${index}`)),
    custodians: genesis.validators.map(({ index }) => keyOf(`custody ${index}`)),
  };
}

export const start = (network: Network): State => genesisState(network.context);

/** Signs `operation` with its author's key pair, or with another one so that it is refused. */
export function sign(
  network: Network,
  operation: Operation,
  signer: SigningKey,
  sponsor?: { readonly index: number; readonly signer: SigningKey },
): SignedOperation {
  const { hash, networkId } = network.context;
  const empty = new Uint8Array(64);
  const { unsignedBytes } = assembleOperation(hash, networkId, { operation, signature: empty });
  const signature = signer.sign(unsignedBytes);
  const sponsorship: Sponsor | undefined = sponsor && {
    validator: validatorIndex(sponsor.index),
    signature: sponsor.signer.sign(unsignedBytes),
  };
  return assembleOperation(hash, networkId, { operation, signature, sponsor: sponsorship });
}

/** Defaults of most operations: an id from a name, and a deadline a minute after genesis. */
export function common(signer: SigningKey, name: string) {
  return { author: signer.publicKey, id: idOf(name), validUntil: CREATED_AT + 60_000 };
}

export interface WalletPlan {
  /** Names the wallet's key pair and its creation. */
  readonly name: string;
  readonly asset?: string;
  readonly balance?: bigint;
  /** The sponsor of a wallet without money; default validator 0. */
  readonly sponsor?: number;
  readonly validUntil?: number;
}

/** A creation by the issuer if there is a balance; otherwise by the wallet's own key with a sponsor. */
export function creation(network: Network, plan: WalletPlan): SignedOperation {
  const owner = keyOf(plan.name);
  const author = plan.balance === undefined ? owner : keyOf("issuer");
  const operation: WalletCreation = {
    kind: "walletCreation",
    ...common(author, `create ${plan.name}`),
    ...(plan.validUntil !== undefined && { validUntil: plan.validUntil }),
    publicKey: owner.publicKey,
    asset: plan.asset ?? "EUR",
    initialBalance: plan.balance === undefined ? undefined : amount(plan.balance),
  };
  if (plan.balance !== undefined) return sign(network, operation, author);
  const index = plan.sponsor ?? 0;
  return sign(network, operation, author, { index, signer: keyOf(`custody ${index}`) });
}

export function walletIdOf(network: Network, name: string): WalletId {
  const { hash, networkId } = network.context;
  const publicKey = keyOf(name).publicKey;
  return deriveWalletId(hash, { networkId, publicKey, creationId: idOf(`create ${name}`) });
}

export interface TransferPlan {
  readonly from: string;
  readonly to: string;
  /** "EUR" by default. */
  readonly asset?: string;
  readonly amount: bigint;
  /** Names the id; by default, different payments have different ids. */
  readonly id?: string;
  readonly validUntil?: number;
  readonly reference?: string;
}

export function transfer(network: Network, plan: TransferPlan): SignedOperation {
  const payer = keyOf(plan.from);
  const name = plan.id ?? `${plan.from} to ${plan.to}: ${plan.amount}`;
  const operation: Operation = {
    kind: "transfer",
    ...common(payer, name),
    ...(plan.validUntil !== undefined && { validUntil: plan.validUntil }),
    from: walletIdOf(network, plan.from),
    to: walletIdOf(network, plan.to),
    asset: plan.asset ?? "EUR",
    amount: amount(plan.amount),
    ...(plan.reference !== undefined && { reference: plan.reference }),
  };
  return sign(network, operation, payer);
}

export interface CancellationPlan {
  readonly from: string;
  /** Names the id. */
  readonly id: string;
  readonly validUntil?: number;
  /** The author, if not the payer. */
  readonly by?: string;
  /** Signs in place of the author. */
  readonly signer?: string;
  /** A sponsor, which no cancellation may have. */
  readonly sponsor?: number;
}

export function cancellation(network: Network, plan: CancellationPlan): SignedOperation {
  const author = keyOf(plan.by ?? plan.from);
  const operation: Operation = {
    kind: "cancellation",
    ...common(author, plan.id),
    ...(plan.validUntil !== undefined && { validUntil: plan.validUntil }),
    from: walletIdOf(network, plan.from),
  };
  const signer = plan.signer === undefined ? author : keyOf(plan.signer);
  const index = plan.sponsor;
  const sponsor = index === undefined ? undefined : { index, signer: keyOf(`custody ${index}`) };
  return sign(network, operation, signer, sponsor);
}

/** Checks every signature for real, as a node does. */
export function signaturesValid(network: Network) {
  return (operation: SignedOperation): boolean => {
    const checks = signatureChecks(network.context, operation, FIRST_EPOCH);
    return checks?.every(verify) ?? false;
  };
}

export function tryBlock(
  network: Network,
  state: State,
  operations: readonly SignedOperation[],
  time = state.time + 1,
): Execution | Invalid {
  const valid = signaturesValid(network);
  return execute(network.context, { state, operations, time, signaturesValid: valid });
}

export function block(
  network: Network,
  state: State,
  operations: readonly SignedOperation[],
  time = state.time + 1,
): Execution {
  const execution = tryBlock(network, state, operations, time);
  if (execution.kind === "executed") return execution;
  throw new Error(`invalid block: ${execution.reason} at ${execution.index}`);
}

/** "applied", or the reason of the decline, one for each operation. */
export function statuses(execution: Execution): string[] {
  return execution.results.map((result) =>
    result.status === "applied" ? "applied" : result.reason,
  );
}

export function wallet(network: Network, state: State, name: string): WalletRecord | undefined {
  return findWallet(network.context, state, walletIdOf(network, name));
}

export function balance(network: Network, state: State, name: string): Amount | undefined {
  return wallet(network, state, name)?.balance;
}

/** The whole state as text, to compare two states. */
export function fingerprint(state: State): string {
  return JSON.stringify([
    state.height,
    state.time,
    state.wallets.size,
    toHex(state.wallets.root()),
    toHex(state.ceremonyHash),
    state.supply.map(String),
    state.usedIds.size,
  ]);
}

/** Bytes by which a package or a ciphertext marks itself as bad. */
export const BAD: Bytes = utf8("bad");

/**
 * A judge without cryptography: it refuses a package that is marked as bad; the outcome is a hash of everything; an
 * ephemeral key is the hash of its secret; a ciphertext is wrong if it is marked so.
 */
export const playfulJudge: CeremonyJudge = {
  acceptsRound1: (_, record) => !equalBytes(record.package, BAD),
  outcome: (context, round1, ciphertexts) => {
    const packages = concatBytes(...round1.map((item) => item.package));
    const all = ciphertexts.flatMap((item) => item.ciphertexts.map((inner) => inner.ciphertext));
    return {
      groupKey: sha256(packages),
      verifyingShares: context.members.map((member) => ({
        member,
        share: sha256(concatBytes(packages, Uint8Array.of(member))),
      })),
      transcriptHash: sha256(concatBytes(packages, ...all)),
    };
  },
  blame: (_, round1, ciphertexts, { complainer, accused, ephemeralSecret }): ValidatorIndex => {
    const own = round1.find((item) => item.member === complainer);
    const sent = ciphertexts
      .find((item) => item.member === accused)
      ?.ciphertexts.find((item) => item.to === complainer);
    const honest = own !== undefined && equalBytes(sha256(ephemeralSecret), own.ephemeralKey);
    return honest && sent !== undefined && equalBytes(sent.ciphertext, BAD) ? accused : complainer;
  },
};
