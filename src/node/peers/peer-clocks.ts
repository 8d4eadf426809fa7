/**
 * Reads the clocks of this node's peers now and then. It keeps the lead of each over this node's monotonic clock, so
 * that the error of the wall clock is right at once after that clock is set (T8).
 */
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import { type ClockReading, clockError, clockOffset } from "./clock-error.ts";
import type { PeerContacts } from "./peer-contacts.ts";

export interface PeerClocksParts {
  readonly contacts: Pick<PeerContacts, "others" | "readClock"> & {
    readonly links: Pick<PeerContacts["links"], "isConnected">;
  };
  /** f: the number of peers that may answer anything. */
  readonly faults: number;
  /** D: if a node's clock is off by more, its blocks get no votes (R11). */
  readonly clockSkewMs: number;
  readonly system: System;
  readonly log: Log;
}

interface Sample {
  /** Lead of the peer's wall clock over this node's monotonic clock. */
  readonly lead: number;
  readonly errorMs: number;
  readonly at: number;
}

type Standing = "right" | "doubtful" | "wrong";

const EVERY_MS = 10_000;
/** Answers that take longer are too inexact. */
const ANSWER_MS = 2_000;
/** The largest drift between two clocks meanwhile: more than ten times the usual one. */
const DRIFT = 0.001;
/** A peer that has not answered for this long may have set its clock since. */
const KEPT_MS = 35_000;

export class PeerClocks {
  readonly #parts: PeerClocksParts;
  readonly #samples = new Map<ValidatorIndex, Sample>();
  readonly #asked = new Set<ValidatorIndex>();
  #standing: Standing = "right";
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(parts: PeerClocksParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#cancel = this.#parts.system.after(EVERY_MS, () => {
      this.askAll();
      this.start();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  askAll(): void {
    const { others, links } = this.#parts.contacts;
    for (const peer of others) if (links.isConnected(peer)) void this.ask(peer);
    this.#note();
  }

  /** Asks one linked peer; one question at a time. */
  async ask(peer: ValidatorIndex): Promise<void> {
    const { contacts, system } = this.#parts;
    if (this.#stopped || this.#asked.has(peer)) return;
    this.#asked.add(peer);
    const sent = system.monotonic();
    const limits = { timeoutMs: ANSWER_MS };
    const theirs = await contacts.readClock(peer, limits);
    const at = system.monotonic();
    this.#asked.delete(peer);
    if (this.#stopped || theirs === undefined || at - sent > ANSWER_MS) return;
    // The peer read its clock at some moment in between, and readings are whole milliseconds.
    this.#samples.set(peer, { lead: theirs - (sent + at) / 2, errorMs: (at - sent) / 2 + 1, at });
    this.#note();
  }

  /** Lead of this node's wall clock over its peers', if it exceeds the tolerance of blocks; negative if it is behind. */
  get errorMs(): number | undefined {
    return this.#error(this.#parts.clockSkewMs);
  }

  /** Lead over the peers' clocks by their answers; undefined while too few have answered. */
  get offsetMs(): number | undefined {
    const offset = clockOffset(this.#readings(), this.#parts);
    return offset === undefined ? undefined : Math.round(offset);
  }

  /** Lead of a peer's clock over the own one; undefined if it has not told lately. */
  aheadMsOf(peer: ValidatorIndex): number | undefined {
    const { system } = this.#parts;
    const sample = this.#samples.get(peer);
    const now = system.monotonic();
    if (sample === undefined || now - sample.at > KEPT_MS) return undefined;
    return Math.round(sample.lead - (system.wall() - now));
  }

  #error(limitMs: number): number | undefined {
    const { faults } = this.#parts;
    const error = clockError(this.#readings(), { faults, limitMs });
    return error === undefined ? undefined : Math.round(error);
  }

  #readings(): ClockReading[] {
    const { system } = this.#parts;
    const now = system.monotonic();
    const lead = system.wall() - now;
    return [...this.#samples.values()]
      .filter(({ at }) => now - at <= KEPT_MS)
      .map(({ lead: theirs, errorMs, at }) => ({
        aheadMs: lead - theirs,
        errorMs: errorMs + (now - at) * DRIFT,
      }));
  }

  /** Logs changes. */
  #note(): void {
    const { clockSkewMs, log } = this.#parts;
    const aheadMs = this.errorMs ?? this.#error(clockSkewMs / 2);
    const standing = standingOf(aheadMs, this.errorMs);
    if (standing === this.#standing) return;
    this.#standing = standing;
    const told = { aheadMs, clockSkewMs };
    if (standing === "wrong") {
      log.error(told, "this node's clock is wrong: the node is not ready until the clock is set");
    } else if (standing === "doubtful") {
      log.warn(
        told,
        "this node's clock differs from its peers' by more than half of the tolerance",
      );
    } else {
      log.info(
        { offsetMs: this.offsetMs, clockSkewMs },
        "this node's clock agrees with its peers'",
      );
    }
  }
}

function standingOf(doubtMs: number | undefined, errorMs: number | undefined): Standing {
  if (errorMs !== undefined) return "wrong";
  return doubtMs === undefined ? "right" : "doubtful";
}
