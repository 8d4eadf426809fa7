/** The addresses from which a credential was valid: the last few of each principal, so that none takes the room of others. */
import type { Principal } from "../access/principal.ts";
import { KeyCounts } from "../primitives/key-counts.ts";
import { LIMITS } from "../primitives/limits.ts";
import { RecencyMap } from "../primitives/recency-map.ts";

export class KnownAddresses {
  readonly #ofPrincipals = new RecencyMap<Principal, RecencyMap<string, true>>();
  /** The number of principals of an address. */
  readonly #principals = new KeyCounts<string>();

  has(address: string): boolean {
    return this.#principals.of(address) > 0;
  }

  add(address: string, principal: Principal): void {
    const own = this.#ofPrincipals.get(principal) ?? new RecencyMap<string, true>();
    this.#ofPrincipals.set(principal, own);
    if (!own.has(address)) this.#principals.add(address);
    own.set(address, true);
    this.#shrink(own, LIMITS.knownAddressesOfPrincipalMax);
    for (const [oldest, addresses] of this.#ofPrincipals) {
      if (this.#ofPrincipals.size <= LIMITS.clientsRemembered) return;
      this.#shrink(addresses, 0);
      this.#ofPrincipals.delete(oldest);
    }
  }

  #shrink(addresses: RecencyMap<string, true>, max: number): void {
    for (const [oldest] of addresses) {
      if (addresses.size <= max) return;
      addresses.delete(oldest);
      this.#principals.add(oldest, -1);
    }
  }
}
