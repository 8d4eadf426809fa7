/**
 * The node's side of sealing. It tells the engine which headers are final, decides what this node coordinates and when,
 * and hands on the requests and seals of the engine. It never touches consensus (S1).
 */

import { assert, unreachable } from "../../primitives/assert.ts";
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { type Height, height, type ValidatorIndex } from "../../primitives/numbers.ts";
import type { SealAnswer, SealRequest } from "../../seal/messages.ts";
import type { SealKey } from "../../seal/seal-key.ts";
import { coverOf, type SealTarget } from "../../seal/target.ts";
import type { Store } from "../../storage/contracts.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { CeremonyKeys } from "./ceremony-keys.ts";
import type { EngineEvent, EngineSlot } from "./engine-slot.ts";
import type { SealKeeper } from "./seal-keeper.ts";
import { isMilestone, type SealSchedule, TEST_SEAL_HEIGHT } from "./seal-schedule.ts";

/** Asks the other members for shares. */
export interface ShareSource {
  /** Asks a peer; undefined if no answer came. */
  ask(to: ValidatorIndex, request: SealRequest): Promise<SealAnswer | undefined>;
}

export interface SealDriverParts {
  readonly self: ValidatorIndex;
  readonly run: number;
  readonly sealTimeoutMs: number;
  readonly engine: EngineSlot;
  readonly schedule: SealSchedule;
  readonly keeper: Pick<SealKeeper, "keep" | "notify" | "figures">;
  readonly shares: ShareSource;
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly store: Pick<Store, "blocks" | "seals">;
  readonly system: System;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
}

/** The longest wait of a coordinator for one answer, in multiples of its first. */
const PATIENCE_GROWTH = 8;

export class SealDriver {
  readonly #parts: SealDriverParts;
  /** Members that sent something wrong; not asked again while this process runs. */
  readonly #blamed = new Set<ValidatorIndex>();
  #isOpen = false;
  #hasShare: boolean | undefined;
  #coordinating = false;
  #cancelTimer: (() => void) | undefined;
  #cancelTick: (() => void) | undefined;
  /** The deadline of the engine's running timer. */
  #tickAt: number | undefined;

  constructor(parts: SealDriverParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** True if this node has a share of the key; undefined until the key ring was read. */
  get hasShare(): boolean | undefined {
    return this.#hasShare;
  }

  /** Targets that this node still wants a seal for. */
  get wanted(): number {
    return this.#parts.schedule.size;
  }

  get blamedCount(): number {
    return this.#blamed.size;
  }

  /** Seals by their origin, and requests of coordinators. */
  get figures(): { readonly made: number; readonly received: number; readonly requests: number } {
    const { keeper, engine } = this.#parts;
    return { ...keeper.figures, requests: engine.requests };
  }

  isBlamed(member: ValidatorIndex): boolean {
    return this.#blamed.has(member);
  }

  /**
   * The key is final: headers are sealed from here on. Targets are all milestones without a seal, including those
   * from before the key, and everything after the last milestone.
   */
  async open(key: SealKey, keys: CeremonyKeys): Promise<void> {
    assert(!this.#isOpen, "one key at a time");
    this.#isOpen = true;
    const { self, run, sealTimeoutMs: patienceMs, engine, schedule, system, fail } = this.#parts;
    const { blocks, seals } = this.#parts.store;
    const share = await keys.loadShare();
    const usable = share !== undefined && equalBytes(share.key.groupKey, key.groupKey);
    this.#hasShare = usable;
    const test = await seals.load(TEST_SEAL_HEIGHT);
    const patienceMaxMs = patienceMs * PATIENCE_GROWTH;
    if (engine.isClosed) return;
    const setup = { self, run, key, share: usable ? share : undefined, patienceMs, patienceMaxMs };
    engine.open(setup, { receive: (event) => this.#receive(event), fail });
    const target = { kind: "test", epoch: key.context.epoch } as const;
    if (test === undefined) schedule.want(target, system.monotonic());
    else engine.post({ kind: "seal", target, seal: test });
    const { sealInterval } = LIMITS;
    // The blocks below came with a snapshot. This node did not compute them, so it countersigns none of them (R31).
    const computedFrom = blocks.history.snapshot + 1;
    const first = Math.ceil(computedFrom / sealInterval) * sealInterval;
    for (let at = first; at < recentFrom(this.#tip); at += sealInterval) {
      if ((await seals.load(height(at))) === undefined) await this.#reopen(height(at));
    }
    const recent = Math.max(recentFrom(this.#tip), computedFrom);
    for (let at = recent; at <= this.#tip; at++) await this.#reopen(height(at));
    this.#plan();
  }

  /** Stops sending; callers that wait for an answer get none. */
  async close(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTick?.();
    await this.#parts.engine.close();
  }

  /** A block is final, computed and committed here. */
  committed(at: Height, headerBytes: Bytes): void {
    const { engine, schedule, system } = this.#parts;
    const { epoch } = engine;
    if (engine.isClosed || epoch === undefined) return;
    engine.post({ kind: "header", height: at, bytes: headerBytes });
    schedule.want({ kind: "header", epoch, height: at }, system.monotonic());
    this.#plan();
  }

  /** The link to a peer went down: nothing waits for that peer. */
  disconnected(): void {
    this.#plan();
  }

  get #tip(): Height {
    return this.#parts.finalizer.committed.state.height;
  }

  async #reopen(at: Height): Promise<void> {
    const { engine, schedule, store, system } = this.#parts;
    const { epoch } = engine;
    const bytes = await store.blocks.loadHeader(at);
    assert(epoch !== undefined && bytes !== undefined, "the chain below its tip is stored");
    engine.post({ kind: "header", height: at, bytes });
    const target = { kind: "header", epoch, height: at } as const;
    const seal = await store.seals.load(at);
    if (seal === undefined) schedule.want(target, system.monotonic());
    else engine.post({ kind: "seal", target, seal });
  }

  #receive(event: EngineEvent): void {
    const { keeper, schedule, fail } = this.#parts;
    switch (event.kind) {
      case "send":
        this.#ask(event.to, event.request).catch(fail);
        return;
      case "notify":
        keeper.notify(event.to, event.target, event.seal);
        return;
      case "blamed":
        this.#blame(event.member, event.reason);
        return;
      case "sealed":
        schedule.sealed(event.target);
        keeper.keep(event).catch(fail);
        this.#plan();
        return;
      case "deadline":
        this.#coordinating = event.at !== undefined && !this.#givesWay(event.waiting);
        this.#setTick(event.at);
        this.#plan();
        return;
      default:
        unreachable(event);
    }
  }

  #blame(member: ValidatorIndex, reason: string): void {
    this.#blamed.add(member);
    this.#parts.log.warn({ member, reason }, "a signer is left out of sealing");
  }

  async #ask(to: ValidatorIndex, request: SealRequest): Promise<void> {
    const { shares, engine } = this.#parts;
    const answer = await shares.ask(to, request);
    engine.post({ kind: "answer", from: to, answer });
  }

  /** Begins the target that is due, one at a time, because a newer target would end the session of the current one. */
  #plan(): void {
    const { engine, schedule, system } = this.#parts;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#coordinating || engine.isClosed || engine.epoch === undefined) return;
    const target = schedule.takeDue(system.monotonic());
    if (target !== undefined) {
      this.#coordinating = true;
      engine.post({ kind: "coordinate", target });
      return;
    }
    const due = schedule.nextDue;
    if (due === undefined) return;
    this.#cancelTimer = system.after(Math.max(due - system.monotonic(), 1), () => this.#plan());
  }

  /**
   * It may be that too few signers have computed the header (R31), and newer ones must not wait for it. A tip above the last
   * milestone goes on: a signer that is always a little behind has computed it soon, but none that is newer.
   */
  #givesWay(waiting: SealTarget | undefined): boolean {
    return waiting?.kind === "header" && coverOf(waiting.height) <= this.#tip;
  }

  #setTick(at: number | undefined): void {
    const { engine, system } = this.#parts;
    if (at === this.#tickAt) return;
    this.#tickAt = at;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    if (at === undefined) return;
    this.#cancelTick = system.after(at - system.monotonic(), () => {
      this.#tickAt = undefined;
      engine.post({ kind: "tick" });
    });
  }
}

/** The final headers that may still need a seal or may be asked about: from the last milestone to the tip. */
function recentFrom(tip: Height): Height {
  let from: number = tip;
  while (from > 1 && !isMilestone(height(from))) from -= 1;
  return height(Math.max(1, from));
}
