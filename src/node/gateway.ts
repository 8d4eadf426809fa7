/**
 * The gateway: what a client asks for becomes an operation, goes the way of all operations, and is answered with its
 * certified result. Nothing is decided here: a refusal is this node's word alone, a result is the network's.
 */

import type { LedgerContext } from "../ledger/context.ts";
import { findWallet, type State } from "../ledger/state.ts";
import { appendEntry, unwrittenWallet, type WalletRecord } from "../ledger/wallet.ts";
import { equalBytes } from "../primitives/bytes.ts";
import {
  deriveWalletId,
  type OperationId,
  uuidFromDigest,
  type WalletId,
} from "../primitives/ids.ts";
import {
  type Operation,
  operationKey,
  type SignedOperation,
  type Transfer,
  type WalletCreation,
} from "../primitives/operation.ts";
import type { OperationLocation } from "../storage/contracts.ts";
import type {
  Call,
  CreationAnswer,
  CreationCommand,
  TransferAnswer,
  TransferCommand,
  WaitFor,
  WalletInfo,
} from "../transport/ledger-api.ts";
import { Refusal } from "../transport/refusal.ts";
import { type Custody, OPEN_PRINCIPAL } from "./custody.ts";
import type { Finality } from "./finality.ts";
import type { Intake, IntakeVerdict, Keep } from "./intake.ts";
import { withPatience } from "./patience.ts";
import type { Ordered, Receipts } from "./receipts.ts";
import {
  differences,
  idInUse,
  poolFull,
  refusalOf,
  unknownWallet,
  wrongSignature,
} from "./refusals.ts";
import type { System } from "./system.ts";

export interface GatewayParts {
  readonly context: LedgerContext;
  readonly intake: Intake;
  readonly finality: Finality;
  readonly receipts: Receipts;
  readonly custody: Custody;
  readonly system: System;
  readonly committedState: () => State;
  /** Settles when this node has caught up with what it knows to be final, or soon enough. */
  readonly catchUp: (signal: AbortSignal) => Promise<void>;
  /** False until the group key is final: no seal will come. */
  readonly sealsExpected: () => boolean;
}

/** A command that may leave the deadline to the gateway. */
interface Dated {
  readonly validUntil?: number | undefined;
}

/** How long an operation that the gateway dates itself stays valid: well past any wait for it. */
const OWN_LIFETIME_MS = 120_000;

export class Gateway {
  readonly #parts: GatewayParts;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
  }

  createWallet(command: CreationCommand, call: Call): Promise<CreationAnswer | Refusal> {
    return withPatience(this.#parts.system, call, (signal) => this.#createWallet(command, signal));
  }

  transfer(command: TransferCommand, call: Call): Promise<TransferAnswer | Refusal> {
    return withPatience(this.#parts.system, call, (signal) => this.#transfer(command, signal));
  }

  /** A wallet as a client sees it. */
  describe(record: WalletRecord): WalletInfo {
    const { context, custody } = this.#parts;
    const { id, balance, publicKey, entries, statementHead } = record;
    const asset = context.genesis.assets[record.asset]?.code ?? "";
    const custodian = custody.custodianOf(publicKey)?.id;
    return { id, asset, balance, publicKey, entries, statementHead, custodian };
  }

  async #createWallet(
    command: CreationCommand,
    signal: AbortSignal,
  ): Promise<CreationAnswer | Refusal> {
    const prepared = await this.#prepareCreation(command);
    if (prepared instanceof Refusal) return prepared;
    const ordered = await this.#order(prepared, command, signal);
    if (ordered instanceof Refusal) return ordered;
    const { operation } = ordered.operation;
    if (operation.kind !== "walletCreation") return idInUse(prepared.operation, ordered.operation);
    return this.#creationAnswer(operation, ordered);
  }

  async #transfer(
    command: TransferCommand,
    signal: AbortSignal,
  ): Promise<TransferAnswer | Refusal> {
    const prepared = await this.#prepareTransfer(command, signal);
    if (prepared instanceof Refusal) return prepared;
    const ordered = await this.#order(prepared, command, signal);
    if (ordered instanceof Refusal) return ordered;
    const { operation } = ordered.operation;
    if (operation.kind !== "transfer") return idInUse(prepared.operation, ordered.operation);
    return { transfer: operation, result: ordered.result, receipt: ordered.receipt };
  }

  async #prepareCreation(command: CreationCommand): Promise<SignedOperation | Refusal> {
    const { context, custody } = this.#parts;
    const initialBalance = command.initialBalance === 0n ? undefined : command.initialBalance;
    if (command.signature !== undefined) return this.#clientCreation(command);
    const publicKey = command.publicKey ?? custody.publicKey;
    if (initialBalance === undefined && !equalBytes(publicKey, custody.publicKey)) {
      return new Refusal("MISSING_FIELD", {
        message: "a wallet without money is created by its own key",
        field: "signature",
        remedy: "Sign the creation with the wallet's key, or leave publicKey out.",
      });
    }
    const { issuer } = command;
    if (issuer !== undefined && !equalBytes(issuer, custody.publicKey)) {
      return new Refusal("MISSING_FIELD", {
        message: "this gateway cannot sign for that issuer",
        field: "signature",
        remedy: "Sign the creation with the issuer's key, or leave issuer out.",
      });
    }
    const draft: WalletCreation = {
      kind: "walletCreation",
      author: custody.publicKey,
      id: command.creationId ?? this.#randomId(),
      validUntil: command.validUntil ?? this.#ownDeadline(),
      publicKey,
      asset: command.asset ?? context.genesis.assets[0]?.code ?? "",
      initialBalance,
    };
    return await this.#signForCaller(draft, command);
  }

  #clientCreation(command: CreationCommand): SignedOperation | Refusal {
    const { custody } = this.#parts;
    const { creationId: id, asset, publicKey, validUntil, issuer, signature } = command;
    const initialBalance = command.initialBalance === 0n ? undefined : command.initialBalance;
    if (id === undefined) return missing("creationId");
    if (asset === undefined) return missing("asset");
    if (publicKey === undefined) return missing("publicKey");
    if (validUntil === undefined) return missing("validUntil");
    if (signature === undefined) return missing("signature");
    if (initialBalance !== undefined && issuer === undefined) return missing("issuer");
    const author = initialBalance === undefined ? publicKey : (issuer ?? publicKey);
    const common = { kind: "walletCreation", author, id, validUntil } as const;
    const creation: WalletCreation = { ...common, publicKey, asset, initialBalance };
    return custody.sponsored(creation, signature);
  }

  async #prepareTransfer(
    command: TransferCommand,
    signal: AbortSignal,
  ): Promise<SignedOperation | Refusal> {
    const { custody } = this.#parts;
    const payer = await this.#findPayer(command.from, signal);
    if (payer === undefined) return unknownWallet(command.from, "transaction.from");
    const { from, to, reference } = command;
    const draft: Transfer = {
      kind: "transfer",
      author: payer.publicKey,
      id: command.id ?? this.#randomId(),
      validUntil: command.validUntil ?? this.#ownDeadline(),
      from,
      to,
      amount: command.amount,
      reference,
    };
    if (command.signature !== undefined) {
      if (command.id === undefined) return missing("transaction.id");
      if (command.validUntil === undefined) return missing("transaction.validUntil");
      return custody.sponsored(draft, command.signature);
    }
    const custodian = custody.custodianOf(payer.publicKey);
    if (custodian === undefined) return missing("signature");
    if (!equalBytes(custodian.custodyKey, custody.publicKey)) {
      const held = command.id === undefined ? undefined : await this.#find(draft);
      if (held !== undefined) return repeated(draft, held, command);
      return new Refusal("NOT_CUSTODIAN", {
        message: `the key of this wallet is kept by ${custodian.id}`,
        field: "transaction.from",
        metadata: { custodian: custodian.id, address: custodian.clientAddress },
      });
    }
    return await this.#signForCaller(draft, command);
  }

  /** What this node knows under the id of `draft`: it can be answered again without the key that signed it. */
  async #find(draft: Transfer): Promise<SignedOperation | undefined> {
    const { intake, receipts } = this.#parts;
    const found = await intake.find(operationKey(draft));
    return found === undefined || "operation" in found
      ? found
      : (await receipts.load(found)).operation;
  }

  async #signForCaller(
    draft: WalletCreation | Transfer,
    command: Dated,
  ): Promise<SignedOperation | Refusal> {
    const { custody } = this.#parts;
    const held = await custody.signedBefore(OPEN_PRINCIPAL, draft);
    return held === undefined ? custody.sign(draft) : repeated(draft, held, command);
  }

  /** Gets the operation ordered, unless it was before, and waits for its certified result. */
  async #order(
    asked: SignedOperation,
    command: Dated & { readonly wait: WaitFor },
    signal: AbortSignal,
  ): Promise<Ordered | Refusal> {
    const { finality } = this.#parts;
    if (finality.isFull) return poolFull();
    // From before the first look, so that whatever becomes final after it is heard of.
    const known = finality.operation(asked.key, asked.operation.validUntil, signal);
    let operation = asked;
    let verdict = await this.#admit(operation, signal);
    if (verdict.kind === "otherBody") {
      const held = repeated(asked.operation, verdict.held, command);
      if (held instanceof Refusal) return held;
      operation = held;
      verdict = await this.#admit(operation, signal);
    }
    if (verdict.kind === "ordered") {
      return await this.#answer(operation, verdict.location, command.wait, signal);
    }
    const refusal = this.#refuse(operation, verdict);
    if (refusal !== undefined) return refusal;
    const location = await known;
    if (location === "aborted") return outcomeUnknown(operation.operation);
    if (location === "expired") return refusalOf(operation.operation, "expired");
    return await this.#answer(operation, location, command.wait, signal);
  }

  async #admit(operation: SignedOperation, signal: AbortSignal): Promise<IntakeVerdict> {
    const { intake, catchUp } = this.#parts;
    const keep = this.#keeperOf(operation);
    const verdict = await intake.fromClient(operation, keep);
    if (verdict.kind !== "refused") return verdict;
    // A gateway that lags refuses nothing that it might soon know better.
    await catchUp(signal);
    return await intake.fromClient(operation, keep);
  }

  /** What the custody key signed is journaled before it leaves; what a client signed is the client's to keep. */
  #keeperOf({ operation }: SignedOperation): Keep | undefined {
    const { custody } = this.#parts;
    const isOwn = equalBytes(operation.author, custody.publicKey);
    return isOwn ? (signed) => custody.keep(OPEN_PRINCIPAL, signed) : undefined;
  }

  #refuse(signed: SignedOperation, verdict: IntakeVerdict): Refusal | undefined {
    const { operation } = signed;
    switch (verdict.kind) {
      case "invalid":
      case "refused":
        return refusalOf(operation, verdict.reason);
      case "otherBody":
        return idInUse(operation, verdict.held);
      case "poolFull":
        return poolFull();
      case "wrongSignature":
        return wrongSignature(operation, this.#parts.context.networkId);
      case "unknownPayer":
        return refusalOf(operation, "unknownPayer");
      default:
        return undefined;
    }
  }

  async #answer(
    asked: SignedOperation,
    location: OperationLocation,
    wait: WaitFor,
    signal: AbortSignal,
  ): Promise<Ordered | Refusal> {
    const { finality, receipts, sealsExpected } = this.#parts;
    if (wait === "sealed" && sealsExpected()) {
      // Ending early is fine: the receipt then carries what is certified so far.
      await finality.height("sealed", location.height, signal);
    }
    const ordered = await receipts.load(location);
    return equalBytes(ordered.operation.hash, asked.hash)
      ? ordered
      : idInUse(asked.operation, ordered.operation);
  }

  /** The wallet is shown as its creation left it, whatever has happened to it since. */
  #creationAnswer(creation: WalletCreation, ordered: Ordered): CreationAnswer {
    const { context } = this.#parts;
    const { result, receipt, height, operation } = ordered;
    const walletId = this.#walletIdOf(creation);
    const answer = { walletId, creation, result, receipt };
    const asset = context.assetIndex(creation.asset);
    if (result.status !== "applied" || asset === undefined) return answer;
    const blank = unwrittenWallet({ id: walletId, publicKey: creation.publicKey, asset });
    const delta = creation.initialBalance ?? 0n;
    const entry = { height, operationHash: operation.hash, delta };
    return { ...answer, wallet: this.describe(appendEntry(context, blank, entry)) };
  }

  #walletIdOf({ publicKey, id: creationId }: WalletCreation): WalletId {
    const { hash, networkId } = this.#parts.context;
    return deriveWalletId(hash, { networkId, publicKey, creationId });
  }

  /** The paying wallet, also if it is only just on its way here. */
  async #findPayer(id: WalletId, signal: AbortSignal): Promise<WalletRecord | undefined> {
    const { context, committedState, catchUp } = this.#parts;
    const found = findWallet(context, committedState(), id);
    if (found !== undefined) return found;
    await catchUp(signal);
    return findWallet(context, committedState(), id);
  }

  #randomId(): OperationId {
    const { context, system } = this.#parts;
    return uuidFromDigest(context.hash(system.entropy(32)));
  }

  #ownDeadline(): number {
    const { lifetimeMsMax, clockSkewMs } = this.#parts.context.genesis.timings;
    const lifetime = Math.min(OWN_LIFETIME_MS, Math.floor((lifetimeMsMax - clockSkewMs) / 2));
    return this.#parts.system.now() + lifetime;
  }
}

/**
 * What left under this id before, if `draft` repeats it: then these very bytes go out again. A deadline that the
 * gateway chose is no part of what was asked.
 */
function repeated(
  draft: Operation,
  held: SignedOperation,
  command: Dated,
): SignedOperation | Refusal {
  const { validUntil } = held.operation;
  const asked = command.validUntil === undefined ? { ...draft, validUntil } : draft;
  return differences(asked, held.operation).length === 0 ? held : idInUse(asked, held);
}

function missing(field: string): Refusal {
  return new Refusal("MISSING_FIELD", { message: `${field} is missing`, field });
}

function outcomeUnknown({ id, kind }: Operation): Refusal {
  return new Refusal("OUTCOME_UNKNOWN", {
    message: "the wait ended before the operation was ordered; it may still be",
    field: kind === "transfer" ? "transaction.id" : "creationId",
    metadata: { id },
  });
}
