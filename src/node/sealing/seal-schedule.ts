/**
 * Decides which targets need a seal from this node now (S3). The node's rank decides how long it lets others go
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
}

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
    this.#wanted.push({ target, since: now, notBefore: now });
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

  /** The most urgent due target. It is put off by a full round of ranks, in case the session fails. */
  takeDue(now: number): SealTarget | undefined {
    const due = this.#wanted.filter((one) => this.#dueAt(one) <= now);
    const test = due.find((one) => one.target.kind === "test");
    const testWanted = this.#wanted.some((one) => one.target.kind === "test");
    const next = test ?? (testWanted ? undefined : due[0]);
    if (next === undefined) return undefined;
    this.#noteSilence(next);
    next.notBefore = now + this.#parts.validators * this.#parts.sealTimeoutMs;
    return next.target;
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

/** The store keeps the sealed test message at the genesis height, where no header is sealed. */
export const TEST_SEAL_HEIGHT = height(0);
