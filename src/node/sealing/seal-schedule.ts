/**
 * Decides which targets want a seal from this node now: its rank decides how long others come first (S3). A member
 * that is known to be gone, because the link to it is down or its turn passed in silence, is not waited for: a node
 * that stays away costs a turn once. A mistake in this costs work, and nothing else: several nodes may coordinate at
 * once.
 */
import { LIMITS } from "../../primitives/limits.ts";
import { type Height, height, type ValidatorIndex } from "../../primitives/numbers.ts";
import { coordinatorOf, covers, rankOf, type SealTarget, startsAt } from "../../seal/target.ts";
import type { PeerLinks } from "../../transport/peer-links.ts";

interface Wanted {
  readonly target: SealTarget;
  /** When it became sealable, milliseconds. */
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
  /** When something of a coordinator was last heard, milliseconds. */
  readonly #heardAt = new Map<ValidatorIndex, number>();
  /** Those whose turn passed in silence, and who have not been heard since. */
  readonly #silent = new Set<ValidatorIndex>();

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
  }

  /** A target became sealable. A newer tip makes an older one unwanted, but for multiples of the interval. */
  want(target: SealTarget, now: number): void {
    if (target.kind === "header") {
      this.#wanted = this.#wanted.filter(
        (one) => one.target.kind === "test" || isMilestone(one.target.height),
      );
    }
    this.#wanted.push({ target, since: now, notBefore: now });
  }

  /** A peer coordinates, or brought a seal: it is there. */
  heard(peer: ValidatorIndex, now: number): void {
    this.#heardAt.set(peer, now);
    this.#silent.delete(peer);
  }

  /** A seal holds: targets that it covers need no other. Milestones are sealed by themselves. */
  sealed(target: SealTarget): void {
    this.#wanted = this.#wanted.filter((one) => {
      const milestone = one.target.kind === "header" && isMilestone(one.target.height);
      if (!covers(one.target, target)) return true;
      return milestone && target.kind === "header" && target.height !== one.target.height;
    });
  }

  /** The most urgent target that is due, put off by a full round of ranks in case it comes to nothing. */
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

  /** When something is due next; nothing is before the test message has its seal. */
  get nextDue(): number | undefined {
    const tests = this.#wanted.filter((one) => one.target.kind === "test");
    const times = (tests.length > 0 ? tests : this.#wanted).map((one) => this.#dueAt(one));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Counted from when the target became sealable, after the turns of those before this node who may be there. */
  #dueAt({ target, since, notBefore }: Wanted): number {
    const waitedFor = this.#before(target).filter(
      (peer) => !this.#silent.has(peer) && this.#parts.links.isConnected(peer),
    );
    return Math.max(startsAt(since, waitedFor.length, this.#parts.sealTimeoutMs), notBefore);
  }

  /** It is this node's turn: those before it had theirs. */
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

/** Where the store keeps the sealed test message: no header is sealed at the genesis height. */
export const TEST_SEAL_HEIGHT = height(0);
