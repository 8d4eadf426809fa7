/**
 * The last few addresses at which each member has proved its identity, in dials of either side: connections from
 * these are admitted separately from those of strangers.
 */
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { RecencyMap } from "../primitives/recency-map.ts";
import { callerPrefix } from "./call-bounds.ts";

export class MemberAddresses {
  readonly #prefixes = new Map<ValidatorIndex, RecencyMap<string, true>>();

  /** `member` has proved its identity on a connection with this address. */
  add(member: ValidatorIndex, remoteAddress: string): void {
    const own = this.#prefixes.get(member) ?? new RecencyMap();
    this.#prefixes.set(member, own);
    own.set(callerPrefix({ remoteAddress }), true);
    for (const [oldest] of own) {
      if (own.size <= LIMITS.addressesOfMemberMax) break;
      own.delete(oldest);
    }
  }

  /** The members that were seen at this address, or in the same IPv6 network. */
  membersAt(prefix: string): number {
    let members = 0;
    for (const own of this.#prefixes.values()) if (own.has(prefix)) members += 1;
    return members;
  }
}
