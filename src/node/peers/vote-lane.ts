/**
 * Selects the votes that are checked before everything else: the first vote of each kind that a member gives in the
 * current view or beside it (T4). A member whose vote fails the check has lied about its own signature, and loses
 * that right for a while.
 */
import type { Message } from "../../consensus/message.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { ValidatorIndex, View } from "../../primitives/numbers.ts";
import type { Vote } from "../../primitives/vote.ts";

interface Member {
  /** `view/kind` of the votes admitted in the last few views. */
  readonly seen: Set<string>;
  barredUntil: number;
}

export class VoteLane {
  readonly #members = new Map<ValidatorIndex, Member>();
  readonly #now: () => number;

  /** `now` reads the monotonic clock. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** True if `message`, of the member `from`, may be checked at once while this node is in `current`. */
  admits(from: ValidatorIndex, message: Message, current: View): boolean {
    const vote = voteOf(message);
    if (vote?.signer !== from || Math.abs(vote.view - current) > 1) return false;
    const member = this.#memberOf(from);
    if (member.barredUntil > this.#now()) return false;
    const name = `${vote.view}/${vote.kind}`;
    if (member.seen.has(name)) return false;
    member.seen.add(name);
    // Three views with three kinds each; votes of a few earlier views are remembered too.
    for (const oldest of member.seen) {
      if (member.seen.size <= LIMITS.laneVotesRemembered) break;
      member.seen.delete(oldest);
    }
    return true;
  }

  /** A vote of `from` that was admitted here has failed its check. */
  bar(from: ValidatorIndex): void {
    this.#memberOf(from).barredUntil = this.#now() + LIMITS.laneBarredMs;
  }

  #memberOf(from: ValidatorIndex): Member {
    const known = this.#members.get(from) ?? { seen: new Set(), barredUntil: 0 };
    this.#members.set(from, known);
    return known;
  }
}

function voteOf(message: Message): Vote | undefined {
  switch (message.kind) {
    case "vote":
    case "nullify":
      return message.vote;
    case "proposal":
      return message.proposal.vote;
    default:
      return undefined;
  }
}
