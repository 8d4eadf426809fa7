/**
 * Addresses of members: those that the genesis or the configuration announces, as they resolve, and the last few at which
 * each member has proved its identity, in dials of either side. Connections from these are admitted separately from those
 * of strangers.
 */
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { RecencyMap } from "../primitives/recency-map.ts";
import { callerPrefix } from "./call-bounds.ts";

export class MemberAddresses {
  /** The announced ones are replaced only by a new resolution, so no proof elsewhere pushes them out. */
  readonly #announced = new Map<ValidatorIndex, ReadonlySet<string>>();
  readonly #prefixes = new Map<ValidatorIndex, RecencyMap<string, true>>();

  /** The address to dial `member` resolves to these now. */
  announce(member: ValidatorIndex, addresses: readonly string[]): void {
    const prefixes = addresses.map((remoteAddress) => callerPrefix({ remoteAddress }));
    this.#announced.set(member, new Set(prefixes.slice(0, LIMITS.announcedAddressesOfMemberMax)));
  }

  /** `member` has proved its identity on a connection with this address. */
  add(member: ValidatorIndex, remoteAddress: string): void {
    const own = this.#prefixes.get(member) ?? new RecencyMap();
    this.#prefixes.set(member, own);
    own.remember(callerPrefix({ remoteAddress }), true, LIMITS.addressesOfMemberMax);
  }

  /** The members that are announced or were seen at this address, or in the same IPv6 network. */
  membersAt(prefix: string): number {
    const members = new Set<ValidatorIndex>();
    for (const [member, own] of this.#prefixes) if (own.has(prefix)) members.add(member);
    for (const [member, own] of this.#announced) if (own.has(prefix)) members.add(member);
    return members.size;
  }
}
