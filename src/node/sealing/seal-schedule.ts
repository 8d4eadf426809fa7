/**
 * Decides which targets need a seal from this node now (S3). The tip and the milestones take turns, and a milestone that
 * comes to nothing is tried ever more rarely. The node's rank decides how long it lets others go
 * first. It does not wait for a member that is known to be gone, because the link is down or the member's turn passed
 * in silence, so an absent member costs a turn once. A mistake only costs work: several nodes may coordinate at once.
 */
import { LIMITS } from "../../primitives/limits.ts";
import { type Height, height, type ValidatorIndex } from "../../primitives/numbers.ts";
import { coordinatorOf, covers, rankOf, type SealTarget, startsAt } from "../../seal/target.ts";
import type { PeerLinks } from "../../transport/peer-links.ts";

interface Wanted {
  readonly target: SealTarget;
  /** The time at which it became sealable, milliseconds. */
  readonly since: number;
  /** Earliest time of this node's next try, milliseconds. */
  notBefore: number;
  /** The number of tries so far. */
  tries: number;
}

/** The longest pause between two tries of a milestone, in rounds of ranks. */
const ROUNDS_MAX = 16;

export interface ScheduleParts {
  readonly self: ValidatorIndex;
  readonly validators: number;
  readonly sealTimeoutMs: number;
  readonly links: Pick<PeerLinks, "isConnected">;
}

export class SealSchedule {
  readonly #parts: ScheduleParts;
  #wanted: Wanted[] = [];
  /** The time of the last sign of a coordinator, milliseconds. */
  readonly #heardAt = new Map<ValidatorIndex, number>();
  /** Members whose turn passed in silence and that have not been heard since. */
  readonly #silent = new Set<ValidatorIndex>();
  #isTipsTurn = false;

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
  }

  /** Targets that want a seal. */
  get size(): number {
    return this.#wanted.length;
  }

  /** Adds a sealable target. A newer tip replaces an older target, except multiples of the interval. */
  want(target: SealTarget, now: number): void {
    if (target.kind === "header") {
      this.#wanted = this.#wanted.filter(
        (one) => one.target.kind === "test" || isMilestone(one.target.height),
      );
    }
    this.#wanted.push({ target, since: now, notBefore: now, tries: 0 });
  }

  /** A peer coordinates or sent a seal: it is up. */
  heard(peer: ValidatorIndex, now: number): void {
    this.#heardAt.set(peer, now);
    this.#silent.delete(peer);
  }

  /** A seal exists: the targets that it covers need no other. Milestones get seals of their own. */
  sealed(target: SealTarget): void {
    this.#wanted = this.#wanted.filter((one) => {
      const milestone = one.target.kind === "header" && isMilestone(one.target.height);
      if (!covers(one.target, target)) return true;
      return milestone && target.kind === "header" && target.height !== one.target.height;
    });
  }

  /** The most urgent due target. It is put off by a full round of ranks or more, in case the session fails. */
  takeDue(now: number): SealTarget | undefined {
    const due = this.#wanted.filter((one) => this.#dueAt(one) <= now);
    const test = due.find((one) => one.target.kind === "test");
    const testWanted = this.#wanted.some((one) => one.target.kind === "test");
    const next = test ?? (testWanted ? undefined : this.#mostUrgent(due));
    if (next === undefined) return undefined;
    this.#noteSilence(next);
    const rounds = isMilestoneTarget(next.target) ? Math.min(2 ** next.tries, ROUNDS_MAX) : 1;
    next.tries += 1;
    next.notBefore = now + rounds * this.#parts.validators * this.#parts.sealTimeoutMs;
    return next.target;
  }

  /** Of the milestones the one that has been due the longest. None of them can hold up the tip, nor the tip them. */
  #mostUrgent(due: readonly Wanted[]): Wanted | undefined {
    const tip = due.find(({ target }) => !isMilestoneTarget(target));
    let [milestone, since] = [undefined as Wanted | undefined, Number.POSITIVE_INFINITY];
    for (const one of due) {
      const dueAt = this.#dueAt(one);
      if (isMilestoneTarget(one.target) && dueAt < since) [milestone, since] = [one, dueAt];
    }
    const next = this.#isTipsTurn ? (tip ?? milestone) : (milestone ?? tip);
    if (next !== undefined) this.#isTipsTurn = next === milestone;
    return next;
  }

  /** The time at which the next target is due; until the test message has its seal, no other target is. */
  get nextDue(): number | undefined {
    const tests = this.#wanted.filter((one) => one.target.kind === "test");
    const times = (tests.length > 0 ? tests : this.#wanted).map((one) => this.#dueAt(one));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Counted from when the target became sealable, after the turns of earlier members that may be up. */
  #dueAt({ target, since, notBefore }: Wanted): number {
    const waitedFor = this.#before(target).filter(
      (peer) => !this.#silent.has(peer) && this.#parts.links.isConnected(peer),
    );
    return Math.max(startsAt(since, waitedFor.length, this.#parts.sealTimeoutMs), notBefore);
  }

  /** True if it is this node's turn: all earlier members had theirs. */
  #noteSilence({ target, since }: Wanted): void {
    for (const peer of this.#before(target)) {
      if ((this.#heardAt.get(peer) ?? Number.NEGATIVE_INFINITY) < since) this.#silent.add(peer);
    }
  }

  /** The members whose turn comes before this node's. */
  #before(target: SealTarget): ValidatorIndex[] {
    const { self, validators } = this.#parts;
    const count = rankOf(target, self, validators);
    return Array.from({ length: count }, (_, rank) => coordinatorOf(target, rank, validators));
  }
}

export function isMilestone(at: Height): boolean {
  return at % LIMITS.sealInterval === 0;
}

function isMilestoneTarget(target: SealTarget): boolean {
  return target.kind === "header" && isMilestone(target.height);
}

/** The store keeps the sealed test message at the genesis height, where no header is sealed. */
export const TEST_SEAL_HEIGHT = height(0);
