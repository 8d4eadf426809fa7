/**
 * Sealing as the node does it: tells the engine what is final, decides what this node coordinates and when, and
 * carries requests and answers between the engine and the peers. It never touches consensus (S1).
 */

import { assert, unreachable } from "../../primitives/assert.ts";
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { type Epoch, type Height, height, type ValidatorIndex } from "../../primitives/numbers.ts";
import type { Signature } from "../../primitives/signature.ts";
import type { SealAnswer, SealRequest } from "../../seal/messages.ts";
import type { SealKey } from "../../seal/seal-key.ts";
import type { SealTarget } from "../../seal/target.ts";
import type { Seals } from "../../storage/contracts.ts";
import type { System } from "../base/system.ts";
import type { CeremonyKeys } from "./ceremony-keys.ts";
import type { FromEngine } from "./seal-engine.ts";
import { isMilestone, SealSchedule, TEST_SEAL_HEIGHT } from "./seal-schedule.ts";
import type { EnginePort, OpenEngine } from "./seal-thread.ts";

export interface SealDriverParts {
  readonly self: ValidatorIndex;
  readonly validators: number;
  readonly run: number;
  readonly sealTimeoutMs: number;
  /** Whether the link to a peer is up; tell `linksChanged` when that is no more so. */
  readonly isLinked: (peer: ValidatorIndex) => boolean;
  readonly system: System;
  readonly seals: Seals;
  readonly openEngine: OpenEngine;
  /** Asks a peer; undefined if no answer came. */
  readonly ask: (to: ValidatorIndex, request: SealRequest) => Promise<SealAnswer | undefined>;
  /** Tells peers of a seal; to one, or to all. */
  readonly notify: (to: ValidatorIndex | "all", target: SealTarget, seal: Signature) => void;
  readonly blame: (member: ValidatorIndex, reason: string) => void;
  /** A seal is stored. */
  readonly onSealed: (height: Height) => void;
  readonly fail: (error: unknown) => void;
}

/** How much longer than its first patience a coordinator ever waits for one answer. */
const PATIENCE_GROWTH = 8;

/** The committed chain as far as sealing looks at it. */
export interface SealedChain {
  readonly tip: () => Height;
  /** What lies below was taken over with a snapshot, not computed: this node countersigns none of it. */
  readonly computedFrom: Height;
  readonly header: (at: Height) => Promise<Bytes | undefined>;
}

export class SealDriver {
  readonly #parts: SealDriverParts;
  readonly #schedule: SealSchedule;
  readonly #waiting = new Map<number, (answer: SealAnswer | undefined) => void>();
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
    this.#schedule = new SealSchedule(parts);
  }

  get isOpen(): boolean {
    return this.#epoch !== undefined;
  }

  /** Whether this node has a share of the key; undefined as long as it has not looked. */
  get hasShare(): boolean | undefined {
    return this.#hasShare;
  }

  /**
   * The key is final: from here on headers are sealed. Wanted are all milestones without a seal, from before the key
   * too, and what came after the last milestone.
   */
  async open(key: SealKey, keys: CeremonyKeys, chain: SealedChain): Promise<void> {
    assert(this.#epoch === undefined, "one key at a time");
    const { epoch } = key.context;
    this.#epoch = epoch;
    const { self, run, sealTimeoutMs: patienceMs, openEngine, fail, seals } = this.#parts;
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
    const first = Math.ceil(chain.computedFrom / sealInterval) * sealInterval;
    for (let at = first; at < chain.tip(); at += sealInterval) {
      if ((await seals.load(height(at))) === undefined) await this.#reopen(height(at), chain);
    }
    const recent = Math.max(recentFrom(chain.tip()), chain.computedFrom);
    for (let at = recent; at <= chain.tip(); at++) {
      await this.#reopen(height(at), chain);
    }
    this.#plan();
  }

  /** Begins and says nothing more; whoever waits for an answer gets none. */
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

  /** A link went down: whoever was behind it is not waited for. */
  linksChanged(): void {
    this.#plan();
  }

  /** A peer says that this is a seal; the engine finds out. */
  received(from: ValidatorIndex, target: SealTarget, seal: Signature): void {
    this.#schedule.heard(from, this.#parts.system.monotonic());
    if (target.epoch === this.#epoch) this.#port?.post({ kind: "seal", target, seal, from });
  }

  /** A coordinator asks for a share or a commitment; undefined while there is no key here. */
  answer(from: ValidatorIndex, request: SealRequest): Promise<SealAnswer | undefined> {
    const port = this.#port;
    this.#schedule.heard(from, this.#parts.system.monotonic());
    if (port === undefined) return Promise.resolve(undefined);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      port.post({ kind: "request", id, from, request });
    });
  }

  async #reopen(at: Height, chain: SealedChain): Promise<void> {
    const epoch = this.#epoch;
    const bytes = await chain.header(at);
    assert(epoch !== undefined && bytes !== undefined, "the chain below its tip is stored");
    this.#port?.post({ kind: "header", height: at, bytes });
    const target = { kind: "header", epoch, height: at } as const;
    const seal = await this.#parts.seals.load(at);
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
        this.#parts.notify(message.to, message.target, message.seal);
        return;
      case "blamed":
        this.#parts.blame(message.member, message.reason);
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

  async #ask(to: ValidatorIndex, request: SealRequest): Promise<void> {
    const answer = await this.#parts.ask(to, request);
    this.#port?.post({ kind: "answer", from: to, answer });
  }

  async #keep(sealed: Extract<FromEngine, { kind: "sealed" }>): Promise<void> {
    const { target, seal, origin } = sealed;
    this.#schedule.sealed(target);
    if (origin === "made") this.#parts.notify("all", target, seal);
    this.#plan();
    const at = target.kind === "test" ? TEST_SEAL_HEIGHT : target.height;
    if (origin !== "stored") await this.#parts.seals.save(at, seal);
    if (target.kind === "header") this.#parts.onSealed(target.height);
  }

  /** Begins what is due, one target at a time: a newer one would end the session of the one under way. */
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

/** The final headers that may still want a seal or be asked about: from the last milestone to the tip. */
function recentFrom(tip: Height): Height {
  let from: number = tip;
  while (from > 1 && !isMilestone(height(from))) from -= 1;
  return height(Math.max(1, from));
}
