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
import type {
  Operation,
  SignedOperation,
  Transfer,
  WalletCreation,
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

/** How long an operation that the gateway dates itself stays valid: well past any wait for it. */
const OWN_LIFETIME_MS = 120_000;

export class Gateway {
  readonly #parts: GatewayParts;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
  }

  async createWallet(command: CreationCommand, call: Call): Promise<CreationAnswer | Refusal> {
    const prepared = await this.#prepareCreation(command);
    if (prepared instanceof Refusal) return prepared;
    const ordered = await this.#order(prepared, command.wait, call);
    if (ordered instanceof Refusal) return ordered;
    const { operation } = ordered.operation;
    if (operation.kind !== "walletCreation") return idInUse(prepared.operation, ordered.operation);
    return this.#creationAnswer(operation, ordered);
  }

  async transfer(command: TransferCommand, call: Call): Promise<TransferAnswer | Refusal> {
    const prepared = await this.#prepareTransfer(command, call);
    if (prepared instanceof Refusal) return prepared;
    const ordered = await this.#order(prepared, command.wait, call);
    if (ordered instanceof Refusal) return ordered;
    const { operation } = ordered.operation;
    if (operation.kind !== "transfer") return idInUse(prepared.operation, ordered.operation);
    return { transfer: operation, result: ordered.result, receipt: ordered.receipt };
  }

  /** A wallet as a client sees it. */
  describe(record: WalletRecord): WalletInfo {
    const { context, custody } = this.#parts;
    const { id, balance, publicKey, entries, statementHead } = record;
    const asset = context.genesis.assets[record.asset]?.code ?? "";
    const custodian = custody.custodianOf(publicKey)?.id;
    return { id, asset, balance, publicKey, entries, statementHead, custodian };
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
        remedy: "sign the creation with the wallet's key, or leave publicKey out",
      });
    }
    const { issuer } = command;
    if (issuer !== undefined && !equalBytes(issuer, custody.publicKey)) {
      return new Refusal("MISSING_FIELD", {
        message: "this gateway cannot sign for that issuer",
        field: "signature",
        remedy: "sign the creation with the issuer's key, or leave issuer out",
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

  async #prepareTransfer(command: TransferCommand, call: Call): Promise<SignedOperation | Refusal> {
    const { custody } = this.#parts;
    const payer = await this.#findPayer(command.from, call);
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
      return new Refusal("NOT_CUSTODIAN", {
        message: `the key of this wallet is kept by ${custodian.id}`,
        field: "transaction.from",
        metadata: { custodian: custodian.id, address: custodian.clientAddress },
      });
    }
    return await this.#signForCaller(draft, command);
  }

  /** A retry gets the bytes of the first time, whatever deadline the gateway would choose now. */
  async #signForCaller(
    draft: WalletCreation | Transfer,
    command: { readonly validUntil?: number | undefined },
  ): Promise<SignedOperation | Refusal> {
    const { custody } = this.#parts;
    const signed = (await custody.signedBefore(OPEN_PRINCIPAL, draft)) ?? custody.sign(draft);
    const asked =
      command.validUntil === undefined
        ? { ...draft, validUntil: signed.operation.validUntil }
        : draft;
    return sameBody(asked, signed.operation) ? signed : idInUse(asked, signed);
  }

  /** Gets the operation ordered, unless it was before, and waits for its certified result. */
  async #order(operation: SignedOperation, wait: WaitFor, call: Call): Promise<Ordered | Refusal> {
    const { intake, finality, catchUp } = this.#parts;
    if (finality.isFull) return poolFull();
    const known = finality.operation(operation.key, operation.operation.validUntil, call.signal);
    const keep = this.#keeperOf(operation);
    let verdict = await intake.fromClient(operation, keep);
    if (verdict.kind === "refused") {
      // A gateway that lags refuses nothing that it might soon know better.
      await catchUp(call.signal);
      verdict = await intake.fromClient(operation, keep);
    }
    if (verdict.kind === "ordered")
      return await this.#answer(operation, verdict.location, wait, call);
    const refusal = this.#refuse(operation, verdict);
    if (refusal !== undefined) return refusal;
    const location = await known;
    if (location === "aborted") return outcomeUnknown(operation.operation);
    if (location === "expired") return refusalOf(operation.operation, "expired");
    return await this.#answer(operation, location, wait, call);
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
      case "refused":
        return refusalOf(operation, verdict.reason);
      case "otherBody":
        return idInUse(operation, verdict.held);
      case "poolFull":
        return poolFull();
      case "wrongSignature":
        return wrongSignature(operation);
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
    call: Call,
  ): Promise<Ordered | Refusal> {
    const { finality, receipts, sealsExpected } = this.#parts;
    if (wait === "sealed" && sealsExpected()) {
      // Ending early is fine: the receipt then carries what is certified so far.
      await finality.height("sealed", location.height, call.signal);
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
  async #findPayer(id: WalletId, call: Call): Promise<WalletRecord | undefined> {
    const { context, committedState, catchUp } = this.#parts;
    const found = findWallet(context, committedState(), id);
    if (found !== undefined) return found;
    await catchUp(call.signal);
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

function sameBody(left: Operation, right: Operation): boolean {
  return left.kind === right.kind && differences(left, right).length === 0;
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
