/**
 * Intake of operations into the pool. Each is decoded, checked by itself, its signatures verified, looked up by its
 * id, and checked against the final state (L21, L22). Only callers who can sign for an id learn what this node knows
 * of it (L25).
 */
import type { LedgerContext } from "../../ledger/context.ts";
import { rulesOf } from "../../ledger/operation-rules.ts";
import type { State } from "../../ledger/state.ts";
import { checkOperation } from "../../ledger/validate.ts";
import { earliestDeadline } from "../../ledger/window.ts";
import { admitShape, admitToState, type Ground, type Refused } from "../../mempool/admission.ts";
import { type PoolKind, UNPAID } from "../../mempool/kinds.ts";
import type { Pool } from "../../mempool/pool.ts";
import type { WaitingRoom } from "../../mempool/waiting-room.ts";
import { type Bytes, equalBytes, toHex } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import { type UnpaidKind, unpaidOfClients } from "../../primitives/member-shares.ts";
import { leafHash } from "../../primitives/merkle-tree.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import { decodeSignedOperation, type SignedOperation } from "../../primitives/operation.ts";
import type { OperationIndex, OperationLocation } from "../../storage/contracts.ts";
import type { PeerLinks } from "../../transport/peer-links.ts";
import { isDebugged, type Log } from "../base/log.ts";
import type { MemoryWatch } from "../base/memory.ts";
import { CHECKS_PER_TURN } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import type { TraceObserver, TraceTime } from "../base/trace-observer.ts";
import { Yielder } from "../base/yielding.ts";
import { IntakeFigures } from "./intake-figures.ts";
import { OrderRates, type TooFast } from "./order-rates.ts";
import type { VerifiedOperations } from "./verified-operations.ts";

/** The outcome of a client's operation at intake. */
export type IntakeVerdict =
  /** It is in the pool or in a block that is being stored: its result will come. */
  | { readonly kind: "admitted" }
  /** A final block holds this id already, with this body or another one. */
  | { readonly kind: "ordered"; readonly location: OperationLocation }
  /** The pool holds another body under this id. */
  | { readonly kind: "otherBody"; readonly held: SignedOperation }
  | { readonly kind: "poolFull" }
  /** A new wallet would stay in memory for ever, and memory is short. */
  | { readonly kind: "memoryShort" }
  | TooFast
  | { readonly kind: "unknownPayer" }
  /** Another principal of this gateway uses the id. */
  | { readonly kind: "idTaken" }
  | WrongAlone
  /** The final state of this node does not allow it. */
  | Refused;

type WrongAlone =
  | { readonly kind: "wrongSignature" }
  /** Invalid by itself or by its window; no state would change that. */
  | { readonly kind: "invalid"; readonly reason: Refused["reason"] };

interface Fits {
  readonly kind: "fits";
  readonly as: PoolKind;
}

export interface PoolObserver {
  /** The pool gained operations. */
  reassess(): void;
}

export interface IntakeParts {
  readonly context: LedgerContext;
  readonly self: ValidatorIndex;
  readonly pool: Pool;
  readonly waitingRoom: WaitingRoom;
  readonly verified: VerifiedOperations;
  readonly system: System;
  readonly log: Log;
  readonly application: { readonly finalState: State };
  readonly memory: Pick<MemoryWatch, "isFull">;
  readonly store: { readonly operations: Pick<OperationIndex, "loadOperation"> };
  readonly links: Pick<PeerLinks, "send">;
  readonly consensus: PoolObserver;
  readonly traces?: TraceObserver | undefined;
}

/** The outcome of a batch of a peer's operations. */
export interface PeerIntake {
  /** The number that no honest member would have passed on: unreadable ones, and ones with a wrong signature. */
  readonly forged: number;
  /** Operations that cost their makers nothing. They are not checked yet, because they have a rate. */
  readonly unpaid: readonly Bytes[];
}

/** Number of operations out of the waiting room before other work gets a turn: a few milliseconds. */
const RELEASED_PER_TURN = 64;

/**
 * Called before an operation is admitted; gives another one if that left under the same id before, and nothing if the id is
 * another principal's.
 */
export type BeforeAdmission = (operation: SignedOperation) => Promise<SignedOperation | undefined>;

/** Outcomes after which the operation is in the pool or in a block, with this body or another. */
const TAKEN: ReadonlySet<IntakeVerdict["kind"]> = new Set(["admitted", "ordered", "otherBody"]);

const asItIs: BeforeAdmission = (operation) => Promise.resolve(operation);

export class Intake {
  readonly #parts: IntakeParts;
  readonly #fetched = new Yielder(CHECKS_PER_TURN);
  readonly #released = new Yielder(RELEASED_PER_TURN);
  readonly #rates: OrderRates;
  readonly figures = new IntakeFigures();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    const { context, application, system } = parts;
    const members = context.members(application.finalState.epoch).length;
    this.#rates = new OrderRates(unpaidOfClients(members), system.monotonic());
  }

  /** Finds the final operation with this key by its location, or else the pooled one; undefined if there is neither. */
  async find(key: string): Promise<OperationLocation | SignedOperation | undefined> {
    const { pool, store } = this.#parts;
    return (await store.operations.loadOperation(key)) ?? pool.withKey(key);
  }

  /**
   * True if this node holds an operation with this key, in the pool or in a final block, on disk or not yet. To be asked only for
   * a caller who can sign for the id (L25).
   */
  async knows(key: string): Promise<boolean> {
    return (await this.find(key)) !== undefined || this.#isFinal(key);
  }

  /** The verdict on a new operation of this kind if it came too fast for this caller now; counts nothing (T9). */
  tooFastNow(kind: UnpaidKind, caller: string): TooFast | undefined {
    return this.#rates.wouldBe(kind, caller, this.#parts.system.monotonic());
  }

  /** An operation of a client is refused by such a verdict, before it comes here. */
  refusedEarly({ kind }: TooFast): void {
    this.figures.refuse("client", kind);
  }

  /** Checks form and signatures of a client's operation, before the node reveals anything about its id (L25). */
  async checkAlone(operation: SignedOperation): Promise<WrongAlone | undefined> {
    const reason = checkOperation(this.#parts.context, operation);
    if (reason !== undefined) return { kind: "invalid", reason };
    return (await this.isSigned(operation)) ? undefined : { kind: "wrongSignature" };
  }

  /** True if all its signatures hold; to be asked before anything that depends on the state, where its payer is a secret. */
  async isSigned(operation: SignedOperation): Promise<boolean> {
    const { verified, application } = this.#parts;
    return await verified.verify(operation, application.finalState.ceremony.epoch);
  }

  /**
   * Takes an operation of a client of this node, or of this node itself. One that costs nothing is counted for `caller`.
   * `beforeAdmission` is called once it has passed every check, before it leaves.
   */
  async fromClient(
    operation: SignedOperation,
    caller: string,
    beforeAdmission: BeforeAdmission = asItIs,
  ): Promise<IntakeVerdict> {
    const verdict = await this.#judgeOfClient(operation, caller, beforeAdmission);
    const isRefused = verdict.kind === "invalid" || verdict.kind === "refused";
    if (isRefused) this.figures.refuse("client", verdict.reason);
    else if (!TAKEN.has(verdict.kind)) this.figures.refuse("client", verdict.kind);
    return verdict;
  }

  async #judgeOfClient(
    operation: SignedOperation,
    caller: string,
    beforeAdmission: BeforeAdmission,
  ): Promise<IntakeVerdict> {
    const { context, self, pool, store, memory, traces } = this.#parts;
    const since = traces?.now();
    const at = { source: "client", now: this.#now() } as const;
    const wrong = await this.checkAlone(operation);
    if (wrong !== undefined) return wrong;
    const location = await store.operations.loadOperation(operation.key);
    if (location !== undefined) return { kind: "ordered", location };
    // Before the check of the window: a pooled operation may still be ordered after its window by this clock.
    const held = pool.withKey(operation.key);
    if (held !== undefined) return this.#alreadyPooled(operation, held);
    if (this.#isFinal(operation.key)) return { kind: "admitted" };
    const shape = admitShape(context, operation, at);
    if (shape.kind === "refused") return { kind: "invalid", reason: shape.reason };
    if (this.#createsWallet(operation) && memory.isFull) return { kind: "memoryShort" };
    const verdict = this.#judge(operation);
    if (verdict.kind !== "fits") return verdict;
    const tooFast = this.#rates.take(verdict.as, caller, this.#parts.system.monotonic());
    if (tooFast !== undefined) return tooFast;
    if (!pool.hasRoomFor(operation, self, verdict.as)) return { kind: "poolFull" };
    const kept = await beforeAdmission(operation);
    if (kept === undefined) return { kind: "idTaken" };
    if (!equalBytes(kept.hash, operation.hash)) return { kind: "otherBody", held: kept };
    // The checks took time: meanwhile the same id may have come in or become final.
    if (this.#isFinal(operation.key)) return { kind: "admitted" };
    const now = pool.withKey(operation.key);
    if (now !== undefined) return this.#alreadyPooled(operation, now);
    // The state may have moved, and payments of its wallet may have come in: it is judged and counted as what it is now (T9).
    const verdictNow = this.#judge(operation);
    if (verdictNow.kind !== "fits") return verdictNow;
    const { as } = verdictNow;
    const tooManyNow =
      as === verdict.as ? undefined : this.#rates.take(as, caller, this.#parts.system.monotonic());
    if (tooManyNow !== undefined) return tooManyNow;
    if (pool.add(operation, self, as) === "senderFull") return { kind: "poolFull" };
    this.figures.admitted.add("client");
    this.#tell(operation, "client");
    traces?.pooled(operation, "client", since);
    this.#parts.links.send("all", { operations: [operation.bytes] });
    this.#parts.consensus.reassess();
    return { kind: "admitted" };
  }

  /** The kind in which the final state and the pool would take it now, or the reason why they would not. */
  #judge(operation: SignedOperation): Fits | Refused | { readonly kind: "unknownPayer" } {
    const at = { source: "client", now: this.#now() } as const;
    const verdict = admitToState(this.#parts.context, this.#ground, operation, at);
    if (verdict.kind === "refused") return verdict;
    return verdict.kind === "waiting" ? { kind: "unknownPayer" } : { kind: "fits", as: verdict.as };
  }

  /**
   * Takes a batch of a peer's operations. Invalid ones are dropped without blame, because nothing proves who made
   * them.
   */
  async fromPeer(sender: ValidatorIndex, few: readonly Bytes[]): Promise<PeerIntake> {
    return await this.#admitAllOfPeer(sender, few, { checksUnpaid: false });
  }

  /** Takes operations that cost their makers nothing, when it is their turn. */
  async unpaidFromPeer(sender: ValidatorIndex, few: readonly Bytes[]): Promise<PeerIntake> {
    return await this.#admitAllOfPeer(sender, few, { checksUnpaid: true });
  }

  /** Final blocks created these wallets: admits the operations that waited for them. */
  async release(wallets: readonly Parameters<WaitingRoom["release"]>[0][]): Promise<void> {
    const { store } = this.#parts;
    let grew = false;
    for (const wallet of wallets) {
      for (const { operation, sender } of this.#parts.waitingRoom.release(wallet)) {
        await this.#released.count(1);
        // It waited, and a block may hold it by now.
        if ((await store.operations.loadOperation(operation.key)) !== undefined) continue;
        grew = this.#admitVerified(sender, operation) || grew;
      }
    }
    if (grew) this.#parts.consensus.reassess();
  }

  /** An operation that a proposal names: only its form and signatures matter here; execution judges its place. */
  async verifyFetched(bytes: Bytes): Promise<SignedOperation | undefined> {
    const { context, verified, application } = this.#parts;
    const operation = decodeSignedOperation(context.hash, context.networkId, bytes);
    if (operation instanceof EncodingError) return undefined;
    if (checkOperation(context, operation) !== undefined) return undefined;
    await this.#fetched.count(1);
    const good = await verified.verify(operation, application.finalState.ceremony.epoch);
    return good ? operation : undefined;
  }

  /** The wall clock, or the ledger's time if that is later: no operation is ordered before the ledger's time any more. */
  #now(): number {
    return Math.max(this.#parts.system.wall(), this.#parts.application.finalState.time);
  }

  /** True if the final state has used the id; its block may not be on disk yet. */
  #isFinal(key: string): boolean {
    const { context, application } = this.#parts;
    const { usedIds, time } = application.finalState;
    return usedIds.has(key, earliestDeadline(context.genesis.timings, time));
  }

  /** Such an operation is not admitted while memory is nearly used up (T15). */
  #createsWallet({ operation }: SignedOperation): boolean {
    return rulesOf(operation).creates(this.#parts.context, operation) !== undefined;
  }

  get #ground(): Ground {
    const { application, pool } = this.#parts;
    return { state: application.finalState, underWay: (payer) => pool.underWay(payer) };
  }

  /** The hash names the operation on every node. */
  #tell({ hash, operation }: SignedOperation, from: ValidatorIndex | "client"): void {
    const { log } = this.#parts;
    if (!isDebugged(log)) return;
    log.debug({ operation: toHex(hash), kind: operation.kind, from }, "an operation was admitted");
  }

  #alreadyPooled(operation: SignedOperation, held: SignedOperation): IntakeVerdict {
    const same = equalBytes(held.hash, operation.hash);
    return same ? { kind: "admitted" } : { kind: "otherBody", held };
  }

  async #admitAllOfPeer(
    sender: ValidatorIndex,
    few: readonly Bytes[],
    options: { readonly checksUnpaid: boolean },
  ): Promise<PeerIntake> {
    let grew = false;
    let forged = 0;
    const unpaid: Bytes[] = [];
    for (const bytes of few) {
      const outcome = await this.#admitOfPeer(sender, bytes, options);
      if (outcome === "admitted") grew = true;
      if (outcome === "dropped" || outcome === "forged") this.figures.refuse("peer", outcome);
      if (outcome === "forged") forged += 1;
      if (outcome === "unpaid") unpaid.push(bytes);
    }
    if (grew) this.#parts.consensus.reassess();
    return { forged, unpaid };
  }

  async #admitOfPeer(
    sender: ValidatorIndex,
    bytes: Bytes,
    { checksUnpaid }: { readonly checksUnpaid: boolean },
  ): Promise<"admitted" | "dropped" | "forged" | "unpaid"> {
    const { context, pool, verified, store, application, traces } = this.#parts;
    const since = traces?.now();
    // Members repeat what is held (R6): one hash tells, and nothing is decoded.
    if (pool.get(leafHash(context.hash, bytes)) !== undefined) return "dropped";
    const operation = decodeSignedOperation(context.hash, context.networkId, bytes);
    if (operation instanceof EncodingError) return "forged";
    if (pool.withKey(operation.key)) return "dropped";
    const place = this.#placeFor(operation);
    if (place === "none") return "dropped";
    // Room for it is checked in its turn, so that all nodes take the same operations.
    if (isUnpaid(place) && !checksUnpaid) return "unpaid";
    if (place !== "waiting" && !pool.hasRoomFor(operation, sender, place)) return "dropped";
    const at = { source: "peer", now: this.#now() } as const;
    if (admitShape(context, operation, at).kind === "refused") return "dropped";
    if ((await store.operations.loadOperation(operation.key)) !== undefined) return "dropped";
    if (!(await verified.verify(operation, application.finalState.ceremony.epoch))) return "forged";
    return this.#admitVerified(sender, operation, since) ? "admitted" : "dropped";
  }

  /**
   * The cheap checks, which come before those of key, store and signatures, and drop operations that would be dropped
   * anyway (T15).
   */
  #placeFor(operation: SignedOperation): PoolKind | "waiting" | "none" {
    const { context, memory } = this.#parts;
    if (this.#createsWallet(operation) && memory.isFull) return "none";
    const at = { source: "peer", now: this.#now() } as const;
    const verdict = admitToState(context, this.#ground, operation, at);
    if (verdict.kind === "refused") return "none";
    return verdict.kind === "admitted" ? verdict.as : "waiting";
  }

  /**
   * The store did not hold it a moment ago. What became final since then has its id in the final state, by which it is judged
   * again.
   */
  #admitVerified(sender: ValidatorIndex, operation: SignedOperation, since?: TraceTime): boolean {
    const { context, pool, waitingRoom, traces } = this.#parts;
    const at = { source: "peer", now: this.#now() } as const;
    const verdict = admitToState(context, this.#ground, operation, at);
    if (verdict.kind === "waiting") waitingRoom.add(operation, verdict.wallet, sender);
    if (verdict.kind !== "admitted") return false;
    const isAdded = pool.add(operation, sender, verdict.as) === "added";
    if (isAdded) {
      this.figures.admitted.add("peer");
      this.#tell(operation, sender);
      traces?.pooled(operation, "peer", since);
    }
    return isAdded;
  }
}

/** Costs its maker nothing: a transfer from a wallet that does not exist costs no more than one from an empty wallet. */
function isUnpaid(place: PoolKind | "waiting"): boolean {
  return place === "waiting" || UNPAID.has(place);
}
