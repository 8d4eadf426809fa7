/**
 * Leaders whose turns are skipped (R5): silent ones, of which nothing is seen, and failing ones, which vote but do
 * not propose in time. A node judges a failing leader by its turns, and tries it again ever more rarely.
 */
import type { ValidatorIndex } from "../primitives/numbers.ts";

export class SilentLeaders {
  readonly #validators: number;
  /** Counts the views this process took part in; the one it starts in is the first. */
  #turn = 1;
  /** The turn in which a message of each validator was last seen. At the start no validator counts as silent. */
  readonly #heard: number[];

  constructor(validators: number) {
    this.#validators = validators;
    this.#heard = new Array<number>(validators).fill(1);
  }

  enteredView(): void {
    this.#turn += 1;
  }

  /** A vote or proposal of `validator` was seen, alone or inside a certificate. */
  hear(validator: ValidatorIndex): void {
    this.#heard[validator] = this.#turn;
  }

  /** True if nothing of `validator` was seen in the last n whole views. */
  isSilent(validator: ValidatorIndex): boolean {
    return this.#turn - (this.#heard[validator] ?? 0) > this.#validators;
  }
}

/** Unforgiven failed turns at which a leader counts as failing. */
const FAILED_TURNS_MAX = 3;
/** Number of timely turns that forgive one failed turn, so that a leader may fail in only a small share of its turns. */
const TURNS_TO_FORGIVE = 16;
const OWED_MAX = FAILED_TURNS_MAX * TURNS_TO_FORGIVE;
/** The largest debt at which no turn is skipped. */
const OWED_BEFORE = OWED_MAX - TURNS_TO_FORGIVE;
/** Number of turns skipped before the next trial: the first time, and at most. */
const SKIPPED_TURNS_MIN = 16;
const SKIPPED_TURNS_MAX = 256;
/** The factor by which that number grows each time, and shrinks when a failed turn is forgiven. */
const SKIPPED_TURNS_FACTOR = 4;
/** Number of timely turns after a failed one during which proposals are still relayed to the leader (R32). */
const RELAYED_TURNS = 64;
/** A proposal is late after this many times the median latency of all leaders. */
const LATENESS_FACTOR = 4;

interface Leader {
  /** Timely turns until all is forgiven. */
  owed: number;
  /** A skip that others did not share was given up, and not all is forgiven since. */
  isPardoned: boolean;
  /** It brought nothing in time when it was waited for although it is failing; until a failed turn is forgiven. */
  isWaitedInVain: boolean;
  /** Turns that are judged until the next trial. */
  skip: number;
  /** The number of turns to skip the next time. */
  nextSkip: number;
  /** Timely turns until no proposal is relayed to it any more. */
  relayed: number;
  /** The latency of the newest proposal, milliseconds. */
  latencyMs: number;
}

/** A turn that is over, as this node saw it. */
export interface Turn {
  /** The time for which it waited with operations to order, milliseconds. */
  readonly waitedMs: number;
  /** The time from the beginning of the wait to a valid proposal; undefined if none came. */
  readonly latencyMs: number | undefined;
  /** Of the view. */
  readonly timeoutMs: number;
  /** It said nullify at once, because the leader is failing. */
  readonly isSkipped?: boolean;
}

export interface FailingLeadersBounds {
  readonly validators: number;
  /** Leaders that may count as failing at a time. */
  readonly faults: number;
  /** The shortest timeout of a view (R4), milliseconds. */
  readonly timeoutBaseMs: number;
}

export class FailingLeaders {
  readonly #leaders: readonly Leader[];
  readonly #faults: number;
  readonly #leastMs: number;

  constructor({ validators, faults, timeoutBaseMs }: FailingLeadersBounds) {
    this.#faults = faults;
    this.#leastMs = Math.floor(timeoutBaseMs / 8);
    this.#leaders = Array.from({ length: validators }, () => ({
      owed: 0,
      isPardoned: false,
      isWaitedInVain: false,
      skip: 0,
      nextSkip: SKIPPED_TURNS_MIN,
      relayed: 0,
      latencyMs: this.#leastMs,
    }));
  }

  isFailing(leader: ValidatorIndex): boolean {
    return (this.#leaders[leader]?.skip ?? 0) > 0;
  }

  /** True if it brought nothing in time when it was waited for although it is failing, and no failed turn of it is forgiven since. */
  isWaitedInVain(leader: ValidatorIndex): boolean {
    return this.#leaders[leader]?.isWaitedInVain ?? false;
  }

  /** R32: true if it failed lately, so that it may lack the proposals before its turns. */
  needsRelay(leader: ValidatorIndex): boolean {
    return (this.#leaders[leader]?.relayed ?? 0) > 0;
  }

  /** The time in which a usual proposal comes, milliseconds: f faulty leaders cannot move it beyond what honest ones take. */
  get usualMs(): number {
    const latencies = this.#leaders.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
    return LATENESS_FACTOR * (latencies[Math.floor(latencies.length / 2)] ?? 0);
  }

  /** The longest latency of a timely proposal, milliseconds; never above `timeoutMs`, the view's. */
  lateAfterMs(timeoutMs: number): number {
    return Math.min(timeoutMs, Math.max(this.#leastMs, this.usualMs));
  }

  /**
   * Judges a turn of `leader` that is over. While it is failing, each is one less until the next trial, and none is blamed.
   */
  judgeTurn(leader: ValidatorIndex, turn: Turn): void {
    const known = this.#leaders[leader];
    if (known === undefined) return;
    const wasFailing = known.skip > 0;
    const lateAfterMs = this.lateAfterMs(turn.timeoutMs);
    if (wasFailing) known.skip -= 1;
    if (turn.latencyMs !== undefined) known.latencyMs = turn.latencyMs;
    if (turn.latencyMs !== undefined && turn.latencyMs <= lateAfterMs) {
      this.#forgive(known);
    } else if (turn.latencyMs !== undefined || turn.waitedMs >= lateAfterMs) {
      if (!wasFailing) this.#blame(known);
      else if (!turn.isSkipped) known.isWaitedInVain = true;
    }
  }

  /**
   * Others wait for `leader`: its turns are no longer skipped, and the last failed one is forgiven. False, and nothing changes, if that
   * happened before and not all is forgiven since: otherwise a leader that never proposes would be skipped by one node after the other.
   */
  pardon(leader: ValidatorIndex): boolean {
    const known = this.#leaders[leader];
    if (known === undefined || known.isPardoned || known.skip === 0) return false;
    known.isPardoned = true;
    known.owed = OWED_BEFORE;
    known.isWaitedInVain = false;
    known.skip = 0;
    return true;
  }

  /**
   * Forgives slowly: if one timely proposal forgave a failed turn, a leader could fail in two turns of three without
   * being skipped.
   */
  #forgive(leader: Leader): void {
    leader.relayed = Math.max(0, leader.relayed - 1);
    if (leader.owed === 0) return;
    leader.owed -= 1;
    if (leader.owed === 0) leader.isPardoned = false;
    leader.skip = Math.min(leader.skip, Math.max(0, leader.owed - OWED_BEFORE));
    if (leader.owed % TURNS_TO_FORGIVE !== 0) return;
    leader.isWaitedInVain = false;
    const shorter = Math.floor(leader.nextSkip / SKIPPED_TURNS_FACTOR);
    leader.nextSkip = Math.max(SKIPPED_TURNS_MIN, shorter);
  }

  /** If more than f leaders fail, the network is slow, and no further one is skipped. */
  #blame(leader: Leader): void {
    leader.relayed = RELAYED_TURNS;
    leader.owed = Math.min(OWED_MAX, leader.owed + TURNS_TO_FORGIVE);
    if (leader.owed <= OWED_BEFORE) return;
    if (this.#leaders.filter(({ skip }) => skip > 0).length >= this.#faults) return;
    leader.skip = leader.nextSkip;
    leader.nextSkip = Math.min(SKIPPED_TURNS_MAX, leader.nextSkip * SKIPPED_TURNS_FACTOR);
  }
}
