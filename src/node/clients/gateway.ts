/**
 * The gateway turns a client's command into an operation, gets it ordered, and answers with its certified result. It
 * decides nothing: a refusal is this node's word, a result is the network's. It refuses orders that cost their author
 * nothing and come too fast, and says when they may come again (T9).
 */
import type { Principal } from "../../access/principal.ts";
import { createdWallet } from "../../ledger/wallet-record.ts";
import { assert, unreachable } from "../../primitives/assert.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import type { Operation } from "../../primitives/operation-kinds.ts";
import {
  createdWalletId,
  type WalletCreation,
} from "../../primitives/operations/wallet-creation.ts";
import type { OperationLocation, Store } from "../../storage/contracts.ts";
import { isWhole } from "../../storage/history.ts";
import type {
  CallContext,
  CancellationAnswer,
  CancellationCommand,
  CanonicalTransfer,
  CreationAnswer,
  CreationCommand,
  TransferAnswer,
  TransferCommand,
  WaitFor,
} from "../../transport/ledger-api.ts";
import { orderedOf } from "../../transport/ordered-operation.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { TraceObserver } from "../base/trace-observer.ts";
import type { BeforeAdmission, IntakeVerdict } from "../intake/intake.ts";
import { clockWrong, isWindowReason, outsideWindow } from "./clock-refusals.ts";
import { CreationPace } from "./creation-pace.ts";
import { conflictWithOrdered, conflictWithPooled } from "./id-conflicts.ts";
import type { Ordered } from "./receipts.ts";
import {
  fieldOfId,
  historyIncomplete,
  idInUse,
  idTaken,
  memoryShort,
  poolFull,
  refusalOf,
  tooFast,
  wrongSignature,
} from "./refusals.ts";
import type { SealWait } from "./seal-wait.ts";
import type { Signing, SigningParts } from "./signing.ts";
import { neverApplied, notShown, outcomeUnknown } from "./unknown-outcomes.ts";
import type { Waiters } from "./waiters.ts";
import { walletInfo } from "./wallet-info.ts";

export interface GatewayParts extends SigningParts {
  readonly signing: Signing;
  readonly waiters: Waiters;
  readonly seals: SealWait;
  readonly traces?: TraceObserver | undefined;
  readonly store: { readonly blocks: Pick<Store["blocks"], "history"> };
}

/**
 * The caller of an order: custodial wallets are kept apart by principal, and orders that cost nothing are counted for
 * each.
 */
export interface Orderer extends Pick<CallContext, "caller" | "countedAs" | "trace"> {
  /** The node takes no new orders: only what left before is answered otherwise. */
  readonly refusal?: Refusal | undefined;
}

interface Terms extends Orderer {
  readonly wait: WaitFor;
  /** The client chose the id, so that its repetition is the same operation. */
  readonly hasOwnId: boolean;
}

export class Gateway {
  readonly #parts: GatewayParts;
  readonly #pace: CreationPace;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#pace = new CreationPace(parts);
  }

  async createWallet(
    command: CreationCommand,
    orderer: Orderer,
    signal: AbortSignal,
  ): Promise<CreationAnswer | Refusal> {
    const { caller } = orderer;
    const early =
      orderer.refusal === undefined ? await this.#pace.refuse(command, orderer) : undefined;
    if (early !== undefined) return early;
    const prepared = await this.#parts.signing.creation(command, caller);
    if (prepared instanceof Refusal) return prepared;
    const hasOwnId = command.kind === "signed" || command.creationId !== undefined;
    const terms = { ...orderer, wait: command.wait, hasOwnId };
    const ordered = await this.#order(prepared, terms, signal);
    if (await this.#isHidden(prepared.operation, ordered, caller.principal)) {
      return idTaken(prepared.operation);
    }
    if (ordered instanceof Refusal) return ordered;
    const { operation } = ordered.operation;
    if (operation.kind !== "walletCreation") return idInUse(prepared.operation, ordered.operation);
    return this.#creationAnswer(operation, ordered);
  }

  async transfer(
    command: TransferCommand,
    orderer: Orderer,
    signal: AbortSignal,
  ): Promise<TransferAnswer | Refusal> {
    const prepared = await this.#parts.signing.transfer(command, orderer.caller, signal);
    const hasOwnId = command.kind === "signed" || command.id !== undefined;
    return await this.#orderTransfer(
      prepared,
      { ...orderer, wait: command.wait, hasOwnId },
      signal,
    );
  }

  /** A transfer of a stream. */
  async submitTransfer(
    { bytes, wait }: CanonicalTransfer,
    orderer: Orderer,
    signal: AbortSignal,
  ): Promise<TransferAnswer | Refusal> {
    const { signing } = this.#parts;
    const prepared = await signing.canonicalTransfer(bytes, orderer.caller, signal);
    return await this.#orderTransfer(prepared, { ...orderer, wait, hasOwnId: true }, signal);
  }

  /** Whichever was ordered under the id first is the answer (L28). */
  async cancel(
    command: CancellationCommand,
    orderer: Orderer,
    signal: AbortSignal,
  ): Promise<CancellationAnswer | Refusal> {
    const { signing, seals, context } = this.#parts;
    const prepared = await signing.cancellation(command, orderer.caller, signal);
    if (prepared instanceof Refusal) return prepared;
    const terms = { ...orderer, wait: command.wait, hasOwnId: true };
    const ordered = await this.#order(prepared, terms, signal);
    if (ordered instanceof Refusal) return ordered;
    const { result, receipt } = ordered;
    const operation = orderedOf(context, ordered.operation.operation);
    assert(
      operation !== undefined && operation.kind !== "creation",
      "only orders of the wallet are in the scope of its ids",
    );
    return { operation, result, receipt, unsealed: seals.unsealed(receipt) };
  }

  async #orderTransfer(
    prepared: SignedOperation | Refusal,
    terms: Terms,
    signal: AbortSignal,
  ): Promise<TransferAnswer | Refusal> {
    if (prepared instanceof Refusal) return prepared;
    const ordered = await this.#order(prepared, terms, signal);
    if (ordered instanceof Refusal) return ordered;
    const { operation } = ordered.operation;
    if (operation.kind !== "transfer") return idInUse(prepared.operation, ordered.operation);
    const { result, receipt } = ordered;
    return { transfer: operation, result, receipt, unsealed: this.#parts.seals.unsealed(receipt) };
  }

  /**
   * All principals of a gateway share the ids of the creations that it signs: what another one had ordered, or asks for at the
   * same time, is not shown.
   */
  async #isHidden(
    operation: Operation,
    outcome: Ordered | Refusal,
    principal: Principal,
  ): Promise<boolean> {
    if (operation.kind !== "walletCreation" || !this.#isOwn(operation)) return false;
    const { ownership } = this.#parts;
    if (!(outcome instanceof Refusal)) {
      return !(await ownership.isOrderer(operation, principal, outcome.operation));
    }
    return outcome.reason === "ID_IN_USE"
      ? !(await ownership.isOrderer(operation, principal))
      : await ownership.isTaken(operation, principal);
  }

  async #order(
    asked: SignedOperation,
    terms: Terms,
    signal: AbortSignal,
  ): Promise<Ordered | Refusal> {
    const trace = this.#parts.traces?.asked(asked, terms.trace);
    const outcome = await this.#orderAndWait(asked, terms, signal);
    trace?.answered(outcome instanceof Refusal ? outcome.reason : outcome.result.status);
    return outcome;
  }

  /** Gets the operation ordered, unless it was before (L8, A7), and waits for its certified result. */
  async #orderAndWait(
    asked: SignedOperation,
    terms: Terms,
    signal: AbortSignal,
  ): Promise<Ordered | Refusal> {
    const { waiters, intake, store } = this.#parts;
    const { history } = store.blocks;
    const wrong = await intake.checkAlone(asked);
    if (wrong !== undefined) return this.#refuse(asked, wrong, terms.caller.principal);
    if (terms.refusal !== undefined) {
      return await this.#withoutOrdering(asked, terms, signal, terms.refusal);
    }
    if (!isWhole(history) && (await intake.find(asked.key)) === undefined) {
      // This node may not know that the id was used long ago: ordering it again would repeat the payment.
      return (
        (await this.#lateRepetition(asked, terms.caller.principal)) ??
        historyIncomplete(fieldOfId(asked.operation), history)
      );
    }
    let operation = asked;
    for (let attempt = 1; attempt <= LIMITS.bodiesPerCallMax; attempt++) {
      if (waiters.isFull) return await this.#withoutOrdering(asked, terms, signal, poolFull());
      // The wait begins before the first look-up, so that it misses no block that becomes final in between.
      const known = waiters.operation(operation.key, operation.operation.validUntil, signal);
      const verdict = await this.#admit(operation, terms, signal);
      if (verdict.kind === "ordered") {
        return await this.#answer(asked, verdict.location, terms, signal);
      }
      if (verdict.kind === "otherBody") {
        const conflict = conflictWithPooled(asked.operation, verdict.held);
        if (conflict !== undefined) return conflict;
        // The same order with another deadline, or what its result settles too, came first: waits for its result, at most
        // until its own deadline.
        operation = verdict.held;
        continue;
      }
      if (verdict.kind !== "admitted")
        return await this.#refuse(operation, verdict, terms.caller.principal);
      const location = await known;
      if (location === "aborted") break;
      if (location !== "expired") return await this.#answer(asked, location, terms, signal);
      if (operation === asked) return this.#expired(operation);
      // The first order can never be ordered any more, so the requested one may be.
      operation = asked;
    }
    return outcomeUnknown(asked.operation);
  }

  /**
   * The node takes no new order, or has no room to wait for a result: a final one is answered, and for an order that left
   * before the outcome is unknown.
   */
  async #withoutOrdering(
    asked: SignedOperation,
    terms: Terms,
    signal: AbortSignal,
    refusal: Refusal,
  ): Promise<Ordered | Refusal> {
    const found = await this.#parts.intake.find(asked.key);
    if (found === undefined) {
      return (await this.#lateRepetition(asked, terms.caller.principal)) ?? refusal;
    }
    if (!("operation" in found)) return await this.#answer(asked, found, terms, signal);
    return conflictWithPooled(asked.operation, found) ?? outcomeUnknown(asked.operation);
  }

  async #admit(
    operation: SignedOperation,
    { caller, countedAs }: Orderer,
    signal: AbortSignal,
  ): Promise<IntakeVerdict> {
    const { intake, lag } = this.#parts;
    const beforeAdmission = this.#recording(operation, caller.principal);
    const verdict = await intake.fromClient(operation, countedAs, beforeAdmission);
    if (verdict.kind !== "refused") return verdict;
    // A gateway that lags waits first: it may soon have no reason to refuse.
    await lag.caughtUp(signal);
    return await intake.fromClient(operation, countedAs, beforeAdmission);
  }

  /** Operations signed by the custody key are journaled before they leave; a client keeps its own signed operations. */
  #recording(
    { operation, sponsor }: SignedOperation,
    principal: Principal,
  ): BeforeAdmission | undefined {
    const { custody, ownership } = this.#parts;
    if (!this.#isOwn(operation)) {
      if (sponsor === undefined) return undefined;
      return (signed) => custody.recordSponsored(principal, signed);
    }
    return async (signed) => {
      const isClaimed =
        operation.kind !== "walletCreation" || (await ownership.claim(operation, principal));
      if (!isClaimed) return undefined;
      return await custody.record(principal, signed);
    };
  }

  async #refuse(
    signed: SignedOperation,
    verdict: Exclude<IntakeVerdict, { kind: "admitted" | "ordered" | "otherBody" }>,
    principal: Principal,
  ): Promise<Refusal> {
    const { operation } = signed;
    if (verdict.kind === "wrongSignature") {
      return wrongSignature(operation, this.#parts.context.networkId);
    }
    const late = await this.#lateRepetition(signed, principal);
    if (late !== undefined) return late;
    switch (verdict.kind) {
      case "invalid":
      case "refused":
        return this.#refusal(operation, verdict.reason);
      case "poolFull":
        return poolFull();
      case "memoryShort":
        return memoryShort();
      case "tooFast":
        return tooFast(verdict, operation);
      case "unknownPayer":
        return refusalOf(operation, "unknownPayer");
      case "idTaken":
        return idTaken(operation);
      default:
        return unreachable(verdict);
    }
  }

  /** The clock decides about a window, so a node with a wrong clock answers nothing about it. */
  #refusal(operation: Operation, reason: Parameters<typeof refusalOf>[1]): Refusal {
    if (!isWindowReason(reason)) return refusalOf(operation, reason);
    const { system, finalizer, clock } = this.#parts;
    const { errorMs } = clock;
    if (errorMs !== undefined) return clockWrong(operation, errorMs);
    return outsideWindow(
      operation,
      reason,
      Math.max(system.wall(), finalizer.committed.state.time),
    );
  }

  /**
   * An operation that the custody key signed and sent before may still be ordered, even if it is refused now, until a
   * final block is past its deadline. The caller must not believe that it was never ordered.
   */
  async #lateRepetition(
    signed: SignedOperation,
    principal: Principal,
  ): Promise<Refusal | undefined> {
    const { custody, finalizer, intake, store } = this.#parts;
    const { operation } = signed;
    if (!this.#isOwn(operation)) return undefined;
    if ((await custody.signedBefore(principal, operation)) === undefined) return undefined;
    const { time } = finalizer.committed.state;
    // Only after the time was read: the look-up then finds everything that final blocks up to that time hold.
    const found = await intake.find(signed.key);
    // A block that this node does not hold yet may have it, too (A7).
    const isOpen = time <= operation.validUntil || !isWhole(store.blocks.history);
    return found !== undefined || isOpen ? outcomeUnknown(operation) : neverApplied(operation);
  }

  /** No block can hold it any more, and none does. */
  #expired({ operation }: SignedOperation): Refusal {
    return this.#isOwn(operation) ? neverApplied(operation) : refusalOf(operation, "expired");
  }

  #isOwn({ author }: Operation): boolean {
    return equalBytes(author, this.#parts.custody.publicKey);
  }

  async #answer(
    asked: SignedOperation,
    location: OperationLocation,
    { wait, hasOwnId }: Terms,
    signal: AbortSignal,
  ): Promise<Ordered | Refusal> {
    const { seals, receipts } = this.#parts;
    // The wait may end early: the receipt then carries what is certified so far.
    if (wait === "sealed") await seals.covered(location.height, signal);
    const ordered = await receipts.load(location, asked);
    if (ordered instanceof Refusal) return notShown(asked.operation, ordered, hasOwnId);
    if (ordered.operation === asked) return ordered;
    return conflictWithOrdered(asked.operation, ordered.operation) ?? ordered;
  }

  /** The wallet is shown as its creation left it, without later changes. */
  #creationAnswer(creation: WalletCreation, ordered: Ordered): CreationAnswer {
    const { context } = this.#parts;
    const { result, receipt, height, operation } = ordered;
    const walletId = createdWalletId(context, creation);
    const unsealed = this.#parts.seals.unsealed(receipt);
    const answer = { walletId, creation, result, receipt, unsealed };
    const asset = context.assetIndex(creation.asset);
    if (result.status !== "applied" || asset === undefined) return answer;
    const at = { height, operationHash: operation.hash };
    const record = createdWallet(context, { id: walletId, asset }, creation, at);
    return { ...answer, wallet: walletInfo(this.#parts, record) };
  }
}
