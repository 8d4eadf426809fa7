/** The sockets of the peer listener, and the tenth of them that strangers may hold (T2). */
import { LIMITS } from "../primitives/limits.ts";

/** In a network of this many members. */
export function peerSockets(members: number): { readonly all: number; readonly strangers: number } {
  const { connectionsPerMemberMax, addressesOfMemberMax, unprovenPerMemberAddressMax } = LIMITS;
  const ofMember = connectionsPerMemberMax + addressesOfMemberMax * unprovenPerMemberAddressMax;
  const all = Math.max(LIMITS.peerSocketsMin, Math.ceil((members * ofMember * 10) / 9));
  return { all, strangers: Math.floor(all / 10) };
}
