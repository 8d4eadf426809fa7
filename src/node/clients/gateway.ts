/**
 * The gateway: what a client asks for becomes an operation, goes the way of all operations, and is answered with its
 * certified result. Nothing is decided here: a refusal is this node's word alone, a result is the network's.
 */
import { appendEntry, unwrittenWallet, type WalletRecord } from "../../ledger/wallet.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { deriveWalletId, type WalletId } from "../../primitives/ids.ts";
import type { Operation, SignedOperation, WalletCreation } from "../../primitives/operation.ts";
import type { OperationLocation } from "../../storage/contracts.ts";
import { type History, isWhole } from "../../storage/history.ts";
import type {
  Call,
  CreationAnswer,
  CreationCommand,
  TransferAnswer,
  TransferCommand,
  WaitFor,
  WalletInfo,
} from "../../transport/ledger-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { IntakeVerdict, Keep } from "../intake/intake.ts";
import { OPEN_PRINCIPAL } from "./custody.ts";
import { type Dated, Drafts, type DraftsParts, repeated } from "./drafts.ts";
import type { Finality } from "./finality.ts";
import { withPatience } from "./patience.ts";
import type { Ordered } from "./receipts.ts";
import { historyIncomplete, idInUse, poolFull, refusalOf, wrongSignature } from "./refusals.ts";

export interface GatewayParts extends DraftsParts {
  readonly finality: Finality;
  /** False until the group key is final: no seal will come. */
  readonly sealsExpected: () => boolean;
  readonly history: () => History;
}

export class Gateway {
  readonly #parts: GatewayParts;
  readonly #drafts: Drafts;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#drafts = new Drafts(parts);
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
    const prepared = await this.#drafts.creation(command);
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
    const prepared = await this.#drafts.transfer(command, signal);
    if (prepared instanceof Refusal) return prepared;
    const ordered = await this.#order(prepared, command, signal);
    if (ordered instanceof Refusal) return ordered;
    const { operation } = ordered.operation;
    if (operation.kind !== "transfer") return idInUse(prepared.operation, ordered.operation);
    return { transfer: operation, result: ordered.result, receipt: ordered.receipt };
  }

  /** Gets the operation ordered, unless it was before, and waits for its certified result. */
  async #order(
    asked: SignedOperation,
    command: Dated & { readonly wait: WaitFor },
    signal: AbortSignal,
  ): Promise<Ordered | Refusal> {
    const { finality, intake, history } = this.#parts;
    if (finality.isFull) return poolFull();
    if (!isWhole(history()) && (await intake.find(asked.key)) === undefined) {
      // An id used long ago would be ordered again: a payment that was made would be made once more.
      return historyIncomplete(fieldOfId(asked.operation), history());
    }
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
    if (ordered instanceof Refusal) return ordered;
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
}

function fieldOfId({ kind }: Operation): string {
  return kind === "transfer" ? "transaction.id" : "creationId";
}

function outcomeUnknown(operation: Operation): Refusal {
  const { id } = operation;
  return new Refusal("OUTCOME_UNKNOWN", {
    message: "the wait ended before the operation was ordered; it may still be",
    field: fieldOfId(operation),
    metadata: { id },
  });
}
