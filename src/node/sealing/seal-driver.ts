/**
 * The node's side of sealing. It tells the engine which headers are final, decides what this node coordinates and
 * when, and carries requests and answers between the engine and the peers. It never touches consensus (S1).
 */

import { assert, unreachable } from "../../primitives/assert.ts";
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { type Epoch, type Height, height, type ValidatorIndex } from "../../primitives/numbers.ts";
import type { Signature } from "../../primitives/signature.ts";
import type { SealAnswer, SealRequest } from "../../seal/messages.ts";
import type { SealKey } from "../../seal/seal-key.ts";
import type { SealTarget } from "../../seal/target.ts";
import type { Store } from "../../storage/contracts.ts";
import type { PeerLinks } from "../../transport/peer-links.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { CeremonyKeys } from "./ceremony-keys.ts";
import type { FromEngine } from "./seal-engine.ts";
import { isMilestone, SealSchedule, TEST_SEAL_HEIGHT } from "./seal-schedule.ts";
import type { EnginePort, OpenEngine } from "./seal-thread.ts";

export interface SealListener {
  /** A seal was stored. */
  sealed(height: Height): void;
}

/** Asks the other members for shares. */
export interface ShareSource {
  /** Asks a peer; undefined if no answer came. */
  ask(to: ValidatorIndex, request: SealRequest): Promise<SealAnswer | undefined>;
}

export interface SealDriverParts {
  readonly self: ValidatorIndex;
  readonly validators: number;
  readonly run: number;
  readonly sealTimeoutMs: number;
  readonly links: Pick<PeerLinks, "isConnected" | "send">;
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly store: Pick<Store, "blocks" | "seals">;
  readonly waiters: SealListener;
  readonly openEngine: OpenEngine;
  readonly system: System;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
}

/** The longest wait of a coordinator for one answer, in multiples of its first. */
const PATIENCE_GROWTH = 8;

export class SealDriver {
  readonly #parts: SealDriverParts;
  readonly #schedule: SealSchedule;
  readonly #waiting = new Map<number, (answer: SealAnswer | undefined) => void>();
  /** Members that sent something wrong; not asked again while this process runs. */
  readonly #blamed = new Set<ValidatorIndex>();
  /** Seals by their origin, and requests of coordinators. */
  readonly figures = { made: 0, received: 0, requests: 0 };
  #shares: ShareSource | undefined;
  #port: EnginePort | undefined;
  #epoch: Epoch | undefined;
  #hasShare: boolean | undefined;
  #lastId = 0;
  #coordinating = false;
  #closed = false;
  #cancelTimer: (() => void) | undefined;
  #cancelTick: (() => void) | undefined;

  constructor(parts: SealDriverParts) {
    this.#parts = parts;
    const { self, validators, sealTimeoutMs, links } = parts;
    this.#schedule = new SealSchedule({ self, validators, sealTimeoutMs, links });
  }

  get isOpen(): boolean {
    return this.#epoch !== undefined;
  }

  /** True if this node has a share of the key; undefined until the key ring was read. */
  get hasShare(): boolean | undefined {
    return this.#hasShare;
  }

  /** Targets that this node still wants a seal for. */
  get wanted(): number {
    return this.#schedule.size;
  }

  get blamedCount(): number {
    return this.#blamed.size;
  }

  isBlamed(member: ValidatorIndex): boolean {
    return this.#blamed.has(member);
  }

  /**
   * The key is final: headers are sealed from here on. Targets are all milestones without a seal, including those
   * from before the key, and everything after the last milestone.
   */
  async open(key: SealKey, keys: CeremonyKeys, shares: ShareSource): Promise<void> {
    assert(this.#epoch === undefined, "one key at a time");
    const { epoch } = key.context;
    this.#epoch = epoch;
    this.#shares = shares;
    const { self, run, sealTimeoutMs: patienceMs, openEngine, fail } = this.#parts;
    const { blocks, seals } = this.#parts.store;
    const share = await keys.loadShare();
    const usable = share !== undefined && equalBytes(share.key.groupKey, key.groupKey);
    this.#hasShare = usable;
    const test = await seals.load(TEST_SEAL_HEIGHT);
    const patienceMaxMs = patienceMs * PATIENCE_GROWTH;
    if (this.#closed) return;
    const setup = { self, run, key, share: usable ? share : undefined, patienceMs, patienceMaxMs };
    this.#port = openEngine(setup, { receive: (message) => this.#receive(message), fail });
    const target = { kind: "test", epoch } as const;
    if (test === undefined) this.#schedule.want(target, this.#parts.system.monotonic());
    else this.#port.post({ kind: "seal", target, seal: test });
    const { sealInterval } = LIMITS;
    // The blocks below came with a snapshot. This node did not compute them, so it countersigns none of them (R31).
    const computedFrom = blocks.history.snapshot + 1;
    const first = Math.ceil(computedFrom / sealInterval) * sealInterval;
    for (let at = first; at < this.#tip; at += sealInterval) {
      if ((await seals.load(height(at))) === undefined) await this.#reopen(height(at));
    }
    const recent = Math.max(recentFrom(this.#tip), computedFrom);
    for (let at = recent; at <= this.#tip; at++) await this.#reopen(height(at));
    this.#plan();
  }

  /** Stops sending; callers that wait for an answer get none. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#cancelTick?.();
    const port = this.#port;
    this.#port = undefined;
    for (const resolve of this.#waiting.values()) resolve(undefined);
    this.#waiting.clear();
    await port?.close();
  }

  /** A block is final, computed and committed here. */
  committed(at: Height, headerBytes: Bytes): void {
    if (this.#port === undefined || this.#epoch === undefined) return;
    this.#port.post({ kind: "header", height: at, bytes: headerBytes });
    const target = { kind: "header", epoch: this.#epoch, height: at } as const;
    this.#schedule.want(target, this.#parts.system.monotonic());
    this.#plan();
  }

  /** The link to a peer went down: nothing waits for that peer. */
  disconnected(): void {
    this.#plan();
  }

  /** A peer sent this seal; the engine verifies it. */
  received(from: ValidatorIndex, target: SealTarget, seal: Signature): void {
    this.#schedule.heard(from, this.#parts.system.monotonic());
    if (target.epoch === this.#epoch) this.#port?.post({ kind: "seal", target, seal, from });
  }

  /** A coordinator asks for a share or a commitment; undefined while there is no key here. */
  answer(from: ValidatorIndex, request: SealRequest): Promise<SealAnswer | undefined> {
    const port = this.#port;
    this.#schedule.heard(from, this.#parts.system.monotonic());
    if (port === undefined) return Promise.resolve(undefined);
    this.figures.requests += 1;
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      port.post({ kind: "request", id, from, request });
    });
  }

  get #tip(): Height {
    return this.#parts.finalizer.committed.state.height;
  }

  async #reopen(at: Height): Promise<void> {
    const epoch = this.#epoch;
    const { blocks, seals } = this.#parts.store;
    const bytes = await blocks.loadHeader(at);
    assert(epoch !== undefined && bytes !== undefined, "the chain below its tip is stored");
    this.#port?.post({ kind: "header", height: at, bytes });
    const target = { kind: "header", epoch, height: at } as const;
    const seal = await seals.load(at);
    if (seal === undefined) this.#schedule.want(target, this.#parts.system.monotonic());
    else this.#port?.post({ kind: "seal", target, seal });
  }

  #receive(message: FromEngine): void {
    if (this.#closed) return;
    switch (message.kind) {
      case "answer":
        this.#waiting.get(message.id)?.(message.answer);
        this.#waiting.delete(message.id);
        return;
      case "send":
        this.#ask(message.to, message.request).catch(this.#parts.fail);
        return;
      case "notify":
        this.#notify(message.to, message.target, message.seal);
        return;
      case "blamed":
        this.#blame(message.member, message.reason);
        return;
      case "sealed":
        this.#keep(message).catch(this.#parts.fail);
        return;
      case "deadline":
        this.#coordinating = message.at !== undefined;
        this.#setTick(message.at);
        this.#plan();
        return;
      default:
        unreachable(message);
    }
  }

  #notify(to: ValidatorIndex | "all", target: SealTarget, seal: Signature): void {
    this.#parts.links.send(to, { seals: [{ kind: "notice", target, seal }] });
  }

  #blame(member: ValidatorIndex, reason: string): void {
    this.#blamed.add(member);
    this.#parts.log.warn({ member, reason }, "a signer is left out of sealing");
  }

  async #ask(to: ValidatorIndex, request: SealRequest): Promise<void> {
    const answer = await this.#shares?.ask(to, request);
    this.#port?.post({ kind: "answer", from: to, answer });
  }

  async #keep(sealed: Extract<FromEngine, { kind: "sealed" }>): Promise<void> {
    const { target, seal, origin } = sealed;
    this.#schedule.sealed(target);
    if (origin !== "stored") this.figures[origin] += 1;
    if (origin === "made") this.#notify("all", target, seal);
    this.#plan();
    const at = target.kind === "test" ? TEST_SEAL_HEIGHT : target.height;
    if (origin !== "stored") await this.#parts.store.seals.save(at, seal);
    if (target.kind === "header") this.#parts.waiters.sealed(target.height);
  }

  /** Begins the target that is due, one at a time, because a newer target would end the session of the current one. */
  #plan(): void {
    const { system } = this.#parts;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#coordinating || this.#port === undefined) return;
    const target = this.#schedule.takeDue(system.monotonic());
    if (target !== undefined) {
      this.#coordinating = true;
      this.#port.post({ kind: "coordinate", target });
      return;
    }
    const due = this.#schedule.nextDue;
    if (due === undefined) return;
    this.#cancelTimer = system.after(Math.max(due - system.monotonic(), 1), () => this.#plan());
  }

  #setTick(at: number | undefined): void {
    const { system } = this.#parts;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    if (at === undefined) return;
    this.#cancelTick = system.after(at - system.monotonic(), () =>
      this.#port?.post({ kind: "tick" }),
    );
  }
}

/** The final headers that may still need a seal or may be asked about: from the last milestone to the tip. */
function recentFrom(tip: Height): Height {
  let from: number = tip;
  while (from > 1 && !isMilestone(height(from))) from -= 1;
  return height(Math.max(1, from));
}
